-- A row is one version of an action of the services $services, oldest first.
SELECT * FROM actions WHERE list_contains($services, service) ORDER BY changed_at, id, version
