-- A row is a review in force of the services $services. A newer extract replaces the rows of an older one that are of
-- the same service and kind of plan and lie in the time that the newer one speaks of. $without: a source to look past.
WITH dated AS (
    SELECT r.*, coalesce(r.due_on, r.completed_on, r.extracted_on) AS about
    FROM reviews AS r
    JOIN sources AS s ON s.id = r.source_id
    WHERE s.published_at IS NOT NULL AND list_contains($services, r.service) AND r.source_id <> $without
),

extracts AS (
    SELECT service, plan_type, source_id, min(about) AS first, max(about) AS last, max(extracted_on) AS extracted_on
    FROM dated
    GROUP BY service, plan_type, source_id
),

replacing AS (
    SELECT older.service, older.plan_type, older.source_id, newer.first, newer.last
    FROM extracts AS older
    JOIN extracts AS newer
        ON newer.service = older.service AND newer.plan_type = older.plan_type
        AND (newer.extracted_on > older.extracted_on
            OR (newer.extracted_on = older.extracted_on AND newer.source_id > older.source_id))
)

SELECT dated.*
FROM dated
WHERE NOT EXISTS (
    SELECT 1 FROM replacing AS r
    WHERE r.service = dated.service AND r.plan_type = dated.plan_type AND r.source_id = dated.source_id
        AND dated.about BETWEEN r.first AND r.last
)
ORDER BY dated.source_id, dated.number
