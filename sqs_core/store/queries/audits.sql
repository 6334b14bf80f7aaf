-- A row is how the cases of one published local audit were judged on one criterion, latest audit first.
SELECT
    j.audit,
    j.audited_on,
    j.criterion,
    count(*) FILTER (j.judgement = 'sufficient')::INTEGER AS sufficient,
    count(*) FILTER (j.judgement = 'insufficient')::INTEGER AS insufficient,
    bool_or(s.illustrative) AS illustrative
FROM judgements AS j
JOIN sources AS s ON s.id = j.source_id
WHERE s.published_at IS NOT NULL AND list_contains($services, j.service)
GROUP BY j.audit, j.audited_on, j.criterion
ORDER BY j.audited_on DESC, j.audit, j.criterion
