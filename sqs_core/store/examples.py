"""What ships to look at, as files that `Store.load_examples` takes."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from sqs_core.demo import KNOWSLEY, illustrative, illustrative_actions, knowsley
from sqs_core.letters import read_text
from sqs_core.model import ServiceJudgement
from sqs_core.store.rows import LetterFile
from sqs_core.store.tables import TableFile


def example_files(services: int = 6, years: int = 10, seed: int = 1) -> Iterator[LetterFile | TableFile]:
    """Knowsley 2015 as facts, then what illustrative services have: letters, audits, reoffending figures and reviews,
    one file after the other."""
    yield LetterFile(KNOWSLEY.name, sha256(KNOWSLEY.read_bytes()).hexdigest(), knowsley(), "facts")
    for made_up in illustrative(services, years, seed):
        for name, text in made_up.inspections:
            inspection = read_text(name, text)
            is_last = name == made_up.inspections[-1][0]
            yield LetterFile(
                name,
                sha256(text.encode()).hexdigest(),
                inspection,
                illustrative=True,
                service=made_up.service,
                actions=illustrative_actions(made_up.service, inspection) if is_last else (),
            )
        if made_up.audits:
            yield TableFile(
                f"{made_up.service.name.lower()}-audits.csv",
                sha256(repr(made_up.audits).encode()).hexdigest(),
                judgements=[ServiceJudgement(made_up.service.name, j) for j in made_up.audits],
                services=(made_up.service,),
                illustrative=True,
            )
        if made_up.cohorts:
            yield TableFile(
                f"{made_up.service.name.lower()}-reoffending.csv",
                sha256(repr(made_up.cohorts).encode()).hexdigest(),
                cohorts=made_up.cohorts,
                illustrative=True,
            )
        if made_up.reviews:
            yield TableFile(
                f"{made_up.service.name.lower()}-reviews.csv",
                sha256(repr(made_up.reviews).encode()).hexdigest(),
                reviews=made_up.reviews,
                services=(made_up.service,),
                illustrative=True,
            )
