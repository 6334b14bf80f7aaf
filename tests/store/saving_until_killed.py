"""Saves one action after the other and prints its reference once the store has taken it, until it is killed.

Usage: python saving_until_killed.py FOLDER
"""

import sys
from itertools import count

from sqs_core.model import Action
from sqs_core.store import Store

store = Store.from_address(sys.argv[1])
for number in count(1):
    action = Action("Knowsley", None, "An area", str(number), f"Do number {number}")
    store.save_actions([action], by="Writer")
    print(number, flush=True)
