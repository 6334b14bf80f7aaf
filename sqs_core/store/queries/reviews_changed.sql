-- A row is a service of source $source: how many reviews it brought into force that were not there, completed or
-- otherwise changed ones that were, took out of force without a word, and left as they were.
-- Into the braces go queries/reviews.sql without the source and with it. A review is known again by a hash, since a
-- million of them by their texts would take twice the memory; of several that are alike, by which of them it is.
WITH before AS (
    SELECT
        service,
        source_id,
        hash(
            service, case_ref, order_type, plan_type, trigger, coalesce(due_on, significant_change_on, completed_on)
        ) AS review,
        row_number() OVER (PARTITION BY review ORDER BY order_started_on, significant_change_on, number) AS nth,
        completed_on IS NOT NULL AS is_completed,
        hash(completed_on, order_ended_on, late_reason, outside_control) AS state
    FROM ({before})
),

after AS (
    SELECT
        service,
        source_id,
        hash(
            service, case_ref, order_type, plan_type, trigger, coalesce(due_on, significant_change_on, completed_on)
        ) AS review,
        row_number() OVER (PARTITION BY review ORDER BY order_started_on, significant_change_on, number) AS nth,
        completed_on IS NOT NULL AS is_completed,
        hash(completed_on, order_ended_on, late_reason, outside_control) AS state
    FROM ({after})
),

compared AS (
    SELECT
        coalesce(after.service, before.service) AS service,
        before.review IS NULL AS is_new,
        after.review IS NULL AS is_gone,
        after.is_completed AND NOT before.is_completed AS is_completed,
        before.state <> after.state AS is_changed
    FROM before
    FULL JOIN after ON after.review = before.review AND after.nth = before.nth
    WHERE before.source_id IS DISTINCT FROM after.source_id
)

SELECT
    service,
    count(*) FILTER (is_new) AS new,
    count(*) FILTER (is_completed) AS completed,
    count(*) FILTER (is_changed AND NOT is_completed) AS changed,
    count(*) FILTER (is_gone) AS gone,
    count(*) FILTER (NOT is_changed) AS same
FROM compared
GROUP BY service
HAVING count(*) FILTER (NOT is_new) > 0
ORDER BY service
