"""The store: a folder of DuckDB snapshots, or a lake past one machine; many readers, one writer at a time. The only
room that knows DuckDB."""

from sqs_core.store.changes import UNCHANGED, LoadResult, Unchanged
from sqs_core.store.folder import FolderStore
from sqs_core.store.retention import Deleted, KeepRules
from sqs_core.store.rows import LetterFile
from sqs_core.store.snapshot import HistoryEntry, Snapshot
from sqs_core.store.store import Store
from sqs_core.store.tables import TableFile

__all__ = [
    "UNCHANGED",
    "Deleted",
    "FolderStore",
    "HistoryEntry",
    "KeepRules",
    "LetterFile",
    "LoadResult",
    "Snapshot",
    "Store",
    "TableFile",
    "Unchanged",
]
