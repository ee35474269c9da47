-- Sessions of people who have signed in.

-- name: make_session
INSERT INTO door.sessions (id, sha256, account, two_step, device, ip, user_agent, expires_at)
VALUES (%(id)s, %(sha256)s, %(account)s, %(two_step)s, %(device)s, %(ip)s, %(user_agent)s, now() + %(lasts)s)

-- name: session
WITH found AS (
    UPDATE door.sessions AS s
    SET seen_at = CASE WHEN s.seen_at < now() - interval '1 minute' THEN now() ELSE s.seen_at END
    WHERE s.sha256 = %(sha256)s AND s.revoked_at IS NULL AND s.expires_at > now() AND s.seen_at > now() - %(idle)s
    RETURNING s.id, s.account, s.device
)
SELECT f.id, f.account, f.device,
    ARRAY (
        SELECT a.chain FROM door.auditors AS a
        WHERE a.account = f.account AND (a.expires_at IS NULL OR a.expires_at > now())
        ORDER BY a.chain
    )
FROM found AS f

-- name: sessions
SELECT s.id, s.device, s.ip, s.user_agent, s.made_at, s.seen_at
FROM door.sessions AS s
WHERE s.account = %s AND s.revoked_at IS NULL AND s.expires_at > now()
ORDER BY s.seen_at DESC, s.id

-- name: end_session
UPDATE door.sessions AS s SET revoked_at = now()
WHERE s.account = %s AND s.id = %s AND s.revoked_at IS NULL
RETURNING s.id

-- name: end_other_sessions
UPDATE door.sessions AS s SET revoked_at = now()
WHERE s.account = %s AND s.id <> %s AND s.revoked_at IS NULL
RETURNING s.id

-- name: make_auditor
INSERT INTO door.auditors (account, chain, expires_at) VALUES (%s, %s, %s)
ON CONFLICT (account, chain) DO UPDATE SET expires_at = excluded.expires_at

-- name: end_auditor
DELETE FROM door.auditors AS a WHERE a.account = %s AND a.chain = %s RETURNING a.account
