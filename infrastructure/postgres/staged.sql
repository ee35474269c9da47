-- name: staged
-- The content of some lines of an import, as staged: to compare with what is stored, or to give refused lines back.
SELECT s.line, s.fact, s.body, s.personal
FROM ledger.staging AS s
WHERE s.import = %s AND s.line = ANY (%s)
ORDER BY s.line
