-- A row is a breach of an integrity rule, in words. Run before every snapshot is published, and by `sqs check`.
WITH content AS (
    SELECT 'inspections' AS content, source_id, 1 AS number FROM inspections
    UNION ALL SELECT 'blocks', source_id, number + 1 FROM blocks
    UNION ALL SELECT 'findings', source_id, number FROM findings
    UNION ALL SELECT 'key_strengths', source_id, number FROM key_strengths
    UNION ALL SELECT 'areas_requiring_improvement', source_id, number FROM areas_requiring_improvement
    UNION ALL SELECT 'warnings', source_id, number FROM warnings
    UNION ALL SELECT 'judgements', source_id, number FROM judgements
    UNION ALL SELECT 'reviews', source_id, number FROM reviews
    UNION ALL SELECT 'cohorts', source_id, number FROM cohorts
),

counted AS (
    SELECT content, source_id, count(*) AS rows, count(DISTINCT number) AS numbers, min(number) AS low,
        max(number) AS high
    FROM content
    GROUP BY content, source_id
)

SELECT format('source {}: two sources have this id', id) AS breach
FROM sources GROUP BY id HAVING count(*) > 1

UNION ALL
SELECT format('source {}: brought the same as source {}', max(id), min(id))
FROM sources GROUP BY rows_sha256 HAVING count(DISTINCT id) > 1

UNION ALL
SELECT 'the highest source id ever given is not kept once'
FROM (SELECT count(id) AS ids FROM last_source) WHERE ids <> 1

UNION ALL
SELECT format('source {}: its id is above the last one given', id)
FROM sources WHERE id > (SELECT max(id) FROM last_source)

UNION ALL
SELECT format('source {}: {} has rows of it, but there is no such source', source_id, content)
FROM counted WHERE source_id IS NULL OR source_id NOT IN (SELECT id FROM sources)

UNION ALL
SELECT format('source {}: numbers in {} do not run without a gap', source_id, content)
FROM counted WHERE rows <> numbers OR low <> 1 OR high <> rows

UNION ALL
SELECT format('source {}: a {} without exactly one inspection', s.id, s.kind)
FROM sources AS s
LEFT JOIN counted AS c ON c.source_id = s.id AND c.content = 'inspections'
WHERE (s.kind IN ('letter', 'facts')) <> (coalesce(c.rows, 0) = 1)

UNION ALL
SELECT format('source {}: says {} rows, has {}', s.id, s.rows, coalesce(c.rows, 0))
FROM sources AS s
LEFT JOIN counted AS c
    ON c.source_id = s.id
    AND c.content = CASE s.kind
        WHEN 'cases' THEN 'judgements' WHEN 'reviews' THEN 'reviews' WHEN 'reoffending' THEN 'cohorts' ELSE 'findings'
    END
WHERE s.rows IS DISTINCT FROM coalesce(c.rows, 0)

UNION ALL
SELECT format('source {}: not a SHA-256', id)
FROM sources
WHERE NOT coalesce(regexp_full_match(sha256, '[0-9a-f]{64}'), false)
    OR NOT coalesce(regexp_full_match(rows_sha256, '[0-9a-f]{64}'), false)

UNION ALL
SELECT format('source {}: nobody loaded it, or at no time', id)
FROM sources WHERE coalesce(loaded_by, '') = '' OR loaded_at IS NULL OR illustrative IS NULL

UNION ALL
SELECT format('source {}: published by nobody, or at no time', id)
FROM sources WHERE (published_by IS NULL) <> (published_at IS NULL)

UNION ALL
SELECT format('source {}, finding {}: only a qualitative finding has no share', source_id, number)
FROM findings
WHERE (basis = 'qualitative') <> (share_low IS NULL) OR (share_low IS NULL) <> (share_high IS NULL)

UNION ALL
SELECT format('source {}, finding {}: a share lies between 0 and 1, lowest first', source_id, number)
FROM findings WHERE NOT (share_low >= 0 AND share_low <= share_high AND share_high <= 1)

