"""How old each thing is that the board looks at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqs_core.measures.words import age, day, month, month_end
from sqs_core.model import StoredInspection


@dataclass(frozen=True, slots=True)
class Age:
    what: str
    when: str
    age: str


def ages(stored: StoredInspection, today: date) -> tuple[Age, ...]:
    """Inspection, letter, reoffending cohort and loading, each with its date and age; "not read" is said."""
    letter, reoffending = stored.inspection.letter, stored.inspection.reoffending

    def dated(what: str, when: date | None) -> Age:
        return Age(what, day(when), age(when, today)) if when else Age(what, "not read from the letter", "")

    rows = [
        dated("End of fieldwork", letter.fieldwork_end),
        dated("Letter published", letter.published_on),
    ]
    if reoffending.rate is not None:
        if reoffending.cohort_end:
            ended = age(month_end(reoffending.cohort_end), today)
            rows.append(Age("Reoffending: children of the year to", month(reoffending.cohort_end), ended))
        else:
            rows.append(dated("Reoffending: children of the year to", None))
    loaded = stored.source.loaded_at.date()
    rows.append(Age("Loaded here", day(loaded), age(loaded, today)))
    return tuple(rows)
