"""How well the reader answers an exam: findings with a number, right or wrong, and the traps that it took."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

Answer = dict[str, Any]  # a finding as `sqs letter --json` prints it, or as the answers give it


@dataclass
class Result:
    """`right` of `read` findings, and `in_place` of those under the right practice; `found` of the `wanted` ones; what
    was missed, wrong, or a trap, in words."""

    right: int = 0
    read: int = 0
    found: int = 0
    wanted: int = 0
    in_place: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    traps: list[str] = field(default_factory=list)

    def __add__(self, other: Result) -> Result:
        return Result(
            self.right + other.right,
            self.read + other.read,
            self.found + other.found,
            self.wanted + other.wanted,
            self.in_place + other.in_place,
            self.missed + other.missed,
            self.wrong + other.wrong,
            self.traps + other.traps,
        )

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        precision, recall = self.right / self.read, self.found / self.wanted
        return 2 * precision * recall / (precision + recall)


def words(text: str) -> set[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return set(re.findall(r"\w+", re.sub(r"[-'’]\s*\n?\s*", "", folded)))


def alike(one: set[str], other: set[str]) -> float:
    """Jaccard's index; at least a half where one contains the other."""
    both = len(one & other)
    jaccard = both / len(one | other) if both else 0.0
    contained = min(len(one), len(other)) >= 3 and both >= 0.95 * min(len(one), len(other))
    return max(jaccard, 0.5) if contained else jaccard


def same_place(read: Answer, answer: Answer) -> bool:
    if read["paragraph"] and answer["paragraph"]:
        return bool(read["paragraph"] == answer["paragraph"])
    return bool(read["section"] == answer["section"])


def same_share(read: Answer, answer: Answer) -> bool:
    """Both ends within 0.06, or inside; all and none only where all and none are meant."""
    low, high = read["share_low"], read["share_high"]
    wanted_low, wanted_high = answer["share_low"], answer["share_high"]
    if low == 1 or high == 0:
        return bool(wanted_low == wanted_high == low)
    near = abs(low - wanted_low) <= 0.06 and abs(high - wanted_high) <= 0.06
    return bool(near or (low >= wanted_low - 0.02 and high <= wanted_high + 0.02))


def mark(read: list[Answer], answers: list[Answer], traps: list[str]) -> Result:
    """Each finding that was read answers at most one of those that are wanted."""
    read = [finding for finding in read if finding["basis"] != "qualitative"]
    answers = [answer for answer in answers if answer["basis"] != "qualitative"]
    open_answers, result = list(answers), Result(read=len(read))
    for finding in read:
        quote = words(finding["quote"])
        fitting = [
            answer
            for answer in open_answers
            if same_place(finding, answer)
            and same_share(finding, answer)
            and alike(quote, words(answer["quote"])) >= 0.5
        ]
        if fitting:
            best = max(fitting, key=lambda answer: alike(quote, words(answer["quote"])))
            open_answers.remove(best)
            result.right += 1
            also = re.findall(r"\[practice also: ([^\]]*)\]", best["note"])
            result.in_place += finding["practice"] in {best["practice"], *", ".join(also).split(", ")}
            continue
        described = f"{finding['paragraph']}: {finding['quote']} [{finding['share_low']:.2f}, {finding['share_high']:.2f}]"
        result.wrong.append(described)
        nearest_trap = max((alike(quote, words(trap)) for trap in traps), default=0)
        nearest = max((alike(quote, words(answer["quote"])) for answer in answers), default=0)
        if nearest_trap >= 0.5 and nearest_trap >= nearest:
            result.traps.append(described)
    required = [answer for answer in answers if "[optional]" not in answer["note"]]
    missed = [answer for answer in open_answers if answer in required]
    result.wanted, result.found = len(required), len(required) - len(missed)
    result.missed = [f"{answer['paragraph']}: {answer['quote']}" for answer in missed]
    return result
