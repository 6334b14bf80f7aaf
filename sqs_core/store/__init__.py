"""The store: a folder of DuckDB snapshots, many readers, one writer at a time. The only room that knows
DuckDB."""

from sqs_core.store.changes import UNCHANGED, LoadResult, Unchanged
from sqs_core.store.rows import AuditFile, LetterFile
from sqs_core.store.snapshot import HistoryEntry, Snapshot
from sqs_core.store.store import Store

__all__ = [
    "UNCHANGED",
    "AuditFile",
    "HistoryEntry",
    "LetterFile",
    "LoadResult",
    "Snapshot",
    "Store",
    "Unchanged",
]
