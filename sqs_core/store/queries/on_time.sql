-- A row is what a service bears as one of its names, with its reviews in force that fell due from $first to $last by
-- the due date that the extract gives; which are due and which on time is decided as in measures/timeliness.py.
WITH judged AS (
    SELECT
        service,
        case_ref,
        extracted_on,
        due_on,
        coalesce(due_on BETWEEN $first AND $last, false) AND coalesce(order_ended_on >= due_on, true) AS required,
        coalesce(completed_on <= extracted_on, false) AS done,
        required AND (done OR due_on < extracted_on) AS due,
        required AND done AND completed_on <= due_on AS on_time
    FROM ({in_force})
),

children AS (
    SELECT
        service,
        min(due_on) AS first_due_on,
        max(extracted_on) AS extracted_on,
        count(*) FILTER (WHERE due) AS due,
        count(*) FILTER (WHERE on_time) AS on_time
    FROM judged
    GROUP BY service, case_ref
),

rated AS (
    SELECT *, sum(on_time) OVER of_service / nullif(sum(due) OVER of_service, 0) AS rate
    FROM children
    WINDOW of_service AS (PARTITION BY service)
)

SELECT
    service,
    min(first_due_on) AS first_due_on,
    max(extracted_on) AS extracted_on,
    sum(due)::BIGINT AS due,
    sum(on_time)::BIGINT AS on_time,
    count(*) FILTER (WHERE due > 0) AS children,
    coalesce(sum((on_time - rate * due) ** 2), 0) AS squares
FROM rated
GROUP BY service
