-- A row is a correction that bears on inspection $source, oldest first, whichever file of that inspection it was made
-- on. A draft shows all of them; what boards see shows only those that were published.
SELECT c.*
FROM corrections AS c
JOIN inspections AS i
    ON i.service = c.service AND i.framework = c.framework AND i.identity = c.identity
JOIN sources AS s ON s.id = i.source_id
WHERE i.source_id = $source AND (c.published_at IS NOT NULL OR s.published_at IS NULL)
ORDER BY c.id
