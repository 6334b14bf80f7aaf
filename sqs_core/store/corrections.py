"""What an analyst changed in a finding: tied to the sentence, applied on reading, never written over it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from sqs_core.model import Direction, Finding, Share, StoredFinding
from sqs_core.store.rows import Row, correction_of


def folded(quote: str) -> str:
    """A quote as corrections know it: letters and digits only, so that line breaks, hyphens, curly quotes and
    ligatures of another file of the same letter make no difference."""
    return "".join(c for c in unicodedata.normalize("NFKC", quote).casefold() if c.isalnum())


def key_of(findings: Sequence[Finding], number: int) -> tuple[str | None, str, int]:
    """Paragraph, folded quote, and which of the findings of that sentence finding `number` (from 1) is."""
    finding = findings[number - 1]
    key = (finding.paragraph, folded(finding.quote))
    before = [f for f in findings[: number - 1] if (f.paragraph, folded(f.quote)) == key]
    return (*key, len(before))


def position(findings: Sequence[Finding], quotes: Sequence[str], correction: Row) -> int | None:
    """Index of the finding that a correction is about; None if its sentence cannot be told with certainty.
    quotes: of the findings, folded."""
    quote, paragraph, occurrence = correction["quote"], correction["paragraph"], correction["occurrence"]
    same_quote = [i for i, q in enumerate(quotes) if q == quote]
    here = [i for i in same_quote if findings[i].paragraph == paragraph]
    for exact in (here, same_quote):  # a file may have lost its paragraph numbers
        if occurrence < len(exact):
            return exact[occurrence]
    # A newer reader may cut the sentence a little longer or shorter.
    similar = [
        i
        for i, q in enumerate(quotes)
        if findings[i].paragraph == paragraph
        and (q in quote or quote in q)
        and 2 * min(len(q), len(quote)) >= max(len(q), len(quote))
    ]
    return similar[0] if len(similar) == 1 and not same_quote else None


def _corrected(finding: Finding, correction: Row) -> Finding:
    match correction["field"]:
        case "practice":
            return replace(finding, practice=correction["after"])
        case "doubt":
            return replace(finding, doubt=None)
        case "direction":
            return replace(finding, direction=cast(Direction, correction["after"]))
        case "share" if correction["share_low"] is None:
            return replace(finding, share=None, basis="qualitative", doubt=None)
        case "share":
            share = Share(correction["share_low"], correction["share_high"])
            basis = "worded" if finding.basis == "qualitative" else finding.basis
            # The letter's words are no longer what the share was read from, and the doubt is settled.
            return replace(finding, share=share, basis=basis, wording=None, doubt=None)
        case field:
            raise ValueError(f"no such field to correct: {field}")


def apply(
    findings: Sequence[Finding], corrections: Sequence[Row]
) -> tuple[tuple[StoredFinding, ...], tuple[str, ...]]:
    """The findings with their corrections, oldest first, and a warning for each correction without a
    finding."""
    stored = [StoredFinding(number, finding) for number, finding in enumerate(findings, start=1)]
    quotes = [folded(finding.quote) for finding in findings] if corrections else []
    warnings = []
    for row in corrections:
        i = position(findings, quotes, row)
        if i is None:
            warnings.append(
                f"A correction by {row['corrected_by']} ({row['field']}: {row['before']} → {row['after']}) "
                f"no longer finds its sentence in {row['paragraph'] or 'a paragraph without number'}"
            )
            continue
        stored[i] = replace(
            stored[i],
            finding=_corrected(stored[i].finding, row),
            corrections=(*stored[i].corrections, correction_of(row)),
        )
    return tuple(stored), tuple(warnings)
