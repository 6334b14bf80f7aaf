-- A row is a review in force of the services $services. A newer extract replaces the rows of an older one that are of
-- the same service and kind of plan and lie in the time that the newer one speaks of. $without: a source to look past.
WITH extracts AS (
    SELECT
        r.service,
        r.plan_type,
        r.source_id,
        min(coalesce(r.due_on, r.completed_on, r.extracted_on)) AS first,
        max(coalesce(r.due_on, r.completed_on, r.extracted_on)) AS last,
        max(r.extracted_on) AS extracted_on
    FROM reviews AS r
    JOIN sources AS s ON s.id = r.source_id
    WHERE s.published_at IS NOT NULL AND list_contains($services, r.service) AND r.source_id <> $without
    GROUP BY r.service, r.plan_type, r.source_id
),

replacing AS (
    SELECT older.service, older.plan_type, older.source_id, newer.first, newer.last
    FROM extracts AS older
    JOIN extracts AS newer
        ON newer.service = older.service AND newer.plan_type = older.plan_type
        AND (newer.extracted_on > older.extracted_on
            OR (newer.extracted_on = older.extracted_on AND newer.source_id > older.source_id))
)

SELECT r.*
FROM reviews AS r
SEMI JOIN extracts AS e ON e.service = r.service AND e.plan_type = r.plan_type AND e.source_id = r.source_id
ANTI JOIN replacing AS newer
    ON newer.service = r.service AND newer.plan_type = r.plan_type AND newer.source_id = r.source_id
    AND coalesce(r.due_on, r.completed_on, r.extracted_on) BETWEEN newer.first AND newer.last
