-- Plain rows of before there was a veil, veiled once; `door.veiled` says that it was done.

-- name: alone
SELECT pg_advisory_lock(7311, 0)

-- name: let_go
SELECT pg_advisory_unlock(7311, 0)

-- name: is_done
SELECT EXISTS (SELECT FROM door.veiled)

-- name: done
INSERT INTO door.veiled DEFAULT VALUES

-- name: people
SELECT p.account, p.email, p.password FROM door.people AS p FOR UPDATE

-- name: veil_people
UPDATE door.people AS p SET email = %(email)s, password = %(password)s, email_index = %(index)s WHERE p.account = %(account)s

-- name: sessions
SELECT s.id, s.account, s.ip, s.user_agent FROM door.sessions AS s FOR UPDATE

-- name: veil_sessions
UPDATE door.sessions AS s SET ip = %(ip)s, user_agent = %(user_agent)s WHERE s.id = %(id)s

-- name: second_steps
SELECT s.account, s.channel, s.secret FROM door.second_steps AS s WHERE s.secret IS NOT NULL FOR UPDATE

-- name: veil_second_steps
UPDATE door.second_steps AS s SET secret = %(secret)s WHERE s.account = %(account)s AND s.channel = %(channel)s

-- name: passkeys
SELECT k.id, k.account, k.name FROM door.passkeys AS k WHERE k.name IS NOT NULL FOR UPDATE

-- name: veil_passkeys
UPDATE door.passkeys AS k SET name = %(name)s WHERE k.id = %(id)s

-- name: devices
SELECT d.id, d.user_agent, d.hints, d.name FROM door.devices AS d FOR UPDATE

-- name: veil_devices
UPDATE door.devices AS d SET user_agent = %(user_agent)s, hints = %(hints)s, name = %(name)s WHERE d.id = %(id)s

-- name: links
SELECT l.id, l.name FROM door.links AS l FOR UPDATE

-- name: veil_links
UPDATE door.links AS l SET name = %(name)s WHERE l.id = %(id)s

-- name: secrets
SELECT s.name, s.value FROM door.secrets AS s FOR UPDATE

-- name: veil_secrets
UPDATE door.secrets AS s SET value = %(value)s WHERE s.name = %(name)s

-- name: webhooks
SELECT s.id, s.secret FROM webhooks.subscriptions AS s FOR UPDATE

-- name: veil_webhooks
UPDATE webhooks.subscriptions AS s SET secret = %(secret)s WHERE s.id = %(id)s

-- name: views
SELECT s.id, s.account, s.name, s.query FROM views.saved AS s FOR UPDATE

-- name: veil_views
UPDATE views.saved AS s SET name = %(name)s, query = %(query)s WHERE s.id = %(id)s

-- name: short_lived
-- Sign-ins under way and what was asked of somebody last minutes; they begin anew. Tries are counted by another hash.
DELETE FROM door.pending

-- name: short_lived_questions
DELETE FROM door.challenges

-- name: short_lived_tries
DELETE FROM door.attempts

-- name: sweep
-- Nothing plain stays in the files of the tables.
VACUUM (FULL) door.people, door.sessions, door.second_steps, door.passkeys, door.devices, door.links, door.secrets,
    door.pending, door.challenges, door.attempts, webhooks.subscriptions, views.saved
