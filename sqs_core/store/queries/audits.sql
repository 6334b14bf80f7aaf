-- A row is how the cases of one published local audit were judged on one criterion, latest audit first. Of two files
-- that bring the same audit of a service, the later one counts.
WITH published AS (
    SELECT j.*, s.illustrative, max(j.source_id) OVER (PARTITION BY j.service, j.audit, j.audited_on) AS latest
    FROM judgements AS j
    JOIN sources AS s ON s.id = j.source_id
    WHERE s.published_at IS NOT NULL AND list_contains($services, j.service)
)

SELECT
    audit,
    audited_on,
    criterion,
    count(*) FILTER (judgement = 'sufficient')::INTEGER AS sufficient,
    count(*) FILTER (judgement = 'insufficient')::INTEGER AS insufficient,
    bool_or(illustrative) AS illustrative
FROM published
WHERE source_id = latest
GROUP BY audit, audited_on, criterion
ORDER BY audited_on DESC, audit, criterion
