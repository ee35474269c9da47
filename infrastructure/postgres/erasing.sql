-- Forgetting people: whom an erasure is about, and what lies beside the facts.

-- name: identity
SELECT i.id FROM door.identity AS i

-- name: places_of_account
-- Where lines lie that give an account access or link it, as far as lists are kept.
SELECT DISTINCT l.place FROM kept.log_lines AS l
WHERE l.by_about = ANY(%(keys)s::bigint[]) AND l.place < %(end)s

-- name: is_known
-- Whether any fact is of an account's own streams.
SELECT EXISTS (
    SELECT FROM ledger.entries AS e
    WHERE e.stream IN ('account:' || %(account)s::text, 'observations:' || %(account)s::text)
)

-- name: keys_of
-- In the key store: the keys that still open something, by the hash of their subject.
SELECT s.subject, s.id::text FROM keys.secrets AS s WHERE s.subject = ANY(%s::bytea[])

-- name: erasures
SELECT r.* FROM ledger.rows AS r
WHERE r.version IS NOT NULL AND (%(stream)s::text IS NULL OR r.stream = %(stream)s::text) AND r.type IN ('ErasureAsked', 'ErasureRefused', 'ErasureAllowed', 'PersonErased')
ORDER BY r.stream, r.version

-- name: lone_devices
-- Devices that nobody else has come from.
SELECT d.device FROM door.devices_of_accounts AS d
WHERE d.account = %s
    AND NOT EXISTS (
        SELECT FROM door.devices_of_accounts AS o WHERE o.device = d.device AND o.account <> d.account
    )
ORDER BY d.device

-- name: beside
-- What lies beside the facts about an account, by what it is.
SELECT found.what, found.how_many
FROM (
    SELECT 'sign_in' AS what, count(*) AS how_many FROM door.people AS p WHERE p.account = %(account)s
    UNION ALL
    SELECT 'sessions', count(*) FROM door.sessions AS s WHERE s.account = %(account)s
    UNION ALL
    SELECT 'second_steps', count(*) FROM door.second_steps AS s WHERE s.account = %(account)s
    UNION ALL
    SELECT 'passkeys', count(*) FROM door.passkeys AS k WHERE k.account = %(account)s
    UNION ALL
    SELECT 'devices', count(*) FROM door.devices_of_accounts AS d WHERE d.account = %(account)s
    UNION ALL
    SELECT 'links', count(*) FROM door.set_ups AS s WHERE s.account = %(account)s
    UNION ALL
    SELECT 'auditing', count(*) FROM door.auditors AS a WHERE a.account = %(account)s
    UNION ALL
    SELECT 'pending', count(*) FROM door.pending AS p WHERE p.account = %(account)s
    UNION ALL
    SELECT 'views', count(*) FROM views.saved AS v WHERE v.account = %(account)s
) AS found
WHERE found.how_many > 0
ORDER BY found.what

-- What follows is removed up to an instant: what came after an erasure is somebody's who was invited again.

-- name: forget_questions
DELETE FROM door.challenges AS c
WHERE c.holder IN (
    SELECT 'pending:' || p.id FROM door.pending AS p WHERE p.account = %(account)s
    UNION ALL
    SELECT 'session:' || s.id FROM door.sessions AS s WHERE s.account = %(account)s AND s.made_at <= %(until)s
)

-- name: forget_pending
DELETE FROM door.pending AS p WHERE p.account = %(account)s

-- name: forget_sessions
DELETE FROM door.sessions AS s WHERE s.account = %(account)s AND s.made_at <= %(until)s

-- name: forget_auditors
DELETE FROM door.auditors AS a WHERE a.account = %(account)s AND a.made_at <= %(until)s

-- name: forget_views
DELETE FROM views.saved AS v WHERE v.account = %(account)s AND v.made_at <= %(until)s

-- name: forget_set_ups
DELETE FROM door.set_ups AS s WHERE s.account = %(account)s AND s.made_at <= %(until)s

-- name: forget_second_steps
DELETE FROM door.second_steps AS s WHERE s.account = %(account)s AND s.made_at <= %(until)s

-- name: forget_passkeys
DELETE FROM door.passkeys AS k WHERE k.account = %(account)s AND k.made_at <= %(until)s

-- name: forget_people
DELETE FROM door.people AS p WHERE p.account = %(account)s AND p.made_at <= %(until)s

-- name: forget_devices_of
DELETE FROM door.devices_of_accounts AS d WHERE d.account = %(account)s AND d.first_seen_at <= %(until)s
RETURNING d.device

-- name: forget_devices
DELETE FROM door.devices AS d
WHERE d.id = ANY(%s) AND NOT EXISTS (SELECT FROM door.devices_of_accounts AS o WHERE o.device = d.id)
RETURNING d.id

-- name: held_sign_in
SELECT p.email, p.password IS NOT NULL, p.made_at, p.ended_at FROM door.people AS p WHERE p.account = %s

-- name: held_sessions
SELECT s.id, s.device, s.two_step, s.ip, s.user_agent, s.made_at, s.seen_at, s.expires_at, s.revoked_at
FROM door.sessions AS s WHERE s.account = %s ORDER BY s.made_at, s.id

-- name: held_second_steps
SELECT s.channel, s.made_at FROM door.second_steps AS s WHERE s.account = %s ORDER BY s.channel

-- name: held_passkeys
SELECT encode(k.id, 'hex'), k.name, k.made_at, k.used_at FROM door.passkeys AS k WHERE k.account = %s ORDER BY k.made_at, k.id

-- name: held_devices
SELECT d.id, d.user_agent, d.hints, d.name, d.first_seen_at, d.last_seen_at
FROM door.devices_of_accounts AS o JOIN door.devices AS d ON d.id = o.device
WHERE o.account = %s ORDER BY d.first_seen_at, d.id

-- name: held_views
SELECT v.location, v.name, v.query, v.usual, v.made_at FROM views.saved AS v WHERE v.account = %s ORDER BY v.location, v.id

-- name: held_auditing
SELECT a.chain, a.made_at, a.expires_at FROM door.auditors AS a WHERE a.account = %s ORDER BY a.chain
