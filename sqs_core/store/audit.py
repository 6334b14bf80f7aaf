"""The audit log of a store: who signed in, saw case references, loaded, changed, shared, deleted.

Lines beside the snapshots, and no part of them: reading makes no snapshot, and going back to an older one takes no
line away. Each line holds the SHA-256 over the line before it and its own content, so that one that is changed, taken
out or put in is found. What was cut off at the end is found by two witnesses: the head, kept apart, has the last line's
number and hash, and each snapshot those of the last line before it. Whoever may write to the store can forge all three;
docs/hosts.md says what to do about that.

No line ever holds a case reference, words about a child, a secret or the name of a file, which may hold any of them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol, get_args

from filelock import FileLock, Timeout

from sqs_core.errors import RefusedError
from sqs_core.store.rows import Row, one_line, utc, utc_now

Event = Literal[
    # who came, and what they saw
    "signed in",
    "sign-in refused",
    "signed out",
    "access refused",
    "saw case references",
    "downloaded case references",
    # the store as a whole
    "created the store",
    "upgraded the store",
    "restored",
    "backed up",
    # what is loaded
    "loaded",
    "loaded example data",
    "unloaded",
    "removed illustrative data",
    "published",
    "discarded",
    "corrected",
    "changed an action",
    "linked findings",
    # who may see and do what
    "role given",
    "role taken away",
    "share link made",
    "share link opened",
    "share link revoked",
    "share link refused",
    # what is no longer kept
    "purged",
    "child deleted",
    # the log itself
    "began the log",
    "found the log damaged",
    "exported the log",
]
EVENTS: frozenset[str] = frozenset(get_args(Event))

_LOCK_SECONDS = 10.0
_LONGEST = 8_000  # characters of a field: the names of all services there are fit in
_TAIL = 256 * 1024  # bytes: more than two of the longest lines
_HASH = re.compile(rb',"sha256":"([0-9a-f]{64})"}')
_HEAD = re.compile(r"(\d{12}) ([0-9a-f]{64})\n")
_BETWEEN = "; "  # the services of one line


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed in a store: as the history says it, and as the audit log does, which names no file."""

    event: Event
    what: str
    services: tuple[str, ...] = ()
    detail: str = ""

    def row(self) -> Row:
        """What the history keeps for the log."""
        return {"event": self.event, "service": _services(self.services), "detail": self.detail}


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One thing that happened."""

    number: int  # 1, 2, …
    at: datetime  # UTC; of a line that was written late, when it happened
    event: str
    who: str  # an e-mail address, the name that `sqs` records, or "link …" for who came by a share link
    service: str  # "": none or all; several are separated by semicolons
    detail: str
    snapshot: str  # the last snapshot of which the log has a line, this one included
    sha256: str

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(self.service.split(_BETWEEN)) if self.service else ()


@dataclass(frozen=True, slots=True)
class _End:
    """The last whole line of the log."""

    lines: int = 0
    raw: bytes = b""  # without its line break
    sha256: str = ""
    snapshot: str = ""
    is_damaged: bool = False


class Lines(Protocol):
    """Where the lines of a log are kept: nothing of what they say is known here."""

    name: str  # of the lines and of the head, as people find them
    head_name: str

    def alone(self) -> AbstractContextManager[None]:
        """While nobody else writes. Raises RefusedError where that is not possible."""

    def tail(self) -> list[bytes]:
        """The last whole lines, oldest first, without their line breaks: as many as are quickly read."""

    def count(self) -> int:
        """How many whole lines there are."""

    def append(self, raw: bytes, number: int, sha256: str) -> None:
        """Add a line, and put it into the head, so that both outlast a cut of power. Only within `alone`."""

    def head(self) -> tuple[int, str] | None:
        """Number and hash of the last line that was written; None: missing or damaged."""

    def __iter__(self) -> Iterator[tuple[bytes, bool]]:
        """Each line as it stands, oldest first, and whether it ends."""


class AuditLog:
    """The log in `lines`.

    `in_force`: the name of the snapshot in force, "" without one. `changes`: the rows of its history, oldest first.
    """

    def __init__(
        self, lines: Lines, in_force: Callable[[], str], changes: Callable[[], Sequence[Row]]
    ) -> None:
        self.lines = lines
        self._in_force = in_force
        self._changes = changes

    def append(self, event: Event, who: str, service: str = "", detail: str = "") -> None:
        """Write a line, and see it on the disk. Raises RefusedError where that is not possible: what may not happen
        unrecorded must not happen then."""
        with self.lines.alone():
            end = self._caught_up()
            self._write(end, event, who, service=service, detail=detail)

    def before_a_change(self) -> tuple[int, str]:
        """How many lines there are and the hash of the last, once the log has all changes until now."""
        with self.lines.alone():
            end = self._caught_up()
            return end.lines, end.sha256

    def record(self, change: Row) -> None:
        """Write the line of a row of the history, unless another process was quicker."""
        with self.lines.alone():
            end = self._sound_end()
            if _number(change["snapshot"]) > _number(end.snapshot):
                self._write_change(end, change)

    def entries(self) -> list[AuditLine]:
        """Every line that can be read, oldest first."""
        self._catch_up()
        return [line for raw, _ in self.lines if (line := _line(raw)) is not None]

    def problems(self) -> list[str]:
        """What speaks against the log's being whole, in words. Empty: every line stands as it was written, and none
        that a witness knows of is missing."""
        self._catch_up()
        out: list[str] = []
        hashes: dict[int, str] = {}
        before, expected = b"", 1
        for raw, is_whole in self.lines:
            if not is_whole:
                break  # what a killed process left; the next line takes its place
            line = _line(raw)
            if line is None or line.sha256 != _sha256(before, raw):
                out.append(f"line {expected}: it or the one before it is not as it was written")
            elif line.number != expected:
                out.append(f"line {expected}: says that it is line {line.number}")
            elif line.event == "found the log damaged":
                out.append(f"line {expected}: on {line.at:%d/%m/%Y at %H:%M} {line.detail}")
            if line is not None:
                hashes[expected] = line.sha256
            before, expected = raw, expected + 1
        head = self.lines.head()
        if head and hashes.get(head[0]) != head[1]:
            out.append(f"line {head[0]}, which was once the last, is missing or another")
        if head is None and expected > 2:
            out.append(f"{self.lines.head_name}: missing or damaged, so nobody knows how long the log was")
        for row in self._changes():
            if row["log_lines"] and hashes.get(row["log_lines"]) != row["log_sha256"]:
                line_then = f"line {row['log_lines']}, the last when snapshot {row['snapshot']} was made,"
                out.append(f"{line_then} is missing or another")
                break  # what came after it will hardly be better
        return [f"{self.lines.name}: {problem}" for problem in dict.fromkeys(out)]

    # Writing

    def _catch_up(self) -> None:
        if self._in_force():
            with suppress(RefusedError):  # who may only read reads what there is
                self.before_a_change()

    def _sound_end(self) -> _End:
        """The end of the log, once it has a beginning, and what is wrong with its end is said in it."""
        end = self._end()
        if not end.lines and not end.is_damaged and self.lines.head() is None:
            in_force = self._in_force()
            since = f"the store was at snapshot {in_force}" if in_force else ""
            return self._write(end, "began the log", "sqs", detail=since, snapshot=in_force)
        if problem := self._cut(end):
            last = end.snapshot or self._in_force()
            return self._write(end, "found the log damaged", "sqs", detail=problem, snapshot=last)
        return end

    def _caught_up(self) -> _End:
        """The same, once every change up to the snapshot in force has its line: a process may be killed after a change
        and before its line."""
        end, in_force = self._sound_end(), self._in_force()
        if _number(in_force) > _number(end.snapshot):
            for row in self._changes():
                if row["event"] and _number(row["snapshot"]) > _number(end.snapshot):
                    end = self._write_change(end, row)
        return end

    def _cut(self, end: _End) -> str | None:
        """Whether the end of the log is another than the head knows."""
        if end.is_damaged:
            return "its last line was not one of the log's"
        head = self.lines.head()
        if head is None:  # killed before the first head was written, or else somebody took it away
            return f"{self.lines.head_name} was missing or damaged" if end.lines > 1 else None
        if head[0] > end.lines:
            return f"it ended with line {end.lines}, and had had {head[0]}"
        if head == (end.lines, end.sha256):
            return None
        lines = self.lines.tail()
        back = end.lines - head[0]  # one, where a process was killed between the line and the head
        known = _line(lines[-1 - back]) if back < len(lines) else None
        return (
            f"line {head[0]} was another"
            if back < len(lines) and (not known or known.sha256 != head[1])
            else None
        )

    def _write_change(self, end: _End, row: Row) -> _End:
        said = {name: row[name] or "" for name in ("service", "detail", "snapshot")}
        return self._write(end, row["event"], row["made_by"], at=row["made_at"], **said)

    def _write(
        self,
        end: _End,
        event: str,
        who: str,
        *,
        service: str = "",
        detail: str = "",
        at: datetime | None = None,
        snapshot: str | None = None,
    ) -> _End:
        if event not in EVENTS:
            raise ValueError(f"the audit log knows no event {event!r}")
        content = json.dumps(
            {
                "number": end.lines + 1,
                "at": f"{at or utc_now():%Y-%m-%dT%H:%M:%S.%f}Z",
                "event": event,
                "who": one_line(who.strip()) or "unknown",
                "service": one_line(service, _LONGEST),
                "detail": one_line(detail, _LONGEST),
                "snapshot": end.snapshot if snapshot is None else snapshot,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()[:-1]
        digest = hashlib.sha256(end.raw + b"\n" + content).hexdigest()
        raw = content + f',"sha256":"{digest}"}}'.encode()
        self.lines.append(raw, end.lines + 1, digest)
        return _End(end.lines + 1, raw, digest, end.snapshot if snapshot is None else snapshot)

    def _end(self) -> _End:
        """The last whole line, without reading what is far before it."""
        lines = self.lines.tail()
        if not lines:
            return _End()
        line = _line(lines[-1])
        if line is None:
            known = next((said for raw in reversed(lines) if (said := _line(raw))), None)
            snapshot = known.snapshot if known else ""
            return _End(self.lines.count(), lines[-1], "", snapshot, is_damaged=True)
        return _End(line.number, lines[-1], line.sha256, line.snapshot)


class LinesInFile:
    """The lines as `audit.jsonl` in a folder, with `audit.head` beside them."""

    name = "audit.jsonl"
    head_name = "audit.head"

    def __init__(self, folder: Path) -> None:
        self.path = folder / self.name
        self._head_path = folder / self.head_name
        self._lock_path = folder / ".audit.lock"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """By a lock of its own: a sign-in does not wait for a load."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self._lock_path, timeout=_LOCK_SECONDS):
                self.path.touch()
                yield
        except Timeout:
            raise RefusedError(
                f"{self.path}: somebody else has been writing for {_LOCK_SECONDS:.0f} seconds; nothing was done"
            ) from None
        except OSError as error:
            raise RefusedError(
                f"{self.path}: the audit log cannot be written ({error.strerror}); nothing was done"
            ) from error

    def tail(self) -> list[bytes]:
        with self.path.open("rb") as file:
            start = max(0, file.seek(0, os.SEEK_END) - _TAIL)
            file.seek(start)
            *lines, _ = file.read().split(b"\n")
        return lines[1:] or lines if start else lines

    def count(self) -> int:
        return sum(is_whole for _, is_whole in self)

    def append(self, raw: bytes, number: int, sha256: str) -> None:
        """In the place of what a killed process left of a line that nobody was told of."""
        with self.path.open("rb+") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            torn = file.read().rpartition(b"\n")[2]
            file.seek(size - len(torn) if len(torn) < _TAIL else size)
            file.truncate()
            file.write(raw + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._put_head(number, sha256)

    def head(self) -> tuple[int, str] | None:
        try:
            found = _HEAD.fullmatch(self._head_path.read_text("ascii"))
        except (OSError, UnicodeDecodeError):
            return None
        return (int(found[1]), found[2]) if found else None

    def _put_head(self, number: int, sha256: str) -> None:
        """In place and always as long, so that it is whole after a cut of power: the old one or the new one."""
        is_new = not self._head_path.exists()
        descriptor = os.open(self._head_path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        try:
            os.write(descriptor, f"{number:012d} {sha256}\n".encode())
            if is_new:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def __iter__(self) -> Iterator[tuple[bytes, bool]]:
        try:
            with self.path.open("rb") as file:
                for raw in file:
                    yield raw.removesuffix(b"\n"), raw.endswith(b"\n")
        except FileNotFoundError:
            return


def _line(raw: bytes) -> AuditLine | None:
    try:
        said = json.loads(raw)
        at = utc(datetime.strptime(said.pop("at"), "%Y-%m-%dT%H:%M:%S.%fZ"))  # noqa: DTZ007 - Z is UTC
        line = AuditLine(at=at, **said)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    texts = (line.event, line.who, line.service, line.detail, line.snapshot, line.sha256)
    return line if type(line.number) is int and all(isinstance(text, str) for text in texts) else None


def _sha256(before: bytes, raw: bytes) -> str | None:
    """The hash that a line should have; None: it has none in its place."""
    found = _HASH.search(raw, max(0, len(raw) - 80))
    if found is None or found.end() != len(raw):
        return None
    return hashlib.sha256(before + b"\n" + raw[: found.start()]).hexdigest()


def _number(snapshot: str) -> int:
    return int(snapshot) if snapshot.isdecimal() else 0


def _services(names: Sequence[str]) -> str:
    """Names in one field: whole ones only, where there are more than it holds."""
    out = ""
    for name in dict.fromkeys(names):
        longer = out + (_BETWEEN if out else "") + one_line(name)
        if len(longer) > _LONGEST:
            break
        out = longer
    return out
