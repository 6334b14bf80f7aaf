"""What the screens that load a table share: everything that is wrong, and what is unlikely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from pages._parts import media_type, plain
from sqs_core.charts.table import table_html
from sqs_core.loaders import Kind, Problem, TableWarning, problems_csv
from sqs_core.measures.reviewing import spelled
from sqs_core.measures.words import capital, number

MOST_SHOWN = 100  # problems on screen; all of them are in the download


@dataclass(frozen=True, slots=True)
class Choice:
    """What an analyst says of the file that is looked at. Whoever says otherwise begins anew."""

    file: str
    kind: Kind
    mapping: tuple[tuple[str, str], ...]
    given: tuple[tuple[str, str], ...]
    day_first: bool


def show_problems(problems: Sequence[Problem], file_name: str) -> None:
    """Everything that is wrong, at once."""
    count = len(problems)
    st.error(
        f"{capital(number(count))} problem{'' if count == 1 else 's'}. Nothing of this file is loaded before "
        f"{'it is' if count == 1 else 'they are'} put right.",
        icon=":material/error:",
    )
    shown = problems[:MOST_SHOWN]
    st.html(
        table_html(
            {
                "Row": ["The file" if p.row is None else f"Row {p.row}" for p in shown],
                "Column": [spelled(p.column) for p in shown],
                "Found": [p.found for p in shown],
                "Expected": [p.expected for p in shown],
            },
            "Problems of the file",
        )
    )
    if count > MOST_SHOWN:
        st.caption(f"The first {MOST_SHOWN} of {count:,}. The download has all.")
    st.download_button(
        "Download all problems as CSV",
        "\ufeff" + problems_csv(problems),
        f"{file_name} problems.csv",
        media_type("text/csv"),
        on_click="ignore",
    )


def accept_warnings(warnings: Sequence[TableWarning], choice: object) -> bool:
    """What is unlikely, to be accepted knowingly. Whether it is."""
    if not warnings:
        return True
    st.subheader("Unlikely, but possible", anchor=False)
    for warning in warnings:
        st.markdown(f":material/help: {plain(str(warning))}")
    return st.checkbox(
        "I have looked at these rows, and they are right as they stand",
        key=f"accepted {choice}",
    )
