"""How old each thing is that the board looks at."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from sqs_core.measures.words import age, day, month
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
            year, month_ = map(int, reoffending.cohort_end.split("-"))
            ended = date(year, month_, monthrange(year, month_)[1])
            rows.append(
                Age("Reoffending: children of the year to", month(reoffending.cohort_end), age(ended, today))
            )
        else:
            rows.append(dated("Reoffending: children of the year to", None))
    loaded = stored.source.loaded_at.date()
    rows.append(Age("Loaded here", day(loaded), age(loaded, today)))
    return tuple(rows)
