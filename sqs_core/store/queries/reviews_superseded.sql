-- A row is a service of source $source, how many reviews the source brought of it, and how many of these are not in
-- force because a newer extract speaks of the same time. Into the braces goes queries/reviews.sql.
SELECT
    service,
    count(*) AS rows,
    count(*) FILTER (number NOT IN (SELECT number FROM ({in_force}) WHERE source_id = $source)) AS old
FROM reviews
WHERE source_id = $source
GROUP BY service
HAVING old > 0
ORDER BY service