UNION ALL
SELECT format('source {}, finding {}: unknown basis or direction', source_id, number)
FROM findings
WHERE coalesce(basis NOT IN ('counted', 'worded', 'qualitative'), true)
    OR coalesce(direction NOT IN ('strength', 'weakness', 'neutral'), true)

UNION ALL
SELECT format('source {}, finding {}: its quote does not stand where it says', f.source_id, f.number)
FROM findings AS f
LEFT JOIN blocks AS b ON b.source_id = f.source_id AND b.number = f.block
WHERE f.block IS NOT NULL
    AND f.quote_start IS NOT NULL
    AND substring(b.text, f.quote_start + 1, f.quote_end - f.quote_start) IS DISTINCT FROM f.quote

UNION ALL
SELECT format('source {}, finding {}: half a place in the letter', source_id, number)
FROM findings
WHERE (quote_start IS NULL) <> (quote_end IS NULL) OR (block IS NULL AND quote_start IS NOT NULL)

UNION ALL
SELECT format('source {}, block {}: unknown kind', source_id, number)
FROM blocks WHERE coalesce(kind NOT IN ('heading', 'paragraph', 'strength', 'area'), true)

UNION ALL
SELECT format('source {}: unknown kind of source', id)
FROM sources WHERE coalesce(kind NOT IN ('letter', 'facts', 'cases', 'reviews', 'reoffending'), true)

UNION ALL
SELECT format('source {}, judgement {}: unknown judgement, or no date', source_id, number)
FROM judgements
WHERE coalesce(judgement NOT IN ('sufficient', 'insufficient', 'not_applicable'), true) OR audited_on IS NULL

UNION ALL
SELECT format('source {}: a case judged twice on criterion {} ({})', source_id, criterion, case_ref)
FROM judgements
GROUP BY source_id, service, audit, audited_on, case_ref, criterion
HAVING count(*) > 1

UNION ALL
SELECT format('source {}: {} reviews without a case, a kind of plan, a trigger or the day of the extract', source_id,
    count(*))
FROM reviews
WHERE coalesce(case_ref, '') = ''
    OR extracted_on IS NULL
    OR coalesce(trigger NOT IN ('scheduled', 'significant_change'), true)
    OR coalesce(plan_type NOT IN (
        'assessment', 'intervention_plan', 'risk_management_plan', 'vulnerability_management_plan'
    ), true)
GROUP BY source_id

UNION ALL
SELECT format('source {}: a service without a name', source_id)
FROM (
    SELECT source_id, service FROM inspections
    UNION SELECT source_id, service FROM judgements
    UNION SELECT source_id, service FROM reviews
)
WHERE coalesce(service, '') = ''

UNION ALL
SELECT format('source {}, cohort {}: no area, no whole window, or more reoffenders than offenders', source_id, number)
FROM cohorts
WHERE coalesce(area, '') = ''
    OR coalesce(cohort_start > cohort_end, true)
    OR coalesce(source_kind NOT IN ('published', 'local'), true)
    OR coalesce(reoffenders > offenders, false)

UNION ALL
SELECT format('shape {}: column {} of {} is mapped twice', fingerprint, "column", kind)
FROM mappings GROUP BY fingerprint, kind, saved_by, "column" HAVING count(*) > 1

UNION ALL
SELECT format('correction {}: nobody made it, or it changes nothing known', id)
FROM corrections
WHERE coalesce(corrected_by, '') = ''
    OR corrected_at IS NULL
    OR coalesce(field NOT IN ('practice', 'share', 'direction', 'doubt'), true)
    OR (field = 'direction' AND coalesce("after" NOT IN ('strength', 'weakness', 'neutral'), true))
    OR (share_low IS NULL) <> (share_high IS NULL)
    OR NOT coalesce(share_low >= 0 AND share_low <= share_high AND share_high <= 1, true)

UNION ALL
SELECT format('correction {}: tied to no sentence of an inspection', id)
FROM corrections
WHERE service IS NULL OR framework IS NULL OR identity IS NULL OR quote IS NULL OR occurrence IS NULL

