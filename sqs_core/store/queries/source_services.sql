-- A row is a service, or an area of a reoffending table, that a source has rows of.
SELECT source_id, service, false AS area FROM inspections
UNION SELECT source_id, service, false FROM judgements
UNION SELECT source_id, service, false FROM reviews
UNION SELECT source_id, area, true FROM cohorts
