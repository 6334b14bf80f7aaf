"""Sign-ins that their people ended. Streamlit keeps a sign-in in a signed cookie and nowhere else, so a copy of the cookie
would open everything until its hours are over.

Beside the snapshots stands for each address up to which sign-in, by the time that the provider gave it, all are over: the
one that was signed out of and those before it. No clock of ours comes into that. It is no part of a snapshot: signing
out waits for no load and takes no place among the snapshots that are kept.
"""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from sqs_core.errors import BadInputError, RefusedError

_LOCK_SECONDS = 10.0
KEPT_SECONDS = 25 * 60 * 60.0  # no sign-in lasts longer (SQS_SESSION_HOURS)


class SignOuts(Protocol):
    """Those of a store, for every process that shares it."""

    def is_over(self, email: str, issued: float) -> bool:
        """Whether a person ended the sign-in that was issued then. Raises BadInputError where nobody can know."""

    def end(self, email: str, issued: float) -> bool:
        """From now on a sign-in is over, and so are the person's before it. False: it was already. Raises RefusedError
        where that cannot be kept."""


class SignOutsInFile:
    """As `signed_out.json` in a folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "signed_out.json"
        self._reading = threading.Lock()
        self._known: tuple[tuple[int, int], dict[str, float]] | None = None  # the file, as it was read

    def is_over(self, email: str, issued: float) -> bool:
        return issued <= self._read().get(email, 0.0)

    def end(self, email: str, issued: float) -> bool:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self.path.with_name(".signed_out.lock"), timeout=_LOCK_SECONDS):
                ended = self._read()
                if issued <= ended.get(email, 0.0):
                    return False
                forgotten = time.time() - KEPT_SECONDS
                kept = {who: when for who, when in ended.items() if when > forgotten}
                self._write({**kept, email: issued})
                return True
        except (OSError, Timeout) as error:
            raise RefusedError(f"{self.path}: a sign-out cannot be kept") from error

    def _read(self) -> dict[str, float]:
        with self._reading:
            try:
                status = self.path.stat()
                stamp = (status.st_ino, status.st_mtime_ns)
                if self._known is None or self._known[0] != stamp:
                    found = json.loads(self.path.read_text("utf-8"))
                    self._known = (stamp, {str(who): float(when) for who, when in found.items()})
            except FileNotFoundError:
                return {}
            except (OSError, ValueError, TypeError, AttributeError) as error:
                raise BadInputError(
                    f"{self.path}: cannot be read, so nobody knows who signed out; without the file nobody did"
                ) from error
            return self._known[1]

    def _write(self, ended: dict[str, float]) -> None:
        unfinished = self.path.with_name(".signed_out.new")
        with unfinished.open("w", encoding="utf-8") as file:
            json.dump(ended, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.path)
