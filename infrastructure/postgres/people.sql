-- People who sign in here, from the first link to the second step.

-- name: add_person
INSERT INTO door.people (account, email, email_index) VALUES (%(account)s, %(email)s, %(index)s)
ON CONFLICT (account) DO UPDATE
SET email = excluded.email, email_index = excluded.email_index, password = NULL, ended_at = NULL
WHERE door.people.ended_at IS NOT NULL
RETURNING account

-- name: person
SELECT p.account, p.email, p.password
FROM door.people AS p
WHERE (p.account = %(account)s::text OR p.email_index = %(index)s) AND p.ended_at IS NULL
ORDER BY coalesce(p.account = %(account)s::text, false) DESC
LIMIT 1

-- name: people
SELECT p.account, p.email, p.password IS NOT NULL, p.made_at, p.ended_at,
    ARRAY (SELECT s.channel FROM door.second_steps AS s WHERE s.account = p.account ORDER BY s.channel)
FROM door.people AS p
ORDER BY p.account

-- name: forget_password
UPDATE door.people AS p SET password = NULL WHERE p.account = %s AND p.ended_at IS NULL RETURNING p.account

-- name: set_password
UPDATE door.people AS p SET password = %s WHERE p.account = %s AND p.ended_at IS NULL RETURNING p.account

-- name: end_person
UPDATE door.people AS p SET ended_at = now(), password = NULL
WHERE p.account = %s AND p.ended_at IS NULL
RETURNING p.account

-- name: end_set_ups
UPDATE door.set_ups AS s SET used_at = now() WHERE s.account = %s AND s.used_at IS NULL

-- name: make_set_up
INSERT INTO door.set_ups (sha256, account, expires_at) VALUES (%s, %s, now() + %s)

-- name: set_up
SELECT s.account
FROM door.set_ups AS s
JOIN door.people AS p ON p.account = s.account
WHERE s.sha256 = %s AND s.used_at IS NULL AND s.expires_at > now() AND p.ended_at IS NULL

-- name: use_set_up
UPDATE door.set_ups AS s SET used_at = now()
WHERE s.sha256 = %s AND s.used_at IS NULL AND s.expires_at > now()
RETURNING s.account

-- name: second_steps
SELECT s.channel FROM door.second_steps AS s WHERE s.account = %s ORDER BY s.channel

-- name: add_second_step
INSERT INTO door.second_steps (account, channel, secret, last_used)
VALUES (%(account)s, %(channel)s, %(secret)s, %(last_used)s)
ON CONFLICT (account, channel) DO UPDATE SET secret = excluded.secret, last_used = excluded.last_used, made_at = now()
RETURNING account

-- name: drop_second_step
DELETE FROM door.second_steps AS s WHERE s.account = %s AND s.channel = %s RETURNING s.channel

-- name: drop_all_second_steps
DELETE FROM door.second_steps AS s WHERE s.account = %s RETURNING s.channel

-- name: app
SELECT s.secret FROM door.second_steps AS s WHERE s.account = %s AND s.channel = 'totp'

-- name: use_app
UPDATE door.second_steps AS s SET last_used = %(at)s
WHERE s.account = %(account)s AND s.channel = 'totp' AND (s.last_used IS NULL OR s.last_used < %(at)s)
RETURNING s.account

-- name: add_passkey
INSERT INTO door.passkeys (id, account, public_key, sign_count, name)
VALUES (%(id)s, %(account)s, %(public_key)s, %(sign_count)s, %(name)s)
ON CONFLICT (id) DO NOTHING
RETURNING id

-- name: passkey
SELECT k.public_key, k.sign_count FROM door.passkeys AS k WHERE k.id = %s AND k.account = %s

-- name: passkeys
SELECT k.id, k.name, k.made_at, k.used_at FROM door.passkeys AS k WHERE k.account = %s ORDER BY k.made_at, k.id

-- name: use_passkey
UPDATE door.passkeys AS k SET sign_count = %(sign_count)s, used_at = now()
WHERE k.id = %(id)s AND k.account = %(account)s AND (k.sign_count < %(sign_count)s OR k.sign_count = 0)
RETURNING k.id

-- name: drop_passkey
DELETE FROM door.passkeys AS k WHERE k.account = %s AND k.id = %s RETURNING k.id

-- name: drop_all_passkeys
DELETE FROM door.passkeys AS k WHERE k.account = %s

-- name: begin_pending
INSERT INTO door.pending (id, sha256, account, device, next, expires_at)
VALUES (%(id)s, %(sha256)s, %(account)s, %(device)s, %(next)s, now() + %(lasts)s)

-- name: pending
SELECT p.id, p.account, p.device, p.next FROM door.pending AS p WHERE p.sha256 = %s AND p.expires_at > now()

-- name: end_pending
DELETE FROM door.pending AS p WHERE p.id = %s AND p.expires_at > now() RETURNING p.account

-- name: end_pending_of
DELETE FROM door.pending AS p WHERE p.account = %s

-- name: sweep_pending
DELETE FROM door.pending AS p WHERE p.expires_at < now()

-- name: hold_challenge
INSERT INTO door.challenges (holder, purpose, value, tries, expires_at)
VALUES (%(holder)s, %(purpose)s, %(value)s, %(tries)s, now() + %(lasts)s)
ON CONFLICT (holder, purpose) DO UPDATE
SET value = excluded.value, tries = excluded.tries, expires_at = excluded.expires_at

-- name: try_challenge
UPDATE door.challenges AS c SET tries = c.tries - 1
WHERE c.holder = %s AND c.purpose = %s AND c.tries > 0 AND c.expires_at > now()
RETURNING c.value

-- name: challenge
SELECT c.value FROM door.challenges AS c WHERE c.holder = %s AND c.purpose = %s AND c.tries > 0 AND c.expires_at > now()

-- name: drop_challenge
DELETE FROM door.challenges AS c WHERE c.holder = %s AND c.purpose = %s AND c.value = %s RETURNING c.holder

-- name: sweep_challenges
DELETE FROM door.challenges AS c WHERE c.expires_at < now()

-- name: note_attempt
INSERT INTO door.attempts (about) VALUES (%(about)s)

-- name: count_attempts
SELECT count(*) FROM door.attempts AS a WHERE a.about = %(about)s AND a.at > now() - %(window)s

-- name: forgive_attempts
DELETE FROM door.attempts AS a WHERE a.about = %s

-- name: sweep_attempts
DELETE FROM door.attempts AS a WHERE a.at < now() - interval '1 day'
