-- Version 5: what was promised about each area requiring improvement, and which findings lie behind it.

-- A row is one version of an action of a plan; version counts from 1, and none is ever changed or taken out, so that
-- the plan can be seen as it stood on any day. Tied to the area's words and not to a file: identity says which
-- inspection of the service (empty: none), area is the area's text. state: open, done or stopped; what else a status
-- says is worked out from the dates. note: what was said with this version.
CREATE TABLE actions (
    id VARCHAR, version INTEGER, service VARCHAR, identity VARCHAR, area VARCHAR, reference VARCHAR, action VARCHAR,
    lead VARCHAR, first_planned_on DATE, planned_on DATE, state VARCHAR, done_on DATE, measure VARCHAR,
    baseline VARCHAR, target VARCHAR, evidence VARCHAR, note VARCHAR, changed_by VARCHAR, changed_at TIMESTAMP
);

-- A row is an analyst's word on whether a finding lies behind an area; the latest counts, none is taken out. The area
-- and the quote are kept as letters and digits only. quote empty: the links of the area were looked at as a whole.
CREATE TABLE area_links (
    number INTEGER, service VARCHAR, framework VARCHAR, identity VARCHAR, area VARCHAR, paragraph VARCHAR,
    quote VARCHAR, occurrence INTEGER, linked BOOLEAN, said_by VARCHAR, said_at TIMESTAMP
);
