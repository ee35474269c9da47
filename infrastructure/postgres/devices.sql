-- Devices that the door has named, and links for auditors from outside.

-- name: see_device
INSERT INTO door.devices (id, user_agent, hints, name, named_by)
VALUES (%(id)s, %(user_agent)s, %(hints)s, %(name)s, %(named_by)s)
ON CONFLICT (id) DO UPDATE
SET user_agent = excluded.user_agent, hints = excluded.hints, name = excluded.name,
    named_by = excluded.named_by, last_seen_at = now()

-- name: device
SELECT d.id, d.user_agent, d.hints, d.name, d.named_by, d.first_seen_at, d.last_seen_at
FROM door.devices AS d
WHERE d.id = %s

-- name: devices
SELECT d.id, d.name FROM door.devices AS d WHERE d.id = ANY (%s)

-- name: see_device_of
INSERT INTO door.devices_of_accounts (account, device) VALUES (%s, %s)
ON CONFLICT (account, device) DO NOTHING
RETURNING device

-- name: device_of
SELECT d.device FROM door.devices_of_accounts AS d WHERE d.account = %s AND d.device = %s

-- name: make_link
INSERT INTO door.links (id, sha256, name, locations, chains, expires_at)
VALUES (%(id)s, %(sha256)s, %(name)s, %(locations)s, %(chains)s, now() + %(lasts)s)

-- name: link
SELECT l.id, l.locations, l.chains
FROM door.links AS l
WHERE l.sha256 = %s AND l.revoked_at IS NULL AND l.expires_at > now()

-- name: links
SELECT l.id, l.name, l.locations, l.chains, l.made_at, l.expires_at, l.revoked_at
FROM door.links AS l
ORDER BY l.made_at, l.id

-- name: revoke_link
UPDATE door.links AS l SET revoked_at = now() WHERE l.id = %s AND l.revoked_at IS NULL RETURNING l.id
