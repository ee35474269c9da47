-- People who sign in here: passwords as hashes, second steps, sign-ins under way, devices; and links for auditors.
-- depends: 0021-sessions

CREATE TABLE door.people (
    account text PRIMARY KEY,
    email text NOT NULL,
    password text,
    made_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz
);
CREATE UNIQUE INDEX people_email ON door.people (lower(email)) WHERE ended_at IS NULL;

-- One-time links by which a person sets a password.
CREATE TABLE door.set_ups (
    sha256 bytea PRIMARY KEY,
    account text NOT NULL REFERENCES door.people (account),
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);

-- What a person is asked for after the password. `secret` and `last_used` are the authenticator app's.
CREATE TABLE door.second_steps (
    account text NOT NULL REFERENCES door.people (account),
    channel text NOT NULL CHECK (channel IN ('email', 'totp', 'passkey')),
    secret text,
    last_used bigint,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account, channel)
);

CREATE TABLE door.passkeys (
    id bytea PRIMARY KEY,
    account text NOT NULL REFERENCES door.people (account),
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    name text,
    made_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz
);
CREATE INDEX passkeys_account ON door.passkeys (account);

-- Sign-ins between the password and the second step.
CREATE TABLE door.pending (
    id text PRIMARY KEY,
    sha256 bytea NOT NULL UNIQUE,
    account text NOT NULL,
    device text NOT NULL,
    next text NOT NULL,
    expires_at timestamptz NOT NULL
);

-- What was asked of somebody and is answered once: a code sent, a secret shown, a challenge for a passkey.
CREATE TABLE door.challenges (
    holder text NOT NULL,
    purpose text NOT NULL,
    value bytea NOT NULL,
    tries integer NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (holder, purpose)
);

-- Tries that count against a limit; `about` is a hash of an account's name or of an address.
CREATE TABLE door.attempts (
    about bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX attempts_about ON door.attempts (about, at);

CREATE TABLE door.devices (
    id text PRIMARY KEY,
    user_agent text,
    hints jsonb NOT NULL DEFAULT '{}',
    name text,
    named_by text NOT NULL,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE door.devices_of_accounts (
    account text NOT NULL,
    device text NOT NULL REFERENCES door.devices (id),
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account, device)
);

-- Links for auditors from outside: they read, in named places, until a time.
CREATE TABLE door.links (
    id text PRIMARY KEY,
    sha256 bytea NOT NULL UNIQUE,
    name text NOT NULL,
    locations text[] NOT NULL,
    chains text[] NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
