"""Words of a sentence, and lists of phrases to look for in them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqs_core.frameworks import DATA

# Curly quotes and dashes become plain ones of the same length, so that places in the text stay true.
_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‐": "-", "‑": "-"})
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*|[%;:,.()\[\]\"/?!]|(?<=\s)-(?=\s)")


def word_list(text: str) -> list[str]:
    """The words of a text, parted by spaces: for lists that are easier to read as text."""
    return text.split()


_UNITS = word_list(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = word_list("twenty thirty forty fifty sixty seventy eighty ninety")
NUMBERS = {word: i for i, word in enumerate(_UNITS, 1)} | {word: 20 + 10 * i for i, word in enumerate(_TENS)}


def plain(text: str) -> str:
    """The text in small letters with plain quotes and dashes, character for character as long."""
    text = text.translate(_PLAIN)
    lower = text.lower()
    return lower if len(lower) == len(text) else text


@dataclass(frozen=True, slots=True)
class Words:
    """The words and marks of a text, in small letters, and where each stands in it.

    Hyphens part words: "two-thirds" is two words, as "two thirds" is. A dash is a comma.
    """

    words: list[str]
    starts: list[int]
    ends: list[int]

    def part(self, first: int, last: int) -> Words:
        """The words from number `first` up to number `last`."""
        return Words(self.words[first:last], self.starts[first:last], self.ends[first:last])


def words_of(text: str) -> Words:
    """The words of a text."""
    matches = list(_TOKEN.finditer(plain(text)))
    words = [match.group() for match in matches]
    if "-" in words:
        words = ["," if word == "-" else word for word in words]
    return Words(words, [match.start() for match in matches], [match.end() for match in matches])


def number_at(words: list[str], i: int) -> tuple[int, int] | None:
    """The whole number that begins at word `i`, in figures or in words, and how many words it takes."""
    if i >= len(words):
        return None
    word = words[i]
    if word.isdecimal():
        return (int(word), 1) if len(word) <= 3 else None
    value = NUMBERS.get(word)
    if value is None:
        return None
    if value >= 20 and i + 1 < len(words) and NUMBERS.get(words[i + 1], 10) < 10:
        return value + NUMBERS[words[i + 1]], 2
    return value, 1


class Phrases:
    """Phrases by name. A phrase is words; a word that ends in * stands for every word so beginning."""

    def __init__(self, phrases: Iterable[tuple[str, Any]]) -> None:
        self._exact: dict[str, list[tuple[list[str], Any]]] = {}
        self._stems: list[tuple[str, list[str], Any]] = []
        self._known: dict[tuple[str, str], list[tuple[list[str], Any]]] = {}  # by a word and the one after it
        for phrase, meaning in phrases:
            first, *rest = phrase.lower().replace("-", " ").split()
            if first.endswith("*"):
                self._stems.append((first[:-1], rest, meaning))
            else:
                self._exact.setdefault(first, []).append((rest, meaning))

    def at(self, words: list[str], i: int) -> tuple[int, Any] | None:
        """The longest phrase that begins at word `i`: how many words it takes, and its meaning."""
        pair = (words[i], words[i + 1] if i + 1 < len(words) else "")
        candidates = self._known.get(pair)
        if candidates is None:
            if len(self._known) > 100_000:  # a letter has some thousand different pairs
                self._known.clear()
            candidates = self._known[pair] = self._begun_by(*pair)
        for rest, meaning in candidates:
            if _follows(words, i + 1, rest):
                return 1 + len(rest), meaning
        return None

    def each(
        self, words: list[str], start: int = 0, end: int | None = None
    ) -> Iterator[tuple[int, int, Any]]:
        """The longest phrase at each word from `start` to `end` where one begins: place, length, meaning."""
        known = self._known
        end = len(words) if end is None else end
        following = [*words[start + 1 : end + 1], ""]
        for i, pair in enumerate(zip(words[start:end], following, strict=False), start):
            candidates = known.get(pair)
            if candidates is None or candidates:  # most words begin nothing
                match = self.at(words, i)
                if match:
                    yield i, *match

    def _begun_by(self, word: str, following: str) -> list[tuple[list[str], Any]]:
        """The phrases that begin with these two words, longest first."""
        found = self._exact.get(word, []) + [
            (rest, meaning) for stem, rest, meaning in self._stems if word.startswith(stem)
        ]
        found = [candidate for candidate in found if _follows([following], 0, candidate[0][:1])]
        return sorted(found, key=lambda candidate: -len(candidate[0]))


def _follows(words: list[str], i: int, rest: list[str]) -> bool:
    if i + len(rest) > len(words):
        return False
    for k, wanted in enumerate(rest, i):
        word = words[k]
        if word != wanted and not (wanted[-1] == "*" and word.startswith(wanted[:-1])):
            return False
    return True


@cache
def table(name: str) -> dict[str, Any]:
    """One of the tables of the language: `data/<name>.toml`."""
    with (DATA / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
