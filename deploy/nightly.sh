#!/bin/sh
# Every night: a backup and the audit log into a folder on another disk, proof that the backup can be read, and a
# check of the store. Exit status 0 when all is well; what is not goes to standard error.
#   nightly.sh FOLDER
set -eu
umask 027
folder="${1:?nightly.sh FOLDER: say where backups go}"
night=$(date -u +%Y-%m-%dT%H%M%SZ)
tried=$(mktemp -d)
trap 'rm -rf "$tried"' EXIT

sqs backup "$folder/sqs-$night.duckdb"
sqs audit --json > "$folder/audit-$night.json"
# A backup that was never read back is a hope.
sqs --store "$tried/store" restore "$folder/sqs-$night.duckdb"
sqs --store "$tried/store" check
sqs check
# Thirty nights are kept, and only after this one went well.
find "$folder" -maxdepth 1 \( -name 'sqs-*.duckdb' -o -name 'audit-*.json' \) -mtime +30 -exec rm {} +