UNION ALL
SELECT format('correction {}: two corrections have this id', id)
FROM corrections GROUP BY id HAVING count(*) > 1

UNION ALL
SELECT format('action {}: versions do not run from 1 without a gap, or are of two services', id)
FROM actions
GROUP BY id
HAVING count(*) <> count(DISTINCT version) OR min(version) <> 1 OR max(version) <> count(*)
    OR count(DISTINCT service) <> 1 OR coalesce(id, '') = ''

UNION ALL
SELECT format('action {}, version {}: no reference, no words, nobody changed it, or an unknown state', id, version)
FROM actions
WHERE coalesce(reference, '') = ''
    OR coalesce(action, '') = ''
    OR coalesce(changed_by, '') = ''
    OR changed_at IS NULL
    OR coalesce(state NOT IN ('open', 'done', 'stopped'), true)
    OR (state = 'done') <> (done_on IS NOT NULL)
    OR (planned_on IS NOT NULL AND first_planned_on IS NULL)

UNION ALL
SELECT format('{}: two actions have the reference {}', service, min(reference))
FROM (SELECT * FROM actions QUALIFY row_number() OVER (PARTITION BY id ORDER BY version DESC) = 1)
GROUP BY service, identity, lower(reference)
HAVING count(*) > 1

UNION ALL
SELECT format('link {}: nobody said it, or of no area', number)
FROM area_links
WHERE coalesce(said_by, '') = '' OR said_at IS NULL OR coalesce(area, '') = '' OR linked IS NULL
    OR (quote IS NULL) <> (occurrence IS NULL)

UNION ALL
SELECT format('link {}: two links have this number', number)
FROM area_links GROUP BY number HAVING count(*) > 1

UNION ALL
SELECT format('deletion {}: nobody made it, of no kind, or it took nothing', number)
FROM deletions
WHERE coalesce(deleted_by, '') = ''
    OR deleted_at IS NULL
    OR coalesce(kind NOT IN ('purge', 'child'), true)
    OR coalesce(snapshots < 1 OR reviews < 0 OR judgements < 0, true)

UNION ALL
SELECT format('deletion {}: two deletions have this number', number)
FROM deletions GROUP BY number HAVING count(*) > 1

UNION ALL
SELECT format('deletion {}: a file is remembered for it, but there is no such deletion', deletion)
FROM deleted_from WHERE deletion IS NULL OR deletion NOT IN (SELECT number FROM deletions)

UNION ALL
SELECT format('service {}: kept, though nothing speaks of it', name)
FROM services
WHERE name NOT IN (
    SELECT service FROM inspections
    UNION ALL SELECT service FROM judgements
    UNION ALL SELECT service FROM reviews
    UNION ALL SELECT service FROM actions
)

UNION ALL
SELECT format('service {}: kept twice', name)
FROM services GROUP BY name HAVING count(*) > 1

UNION ALL
SELECT format('role of {}: is none that there is, of no service, or of everybody', email)
FROM roles
WHERE coalesce(email, '') NOT LIKE '%@%' OR email <> lower(email)
    OR role NOT IN ('board member', 'chair', 'analyst', 'administrator')
    OR (role = 'administrator') <> (service = '') OR coalesce(given_by, '') = '' OR given_at IS NULL

UNION ALL
SELECT format('role of {}: given twice', email)
FROM roles GROUP BY email, role, service HAVING count(*) > 1

UNION ALL
SELECT format('share link {}: without a service, a page, a maker or an end', id)
FROM share_links
WHERE coalesce(id, '') = '' OR coalesce(service, '') = '' OR len(pages) = 0 OR coalesce(made_by, '') = ''
    OR made_at IS NULL OR expires_at IS NULL OR (revoked_by IS NULL) <> (revoked_at IS NULL)

UNION ALL
SELECT format('share link {}: two links have this id', id)
FROM share_links GROUP BY id HAVING count(*) > 1

ORDER BY breach
