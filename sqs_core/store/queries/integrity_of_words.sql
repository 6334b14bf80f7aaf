-- A row is a breach, in words, of an integrity rule about what people said, gave and deleted. Run before every snapshot
-- is published, and by `sqs check`. Each table is read once: DuckLake asks its catalogue every time.
WITH corrections AS MATERIALIZED (FROM corrections),
    actions AS MATERIALIZED (FROM actions),
    area_links AS MATERIALIZED (FROM area_links),
    deletions AS MATERIALIZED (FROM deletions),
    roles AS MATERIALIZED (FROM roles),
    share_links AS MATERIALIZED (FROM share_links)

SELECT format('shape {}: column {} of {} is mapped twice', fingerprint, "column", kind) AS breach
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
