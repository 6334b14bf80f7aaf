-- A row is a service of source $source: how many reviews it brought into force that were not there, completed or
-- otherwise changed ones that were, took out of force without a word, and left as they were.
-- Into the braces go queries/reviews.sql without the source and with it.
WITH before AS ({before}), after AS ({after}),

compared AS (
    SELECT
        coalesce(after.service, before.service) AS service,
        before.case_ref IS NULL AS is_new,
        after.case_ref IS NULL AS is_gone,
        before.completed_on IS NULL AND after.completed_on IS NOT NULL AS is_completed,
        (before.completed_on, before.order_ended_on, before.late_reason, before.outside_control)
            IS DISTINCT FROM (after.completed_on, after.order_ended_on, after.late_reason, after.outside_control)
            AS is_changed
    FROM before
    FULL JOIN after
        ON after.service = before.service AND after.case_ref = before.case_ref
        AND after.plan_type = before.plan_type AND after.trigger = before.trigger
        AND after.order_type IS NOT DISTINCT FROM before.order_type
        AND coalesce(after.due_on, after.completed_on) IS NOT DISTINCT FROM coalesce(before.due_on, before.completed_on)
    WHERE coalesce(before.source_id, 0) IS DISTINCT FROM coalesce(after.source_id, 0)
)

SELECT
    service,
    count(*) FILTER (is_new) AS new,
    count(*) FILTER (NOT is_new AND NOT is_gone AND is_completed) AS completed,
    count(*) FILTER (NOT is_new AND NOT is_gone AND NOT is_completed AND is_changed) AS changed,
    count(*) FILTER (is_gone) AS gone,
    count(*) FILTER (NOT is_new AND NOT is_gone AND NOT is_completed AND NOT is_changed) AS same
FROM compared
GROUP BY service
HAVING count(*) FILTER (NOT is_new) > 0
ORDER BY service
