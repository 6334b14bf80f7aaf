-- A row is a service name that rows of the store bear, and whether anything of it is published.
SELECT service AS name, bool_or(published) AS published
FROM (
    SELECT i.service, s.published_at IS NOT NULL AS published
    FROM inspections AS i
    JOIN sources AS s ON s.id = i.source_id
    UNION ALL
    SELECT j.service, s.published_at IS NOT NULL
    FROM (
        SELECT DISTINCT source_id, service FROM judgements UNION ALL SELECT DISTINCT source_id, service FROM reviews
    ) AS j
    JOIN sources AS s ON s.id = j.source_id
    UNION ALL
    SELECT DISTINCT service, true FROM actions
)
GROUP BY service
ORDER BY service
