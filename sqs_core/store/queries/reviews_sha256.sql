-- A row is a source of reviews and the SHA-256 over all its rows, in order. What is empty is left out, so that a column
-- added by a later migration does not change the hash of what was there before.
SELECT
    source_id,
    sha256(string_agg(md5(concat_ws(
        chr(31), number::VARCHAR, 'service=' || service, 'case_ref=' || case_ref, 'order_type=' || order_type,
        'plan_type=' || plan_type, 'trigger=' || trigger, 'due_on=' || due_on::VARCHAR,
        'completed_on=' || completed_on::VARCHAR, 'order_ended_on=' || order_ended_on::VARCHAR,
        'late_reason=' || late_reason, 'outside_control=' || outside_control::VARCHAR,
        'extracted_on=' || extracted_on::VARCHAR, 'team=' || team,
        'order_started_on=' || order_started_on::VARCHAR,
        'significant_change_on=' || significant_change_on::VARCHAR
    )), '' ORDER BY number)) AS sha256
FROM reviews
GROUP BY source_id
