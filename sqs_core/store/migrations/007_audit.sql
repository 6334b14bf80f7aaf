-- Version 7: what the audit log has of each change, and what was deleted about children.

-- event, service and detail are those of the line that the audit log has of this snapshot; a line that a killed process
-- never wrote is written from them. log_lines and log_sha256: how long the log was just before, and the hash of its last
-- line, so that a log that was cut or begun anew since does not go unseen. Empty: made before there was a log.
ALTER TABLE history ADD COLUMN event VARCHAR;
ALTER TABLE history ADD COLUMN service VARCHAR;
ALTER TABLE history ADD COLUMN detail VARCHAR;
ALTER TABLE history ADD COLUMN log_lines INTEGER;
ALTER TABLE history ADD COLUMN log_sha256 VARCHAR;

-- A row is one deletion of rows about children, by the rules of keeping or of one child: what was done, never whose rows
-- they were. service is empty for a purge. reviews and judgements: how many rows of the snapshot that was in force;
-- snapshots: how many of the kept ones had rows to delete, that one included.
CREATE TABLE deletions (
    number INTEGER, deleted_at TIMESTAMP, deleted_by VARCHAR, kind VARCHAR, service VARCHAR, reviews INTEGER,
    judgements INTEGER, snapshots INTEGER
);

-- A row is a file that a deletion took rows from, and how many of its rows were left. Loading the very same file again
-- would bring the rows back, so it is refused.
CREATE TABLE deleted_from (deletion INTEGER, sha256 VARCHAR, rows INTEGER);
