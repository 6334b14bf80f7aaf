"""Loading a million reviews through the command, as an analyst would, and again when a newer extract comes."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from time import perf_counter

from bench.server import CHECKOUT
from bench.timing import Figure
from sqs_core.loaders import columns
from sqs_core.services import services

ROWS = 1_000_000
EXTRACTED = date(2026, 11, 23)


def write_extract(path: Path, extracted: date, rows: int = ROWS) -> None:
    """Reviews of every service, due over five years, one in ten still open."""
    rng = Random(1)
    names = [service.name for service in services() if service.closed_on is None]
    plans = ["assessment", "intervention_plan", "risk_management_plan", "vulnerability_management_plan"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [column.name for column in columns("reviews")], restval="")
        writer.writeheader()
        for number in range(rows):
            due = date(2022, 1, 1) + timedelta(days=rng.randrange(1_750))
            done = due + timedelta(days=rng.randrange(-20, 30))
            closed = done <= EXTRACTED and rng.random() < 0.9
            writer.writerow(
                {
                    "service": names[number % len(names)],
                    "case_ref": f"C{number // 4:06}",
                    "order_type": rng.choice(["Referral order", "Youth rehabilitation order"]),
                    "plan_type": plans[number % 4],
                    "trigger": "scheduled",
                    "due_on": due,
                    "completed_on": done if closed else "",
                    "late_reason": "Appointment missed" if closed and done > due else "",
                    "extracted_on": extracted,
                }
            )


def measure_tables(scratch: Path) -> Iterator[Figure]:
    """Wall time and peak memory of `sqs load`. Linux only."""
    for what, extracted in (
        ("load a million reviews", EXTRACTED),
        ("load a newer extract of them", EXTRACTED + timedelta(days=1)),
    ):
        extract = scratch / f"{extracted}.csv"
        write_extract(extract, extracted)
        sqs = str(Path(sys.executable).with_name("sqs"))
        command = [sqs, "--store", str(scratch / "tables"), "load", str(extract)]
        start = perf_counter()
        process = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        taken = perf_counter() - start
        if status:
            raise RuntimeError("the extract could not be loaded")
        yield Figure(
            f"{what} (`sqs load`)",
            f"{taken:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of processor, {used.ru_maxrss / 2**20:.2f} GiB",
            "20 s, 1.5 GB",
        )
