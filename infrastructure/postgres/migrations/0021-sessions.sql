-- People who have signed in, until they sign out, are too long away, or are put out.
-- depends: 0020-door

CREATE TABLE door.sessions (
    id text PRIMARY KEY,
    sha256 bytea NOT NULL UNIQUE,
    account text NOT NULL,
    two_step text,
    device text NOT NULL,
    ip text,
    user_agent text,
    made_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX sessions_account ON door.sessions (account, made_at);

-- Accounts that read everything of a chain and change nothing.
CREATE TABLE door.auditors (
    account text NOT NULL,
    chain text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    PRIMARY KEY (account, chain)
);
