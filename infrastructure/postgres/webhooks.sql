-- Webhooks: subscriptions, what is to be delivered to them, and what came of it.

-- name: add
INSERT INTO webhooks.subscriptions (id, url, secret, types, everywhere, locations, chains, position, owner)
VALUES (
    %(id)s, %(url)s, %(secret)s, %(types)s, %(everywhere)s, %(locations)s, %(chains)s,
    coalesce(%(position)s::bigint, (SELECT s.position FROM ledger.sequencer AS s)), %(owner)s
)

-- name: list
SELECT s.id, s.url, s.types, s.everywhere, s.locations, s.chains, s.position, s.owner, s.made_at,
    (SELECT count(*) FROM webhooks.deliveries AS d WHERE d.subscription = s.id AND d.state = 'waiting'),
    (SELECT count(*) FROM webhooks.deliveries AS d WHERE d.subscription = s.id AND d.state = 'dead')
FROM webhooks.subscriptions AS s
WHERE s.removed_at IS NULL AND (%(owner)s::text IS NULL OR s.owner = %(owner)s) AND (%(id)s::text IS NULL OR s.id = %(id)s)
ORDER BY s.made_at, s.id

-- name: remove
UPDATE webhooks.subscriptions AS s SET removed_at = now() WHERE s.id = %s AND s.removed_at IS NULL RETURNING s.id

-- name: drop_waiting
DELETE FROM webhooks.deliveries AS d WHERE d.subscription = %s AND d.state = 'waiting'

-- name: replay
UPDATE webhooks.subscriptions AS s SET position = %(position)s
WHERE s.id = %(id)s AND s.removed_at IS NULL RETURNING s.id

-- name: lay
-- Facts become deliveries, and the subscription's position moves on, in one statement: once, whoever else is at it.
WITH moved AS (
    UPDATE webhooks.subscriptions AS s SET position = %(next)s
    WHERE s.id = %(id)s AND s.position = %(after)s AND s.removed_at IS NULL
    RETURNING s.id
)
INSERT INTO webhooks.deliveries AS d (subscription, position)
SELECT m.id, p.position FROM moved AS m CROSS JOIN unnest(%(positions)s::bigint[]) AS p (position)
ON CONFLICT (subscription, position) DO UPDATE
SET state = 'waiting', attempts = 0, due_at = now(), claimed_until = NULL, finished_at = NULL
WHERE d.state <> 'waiting'

-- name: claim
-- A run of what is due, of each subscription that nobody delivers to at this moment; another process finds them taken.
WITH due AS (
    SELECT d.subscription, d.position
    FROM webhooks.subscriptions AS s
    CROSS JOIN LATERAL (
        SELECT w.subscription, w.position FROM webhooks.deliveries AS w
        WHERE w.subscription = s.id AND w.state = 'waiting' AND w.due_at <= now()
        ORDER BY w.position
        LIMIT %(run)s
    ) AS d
    WHERE s.removed_at IS NULL AND NOT EXISTS (
        SELECT FROM webhooks.deliveries AS c
        WHERE c.subscription = s.id AND c.state = 'waiting' AND c.claimed_until > now()
    )
)
UPDATE webhooks.deliveries AS d
SET claimed_until = now() + %(lease)s, attempts = d.attempts + 1
FROM due AS u JOIN webhooks.subscriptions AS s ON s.id = u.subscription
WHERE d.subscription = u.subscription AND d.position = u.position AND d.state = 'waiting'
    AND (d.claimed_until IS NULL OR d.claimed_until <= now())
RETURNING d.subscription, d.position, d.attempts, s.url, s.secret

-- name: moment
SELECT extract(epoch FROM now())::bigint

-- name: attempted
INSERT INTO webhooks.attempts (subscription, position, number, status, error, milliseconds)
VALUES (%(subscription)s, %(position)s, %(number)s, %(status)s, %(error)s, %(milliseconds)s)

-- name: delivered
UPDATE webhooks.deliveries AS d SET state = 'delivered', finished_at = now(), claimed_until = NULL
WHERE d.subscription = %(subscription)s AND d.position = %(position)s AND d.state = 'waiting'

-- name: dead
UPDATE webhooks.deliveries AS d SET state = 'dead', finished_at = now(), claimed_until = NULL
WHERE d.subscription = %(subscription)s AND d.position = %(position)s AND d.state = 'waiting'

-- name: again
UPDATE webhooks.deliveries AS d SET due_at = now() + %(pause)s, claimed_until = NULL
WHERE d.subscription = %(subscription)s AND d.position = %(position)s AND d.state = 'waiting'

-- name: release
UPDATE webhooks.deliveries AS d SET attempts = d.attempts - 1, claimed_until = NULL
WHERE d.subscription = %(subscription)s AND d.position = ANY(%(positions)s) AND d.state = 'waiting'

-- name: deliveries
SELECT d.position, d.state, d.attempts, d.made_at, d.due_at, d.finished_at, coalesce((
    SELECT jsonb_agg(
        jsonb_build_object('number', a.number, 'at', a.at, 'status', a.status, 'error', a.error,
            'milliseconds', a.milliseconds)
        ORDER BY a.id
    )
    FROM webhooks.attempts AS a WHERE a.subscription = d.subscription AND a.position = d.position
), '[]'::jsonb)
FROM webhooks.deliveries AS d
WHERE d.subscription = %(id)s AND (%(state)s::text IS NULL OR d.state = %(state)s)
    AND (%(before)s::bigint IS NULL OR d.position < %(before)s)
ORDER BY d.position DESC
LIMIT %(limit)s

-- name: forget
DELETE FROM webhooks.deliveries AS d
WHERE d.ctid = ANY(ARRAY(
    SELECT o.ctid FROM webhooks.deliveries AS o
    WHERE o.state <> 'waiting' AND o.finished_at < now() - %(kept)s LIMIT 1000
))
