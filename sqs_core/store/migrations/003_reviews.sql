-- Version 3: reviews due or done, which warnings were accepted when a table was loaded, and which heading was taken
-- for which column.

-- A row is one review as one extract has it. Which of them are in force, queries/reviews.sql decides.
CREATE TABLE reviews (
    source_id INTEGER, number INTEGER, service VARCHAR, case_ref VARCHAR, order_type VARCHAR, plan_type VARCHAR,
    trigger VARCHAR, due_on DATE, completed_on DATE, order_ended_on DATE, late_reason VARCHAR,
    outside_control BOOLEAN, extracted_on DATE, team VARCHAR, order_started_on DATE, significant_change_on DATE
);

-- What was unlikely in a table, and accepted by whoever loaded it.
ALTER TABLE sources ADD COLUMN accepted VARCHAR[];

-- A row is the heading that an analyst took for a column in tables of one shape (the same headings). An empty
-- heading: the column is not in such tables.
CREATE TABLE mappings (
    fingerprint VARCHAR, kind VARCHAR, "column" VARCHAR, heading VARCHAR, saved_by VARCHAR, saved_at TIMESTAMP
);
