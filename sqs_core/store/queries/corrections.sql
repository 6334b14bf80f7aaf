-- A row is a correction that bears on inspection $source, oldest first. Made on another file of the same
-- inspection it counts too, except while that file is a draft: nothing shows that was not published.
SELECT c.*
FROM corrections AS c
JOIN inspections AS i
    ON i.service = c.service AND i.framework = c.framework AND i.identity = c.identity
LEFT JOIN sources AS made_on ON made_on.id = c.source_id
WHERE i.source_id = $source
    AND (c.source_id = $source OR made_on.id IS NULL OR made_on.published_at IS NOT NULL)
ORDER BY c.id
