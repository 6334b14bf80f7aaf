-- A row is one inspection as one file tells it, newest inspection first. in_force: the board sees this one of the
-- published files of the same inspection; the latest published, and facts only where there is no letter.
SELECT
    i.source_id AS id,
    i.service,
    s.published_at IS NULL AS draft,
    s.published_at IS NOT NULL
        AND row_number() OVER (
            PARTITION BY s.published_at IS NULL, i.service, i.framework, i.identity
            ORDER BY s.kind = 'facts', s.published_at DESC, s.id DESC
        ) = 1 AS in_force
FROM inspections AS i
JOIN sources AS s ON s.id = i.source_id
ORDER BY coalesce(i.fieldwork_end, i.fieldwork_start, i.published_on) DESC NULLS LAST, s.id DESC
