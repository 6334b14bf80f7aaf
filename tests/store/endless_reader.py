"""Reads a store again and again until the file STOP exists, and says what it saw that must not be.

Usage: python endless_reader.py FOLDER STOP

The store is filled with loads of three letters each. So every state has a multiple of three, each whole, and none
has fewer than the state before. Prints how often it read and how many states it saw.
"""

import sys
import time
from pathlib import Path

from sqs_core.store import Store

store, stop = Store.from_address(sys.argv[1]), Path(sys.argv[2])
print("reading", flush=True)
reads, states, before = 0, set(), 0
last_round = False
while not last_round:
    last_round = stop.exists()
    snapshot = store.read()
    inspections = snapshot.inspections()
    if len(inspections) % 3 or len(inspections) < before:
        sys.exit(f"{snapshot.name}: {len(inspections)} letters after {before}")
    if len(snapshot.sources()) != len(inspections):
        sys.exit(f"{snapshot.name}: {len(snapshot.sources())} sources of {len(inspections)} letters")
    for stored in inspections[:3]:
        if len(stored.findings) != stored.source.rows or not stored.inspection.blocks:
            sys.exit(f"{snapshot.name}: letter {stored.id} is not whole")
    before = len(inspections)
    reads += 1
    states.add(snapshot.name)
    time.sleep(0.01)  # ten of them must leave the writer a core
print(reads, len(states))
