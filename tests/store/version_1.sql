-- A store as version 1 made it: its schema, and one letter with one correction. Never change this file.

-- A row is one migration that this store has been through.
CREATE TABLE schema_version (version INTEGER, applied_at TIMESTAMP);

-- A row is one snapshot: who made it, when, and what it changed, in plain words.
CREATE TABLE history (snapshot VARCHAR, made_at TIMESTAMP, made_by VARCHAR, what VARCHAR);

-- One row: the highest source id ever given. Ids never repeat, so that a link never leads to another letter.
CREATE TABLE last_source (id INTEGER);

-- A row is one file that rows came from. published_at is empty for a draft, which no board sees.
CREATE TABLE sources (
    id INTEGER, file_name VARCHAR, sha256 VARCHAR, kind VARCHAR, loaded_by VARCHAR, loaded_at TIMESTAMP,
    rows INTEGER, rows_sha256 VARCHAR, illustrative BOOLEAN, reader VARCHAR,
    published_by VARCHAR, published_at TIMESTAMP
);

-- A row is a service that data/services.csv does not have.
CREATE TABLE services (
    name VARCHAR, country VARCHAR, region VARCHAR, police_area VARCHAR, aliases VARCHAR[],
    opened_on DATE, closed_on DATE, successors VARCHAR[], illustrative BOOLEAN
);

-- A row is one letter as read, its header and its reoffending headline. identity: which inspection of the
-- service it is about, so that two files of the same letter are known as one inspection.
CREATE TABLE inspections (
    source_id INTEGER, service VARCHAR, framework VARCHAR, identity VARCHAR,
    title VARCHAR, place VARCHAR, service_name VARCHAR, service_kind VARCHAR,
    published_on DATE, fieldwork_start DATE, fieldwork_end DATE, case_count INTEGER,
    rate DOUBLE, previous_rate DOUBLE, england_wales_rate DOUBLE,
    compared_with_previous VARCHAR, compared_with_england_wales VARCHAR,
    cohort_start VARCHAR, cohort_end VARCHAR, rate_published VARCHAR
);

-- A row is a heading, a paragraph or a list item of a letter; number counts from 0 in reading order.
CREATE TABLE blocks (
    source_id INTEGER, number INTEGER, kind VARCHAR, section VARCHAR, label VARCHAR, text VARCHAR
);

-- A row is a finding as read, before corrections; number counts from 1 in the order of the letter. block is the
-- number of its block; quote_start and quote_end are where the quote stands in that block's text.
CREATE TABLE findings (
    source_id INTEGER, number INTEGER, section VARCHAR, paragraph VARCHAR, practice VARCHAR, basis VARCHAR,
    quote VARCHAR, share_low DOUBLE, share_high DOUBLE, relevant_cases INTEGER, direction VARCHAR,
    wording VARCHAR, doubt VARCHAR, block INTEGER, quote_start INTEGER, quote_end INTEGER
);

-- A row is a key strength of a letter; number counts from 1.
CREATE TABLE key_strengths (source_id INTEGER, number INTEGER, text VARCHAR);

-- A row is an area requiring improvement of a letter; number counts from 1.
CREATE TABLE areas_requiring_improvement (source_id INTEGER, number INTEGER, text VARCHAR);

-- A row is something doubtful or missing that the reader met in a letter; number counts from 1.
CREATE TABLE warnings (source_id INTEGER, number INTEGER, text VARCHAR);

-- A row is one change to a finding. It is tied to the sentence, not to the file: service, framework, identity,
-- paragraph, quote (letters and digits only) and, where a sentence bears several findings, which of them. So it
-- survives unloading, another file of the same letter and a newer reader. source_id: where it was made.
-- published_at is empty while it was made on a draft only: drafts show it, boards do not.
CREATE TABLE corrections (
    id INTEGER, source_id INTEGER, service VARCHAR, framework VARCHAR, identity VARCHAR,
    paragraph VARCHAR, quote VARCHAR, occurrence INTEGER,
    field VARCHAR, "before" VARCHAR, "after" VARCHAR, share_low DOUBLE, share_high DOUBLE,
    corrected_by VARCHAR, corrected_at TIMESTAMP, reason VARCHAR, published_at TIMESTAMP
);

INSERT INTO last_source VALUES (1);
INSERT INTO schema_version VALUES (1, '2026-11-24 09:00:00');
INSERT INTO history VALUES
    ('000001', '2026-11-24 09:00:00', 'sqs', 'created the store'),
    ('000002', '2026-11-24 09:05:00', 'Reader', 'loaded letter.txt');
INSERT INTO sources VALUES (
    1, 'letter.txt', 'bbf1b6070104c532b5fb25da844c728d941e546e7456b96a2887957cd8c53f0b', 'letter', 'Reader',
    '2026-11-24 09:05:00', 3, '66c7a244e941a1c1e7928d3013b5ed5d7010a3d9a2e79b520b9b22a851e39bd7', false, NULL,
    'Reader', '2026-11-24 09:05:00'
);
INSERT INTO inspections (
    source_id, service, framework, identity, title, place, service_name, service_kind, fieldwork_start,
    fieldwork_end, case_count, rate, compared_with_previous, cohort_start
) VALUES (
    1, 'Knowsley', 'sqs', '2015-10-05', 'A title', 'Knowsley', 'Knowsley YOS', 'YOS', '2015-10-05',
    '2015-10-05', 14, 37.0, 'better', '2012-10'
);
INSERT INTO blocks VALUES
    (1, 0, 'heading', NULL, NULL, 'Short Quality Screening (SQS) of youth offending work'),
    (
        1, 1, 'paragraph', 'reducing_reoffending', '1.1',
        'In just over half of the cases the plan was sufficient. Assessment was sufficient in all cases.'
    ),
    (1, 2, 'paragraph', 'reducing_reoffending', '1.2', 'Reviews were not always timely.');
INSERT INTO findings VALUES
    (
        1, 1, 'reducing_reoffending', '1.1', 'planning', 'worded',
        'In just over half of the cases the plan was sufficient.', 0.5714, 0.5714, 14, 'weakness',
        'just over half of the cases', NULL, 1, 0, 55
    ),
    (
        1, 2, 'reducing_reoffending', '1.1', 'assessment', 'worded', 'Assessment was sufficient in all cases.',
        1, 1, 14, 'strength', 'all cases', NULL, 1, 56, 95
    ),
    (
        1, 3, 'reducing_reoffending', '1.2', 'reviewing', 'qualitative', 'Reviews were not always timely.',
        NULL, NULL, NULL, 'weakness', NULL, NULL, 2, 0, 31
    );
INSERT INTO key_strengths VALUES (1, 1, 'Assessment is good.');
INSERT INTO areas_requiring_improvement VALUES (1, 1, 'Reviews should be on time.');
INSERT INTO warnings VALUES (1, 1, 'The letter does not say when it was published.');
INSERT INTO corrections VALUES (
    1, 1, 'Knowsley', 'sqs', '2015-10-05', '1.2', 'reviewswerenotalwaystimely', 0, 'direction', 'weakness',
    'neutral', NULL, NULL, 'Analyst', '2026-11-24 09:06:00', '', '2026-11-24 09:06:00'
);
