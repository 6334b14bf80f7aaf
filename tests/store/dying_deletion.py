"""Deletes a child of Knowsley from a store, and is killed after N steps on the way to disk. Prints "done" if it survives.

Usage: python dying_deletion.py FOLDER CASE_REF N
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

from sqs_core.store import Store

steps = count(1)
last = int(sys.argv[3])


def dying(step: Callable[..., object]) -> Callable[..., object]:
    def at_last(*arguments: object, **named: object) -> object:
        if next(steps) > last:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(*arguments, **named)

    return at_last


for owner, name in (
    (os, "fsync"),
    (shutil, "copyfile"),
    (Path, "write_text"),
    (Path, "rename"),
    (Path, "replace"),
    (Path, "unlink"),
):
    setattr(owner, name, dying(getattr(owner, name)))
Store.from_address(sys.argv[1]).forget("Knowsley", sys.argv[2], by="Manager")
print("done")
