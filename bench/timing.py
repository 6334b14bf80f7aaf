"""What a measurement returns, and how a piece of code is timed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `aim`: what it should be, or "" where there is no aim."""

    what: str
    measured: str
    aim: str = ""


def seconds_of(
    work: Callable[[], object], repeats: int, clock: Callable[[], float] = time.perf_counter
) -> float:
    """The median time that `work` takes, in seconds, after one run that does not count.

    With `time.process_time` as clock: the processor time of one core, whatever else the machine does.
    """
    work()
    taken = []
    for _ in range(repeats):
        start = clock()
        work()
        taken.append(clock() - start)
    return median(taken)
