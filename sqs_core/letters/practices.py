"""Which practice a sentence is about. The cues are `data/practices.toml`."""

from __future__ import annotations

from functools import cache

from sqs_core.letters.words import Phrases, table, words_of


@cache
def _cues(section: str) -> Phrases:
    chosen: dict[str, tuple[str, int]] = {}
    for row in table("practices")["cues"]:
        if row.get("section", section) == section:
            for phrase in row["words"]:
                if chosen.get(phrase, ("", -1))[1] < row["weight"]:
                    chosen[phrase] = (row["practice"], row["weight"])
    return Phrases(chosen.items())


def heaviest_cue(
    words: list[str], start: int, end: int, leading: int, section: str
) -> tuple[str | None, int]:
    """The practice of the heaviest cue among the words from `start` to `end`, the first of equals, and its weight.

    Up to `leading` the sentence only leads in ("Following the assessment, …"): cues there weigh less.
    """
    best: tuple[str | None, int] = (None, 0)
    done = start
    for i, length, (practice, weight) in _cues(section).each(words, start, end):
        if i < done:
            continue
        done = i + length
        weight = max(weight - 5, 1) if i < leading else weight  # noqa: PLW2901
        if weight > best[1]:
            best = practice, weight
    return best


def practice_of(text: str, section: str = "") -> str:
    """The practice that a text is about; "other" where it names none."""
    words = words_of(text).words
    return heaviest_cue(words, 0, len(words), 0, section)[0] or "other"
