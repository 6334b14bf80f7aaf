-- A row is what was said about a finding behind an area of inspection $source, oldest first, whichever file of that
-- inspection it was said of.
SELECT l.*
FROM area_links AS l
JOIN inspections AS i ON i.service = l.service AND i.framework = l.framework AND i.identity = l.identity
WHERE i.source_id = $source
ORDER BY l.number
