-- A row is a review, or a judged case, of the child that the services $services call $case_ref. Into the braces goes the
-- table. Case and spaces around make no difference.
SELECT source_id, number
FROM {table}
WHERE list_contains($services, service) AND lower(trim(case_ref)) = lower(trim($case_ref))
