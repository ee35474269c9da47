-- Keys of systems, and secrets of the program.

-- name: make_secret
INSERT INTO door.secrets (name, value) VALUES (%s, %s) ON CONFLICT (name) DO NOTHING

-- name: secret
SELECT s.value FROM door.secrets AS s WHERE s.name = %s

-- name: make_key
INSERT INTO door.keys (id, sha256, actor_kind, actor_id, scopes, everywhere, locations, chains, expires_at)
VALUES (%(id)s, %(sha256)s, %(kind)s, %(actor)s, %(scopes)s, %(everywhere)s, %(locations)s, %(chains)s, %(expires_at)s)

-- name: key
SELECT k.id, k.actor_kind, k.actor_id, k.scopes, k.everywhere, k.locations, k.chains
FROM door.keys AS k
WHERE k.sha256 = %s AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())

-- name: keys
SELECT k.id, k.actor_kind, k.actor_id, k.scopes, k.everywhere, k.locations, k.chains, k.made_at, k.expires_at,
    k.revoked_at
FROM door.keys AS k
ORDER BY k.made_at, k.id

-- name: revoke_key
UPDATE door.keys AS k SET revoked_at = now() WHERE k.id = %s AND k.revoked_at IS NULL RETURNING k.id
