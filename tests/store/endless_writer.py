"""Loads one letter after the other into a store, and says "ack N" once letter N is in. Ends when it is killed.

Usage: python endless_writer.py FOLDER FIRST
"""

import sys
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

from sqs_core.demo import knowsley
from sqs_core.store import LetterFile, Store

store, number = Store.from_address(sys.argv[1]), int(sys.argv[2])
facts = knowsley()
while True:
    day = date(2000, 1, 1) + timedelta(days=number)
    inspection = replace(facts, letter=replace(facts.letter, fieldwork_start=day))
    name = f"letter {number}"
    store.load([LetterFile(name, sha256(name.encode()).hexdigest(), inspection)], by="writer")
    print(f"ack {number}", flush=True)
    number += 1
