-- Version 7: what the audit log has of each change, and what was deleted about children.

-- event, service and detail are those of the line that the audit log has of this snapshot; a line that a killed process
-- never wrote is written from them. log_lines and log_sha256: how long the log was just before, and the hash of its last
-- line, so that a log that was cut or begun anew since does not go unseen. Empty: made before there was a log.
ALTER TABLE history ADD COLUMN event VARCHAR;
ALTER TABLE history ADD COLUMN service VARCHAR;
ALTER TABLE history ADD COLUMN detail VARCHAR;
ALTER TABLE history ADD COLUMN log_lines INTEGER;
ALTER TABLE history ADD COLUMN log_sha256 VARCHAR;
