-- Version 4: reoffending figures as they were published or tracked.

-- A row is one figure: which area and children, when, and what became of them. marker: what stands in the place of a
-- number that is kept back. Of the same figure published twice both stay; the measures know which is in force.
CREATE TABLE cohorts (
    source_id INTEGER, number INTEGER, area VARCHAR, cohort_start DATE, cohort_end DATE, offenders INTEGER,
    reoffenders INTEGER, reoffences INTEGER, rate DOUBLE, published_on DATE, source VARCHAR, source_kind VARCHAR,
    age_group VARCHAR, marker VARCHAR
);
