-- Version 2: local audits, and findings in our own words instead of the letter's.

-- A row is the judgement of one case on one criterion in a local audit.
CREATE TABLE judgements (
    source_id INTEGER, number INTEGER, service VARCHAR, audit VARCHAR, audited_on DATE, case_ref VARCHAR,
    criterion VARCHAR, judgement VARCHAR, reason VARCHAR
);

-- Without a default, which DuckLake does not take.
ALTER TABLE findings ADD COLUMN paraphrased BOOLEAN;
UPDATE findings SET paraphrased = false;
