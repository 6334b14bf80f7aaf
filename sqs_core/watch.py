"""What a host sees of a running dashboard: log lines, counts and health. Nothing in them says who somebody is:
no names, no whole addresses, no cookies, no tokens, no query strings, no text that people typed or loaded."""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from hmac import compare_digest
from ipaddress import ip_address, ip_network
from math import inf
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sqs_core.hosting import Settings

_log = logging.getLogger("sqs.front")
_RERUN_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # bounds of the histogram


class Counts:
    """Counts since this process started. Label values come from fixed lists, so their number is bounded."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()  # method, route, status
        self._seconds: defaultdict[str, float] = defaultdict(float)  # route
        self._refused: Counter[str] = Counter()  # why
        self._reruns: Counter[tuple[str, float]] = Counter()  # page, the first bound that was enough
        self._rerun_seconds: defaultdict[str, float] = defaultdict(float)  # page
        self.sessions = 0  # websockets that are open now

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        with self._lock:
            self._requests[method, route, status] += 1
            self._seconds[route] += seconds

    def refused(self, why: str) -> None:
        with self._lock:
            self._refused[why] += 1

    def rerun(self, page: str, seconds: float) -> None:
        """A page was run for somebody, from the first line to the last."""
        bound = next((bound for bound in _RERUN_SECONDS if seconds <= bound), inf)
        with self._lock:
            self._reruns[page, bound] += 1
            self._rerun_seconds[page] += seconds

    def session(self, change: int) -> None:
        with self._lock:
            self.sessions += change

    def as_text(self, snapshot_age: float | None) -> str:
        """In Prometheus' text format. `snapshot_age`: seconds since the snapshot in force was made; None where
        the store cannot be read."""
        with self._lock:
            requests, seconds = sorted(self._requests.items()), sorted(self._seconds.items())
            refused, sessions = sorted(self._refused.items()), self.sessions
            reruns, rerun_seconds = Counter(self._reruns), sorted(self._rerun_seconds.items())
        return "\n".join(
            [
                *_family("sqs_requests_total", "counter", "Answers given, by method, route and status."),
                *(
                    f'sqs_requests_total{{method="{method}",route="{route}",status="{status}"}} {count}'
                    for (method, route, status), count in requests
                ),
                *_family("sqs_request_seconds_total", "counter", "Time spent on answers, by route."),
                *(f'sqs_request_seconds_total{{route="{route}"}} {spent:.6f}' for route, spent in seconds),
                *_family("sqs_refused_total", "counter", "Requests refused at the door, by reason."),
                *(f'sqs_refused_total{{reason="{why}"}} {count}' for why, count in refused),
                *_family(
                    "sqs_rerun_seconds", "histogram", "Time that a page took to run for somebody, by page."
                ),
                *(text for page, spent in rerun_seconds for text in _histogram(page, reruns, spent)),
                *_family("sqs_sessions", "gauge", "Pages open now."),
                f"sqs_sessions {sessions}",
                *_family("sqs_store_readable", "gauge", "1 when the store can be read."),
                f"sqs_store_readable {int(snapshot_age is not None)}",
                *(
                    []
                    if snapshot_age is None
                    else [
                        *_family("sqs_store_age_seconds", "gauge", "Time since the store last changed."),
                        f"sqs_store_age_seconds {snapshot_age:.0f}",
                    ]
                ),
                "",
            ]
        )


def _histogram(page: str, reruns: Counter[tuple[str, float]], spent: float) -> Iterator[str]:
    """Each bound counts all that took no longer."""
    name, count = "sqs_rerun_seconds", 0
    for bound in (*_RERUN_SECONDS, inf):
        count += reruns[page, bound]
        yield f'{name}_bucket{{page="{page}",le="{"+Inf" if bound == inf else bound}"}} {count}'
    yield f'{name}_sum{{page="{page}"}} {spent:.6f}'
    yield f'{name}_count{{page="{page}"}} {count}'


counts = Counts()  # of this process: the front and the pages count in the same


def health_routes(settings: Settings, counts: Counts, snapshot_age: Callable[[], float]) -> list[Route]:
    """`/health/live`: the process answers. `/health/ready`: it can serve, that is, read the store.
    `/metrics`: the counts, for those with the token. `snapshot_age` raises when the store cannot be read."""

    async def age() -> float | None:
        try:
            return await run_in_threadpool(snapshot_age)
        except Exception as error:
            _log.warning("the store cannot be read", exc_info=error)
            return None

    async def live(_request: Request) -> Response:
        return JSONResponse({"live": True})

    async def ready(_request: Request) -> Response:
        readable = await age() is not None
        return JSONResponse({"ready": readable}, status_code=200 if readable else 503)

    async def metrics(request: Request) -> Response:
        if not settings.metrics_token:
            return PlainTextResponse("Not found", status_code=404)
        given = request.headers.get("authorization", "").encode()
        if not compare_digest(given, f"Bearer {settings.metrics_token}".encode()):
            return PlainTextResponse(
                "Not without the token", status_code=401, headers={"WWW-Authenticate": "Bearer"}
            )
        return PlainTextResponse(counts.as_text(await age()), media_type="text/plain; version=0.0.4")

    return [Route("/health/live", live), Route("/health/ready", ready), Route("/metrics", metrics)]


def line(event: str, error: Exception | None = None, **facts: object) -> None:
    """Write one line of log. The caller gives no fact that says who somebody is."""
    _log.log(logging.ERROR if error else logging.INFO, event, exc_info=error, extra={"facts": facts})


def part_of(address: str) -> str:
    """The network of an address, enough to tell a council from the rest of the world, and no person."""
    try:
        version = ip_address(address).version
    except ValueError:
        return ""
    return str(ip_network(f"{address}/{24 if version == 4 else 48}", strict=False))


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        found: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "source": record.name,
            "event": record.msg,
            **getattr(record, "facts", {}),
            **getattr(record, "error", {}),
        }
        return json.dumps(found, ensure_ascii=False, default=lambda value: type(value).__name__)


def without_values(record: logging.LogRecord) -> logging.LogRecord:
    """The message as it stands in the program, without what was put into it; of an error its kind and where it was
    raised, without its text. Values and texts are where names would be."""
    record.msg = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
    record.args = None
    if record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        frames = traceback.extract_tb(error.__traceback__)[-8:]
        record.error = {
            "error": type(error).__name__,
            "at": [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames],
        }
    record.exc_info = record.exc_text = record.stack_info = None
    return record


def log_as_json_lines() -> None:
    """From now on every logger of this process writes JSON lines to standard error, and to nothing else. One that a
    library makes later may write its own lines, but no values in them either."""
    made = logging.getLogRecordFactory()
    logging.setLogRecordFactory(lambda *args, **named: without_values(made(*args, **named)))
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.root.handlers = [handler]
    logging.root.setLevel(logging.WARNING)
    for logger in _loggers():
        logger.handlers.clear()
        logger.propagate = True
    # These say addresses and paths for every request; the front says what is needed of each.
    for name in ("uvicorn.access", "uvicorn.error", "httpx"):
        logging.getLogger(name).setLevel(logging.WARNING)
    _log.setLevel(logging.INFO)
    logging.captureWarnings(True)

    def of_a_thread(failed: Any) -> None:
        logging.getLogger("sqs.thread").error(
            "a thread ended", exc_info=(failed.exc_type, failed.exc_value, failed.exc_traceback)
        )

    threading.excepthook = of_a_thread


def _loggers() -> Iterable[logging.Logger]:
    return [found for found in logging.root.manager.loggerDict.values() if isinstance(found, logging.Logger)]


def _family(name: str, kind: str, says: str) -> list[str]:
    return [f"# HELP {name} {says}", f"# TYPE {name} {kind}"]
