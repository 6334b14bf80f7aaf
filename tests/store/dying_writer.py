"""Loads one letter into a store, and is killed after N steps on the way to disk. Prints "done" if it survives.

Usage: python dying_writer.py FOLDER N
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

from sqs_core.demo import knowsley
from sqs_core.store import LetterFile, Store

steps = count(1)
last = int(sys.argv[2])


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
):
    setattr(owner, name, dying(getattr(owner, name)))
Store.from_address(sys.argv[1]).load([LetterFile("letter", "0" * 64, knowsley())], by="writer")
print("done")
