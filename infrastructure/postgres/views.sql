-- Views of a log that somebody has given a name.

-- name: views
SELECT s.id, s.name, s.query, s.usual FROM views.saved AS s
WHERE s.account = %(account)s AND s.location = %(location)s
ORDER BY s.name

-- name: usual_view
SELECT s.id, s.name, s.query, s.usual FROM views.saved AS s
WHERE s.account = %(account)s AND s.location = %(location)s AND s.usual

-- name: save_view
-- Not beyond what one may have; a name that is there gets the new query.
INSERT INTO views.saved (account, location, name, query)
SELECT %(account)s, %(location)s, %(name)s, %(query)s
WHERE (SELECT count(*) FROM views.saved AS s WHERE s.account = %(account)s AND s.location = %(location)s) < %(most)s
    OR EXISTS (SELECT FROM views.saved AS s WHERE s.account = %(account)s AND s.location = %(location)s AND s.name = %(name)s)
ON CONFLICT (account, location, name) DO UPDATE SET query = excluded.query
RETURNING id

-- name: forget_view
DELETE FROM views.saved AS s
WHERE s.account = %(account)s AND s.location = %(location)s AND s.id = %(id)s
RETURNING s.id

-- name: no_usual_view
UPDATE views.saved AS s SET usual = false
WHERE s.account = %(account)s AND s.location = %(location)s AND s.usual

-- name: make_usual
UPDATE views.saved AS s SET usual = true
WHERE s.account = %(account)s AND s.location = %(location)s AND s.id = %(id)s
RETURNING s.id
