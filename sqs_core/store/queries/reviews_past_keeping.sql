-- A row is a review that is kept no longer: $months after the order ended; where no end is known, after it was due or
-- done, whichever was later; where neither is known, after the extract. Illustrative data is about nobody and stays.
SELECT r.source_id, r.number
FROM reviews AS r
JOIN sources AS s ON s.id = r.source_id
WHERE NOT s.illustrative
    AND coalesce(r.order_ended_on, greatest(r.due_on, r.completed_on), r.extracted_on) + to_months($months) < $today
