-- A row is a judged case of a local audit that is kept no longer: $months after the audit. Illustrative data is about
-- nobody and stays.
SELECT j.source_id, j.number
FROM judgements AS j
JOIN sources AS s ON s.id = j.source_id
WHERE NOT s.illustrative AND j.audited_on + to_months($months) < $today
