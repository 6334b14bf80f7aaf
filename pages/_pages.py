"""Which pages there are, and which of them are for whom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import streamlit as st

from pages import _visitor
from pages._parts import LooksAt
from pages._shared import SHARED_PAGES
from sqs_core.access import Right, Scope
from sqs_core.doors import SHARED
from sqs_core.model import ShareLink

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class PageOf:
    """A page of the dashboard, and the right that it needs. Its file bears the name of its address."""

    name: str
    title: str
    icon: str
    help: str
    right: Right = "see"
    hosted: bool = False  # there is nobody to sign in, and nothing to share, on one's own machine
    looks_at: LooksAt = "inspection"


PAGES = (
    PageOf("overview", "Overview", "home", "What the inspectors found, in one minute."),
    PageOf("scores", "Scores", "grid_on", "Each practice in each section, and the findings behind it."),
    PageOf(
        "reviews",
        "Reviews",
        "event_available",
        "Whether reviews are on time, what is overdue, and whether it is getting better.",
    ),
    PageOf(
        "reoffending",
        "Reoffending",
        "trending_down",
        "Whether fewer children reoffend, and how much of it is chance.",
    ),
    PageOf("compare", "Compare", "filter_alt", "The service beside others, without a league table."),
    PageOf(
        "areas",
        "Areas",
        "flag",
        "Each area requiring improvement: evidence, actions, and whether they worked.",
    ),
    PageOf(
        "letter",
        "Letter",
        "description",
        "The letter as loaded, with what was read from it marked in place.",
    ),
    PageOf(
        "load",
        "Load data",
        "upload_file",
        "Load a letter, check what was read, correct it, publish it.",
        right="load",
        looks_at="service",
    ),
    PageOf(
        "tables",
        "Load tables",
        "table_view",
        "Load reviews, a local audit or reoffending figures, and list the cases to chase.",
        right="load",
        looks_at="service",
    ),
    PageOf(
        "share",
        "Share",
        "share",
        "Make a link to a view for people without an account, and withdraw it.",
        right="share",
        hosted=True,
        looks_at="service",
    ),
    PageOf(
        "methods",
        "Methods",
        "menu_book",
        "How words become ranges and ranges become scores, and what is unverified.",
        looks_at="service",
    ),
    PageOf(
        "account",
        "Account",
        "person",
        "Who you are here, who else may see what, and what was done.",
        hosted=True,
        looks_at="nothing",
    ),
)


def pages_of_the_board(scope: Scope | None, refused: str | None) -> list[st.Page]:
    """Every address leads somewhere: to its page, or to why it does not show."""
    out = []
    for page in PAGES:
        first = page is PAGES[0]
        if page.hosted and not _visitor.settings().hosted:
            continue
        if scope is None:
            sign_in = partial(_visitor.sign_in, refused)
            out.append(st.Page(sign_in, title="Sign in", url_path=page.name, default=first))
        elif not scope.may(page.right):
            refusal = _visitor.not_for_this_role
            out.append(st.Page(refusal, title=page.title, url_path=page.name, visibility="hidden"))
        else:
            out.append(
                st.Page(
                    HERE / f"{page.name}.py",
                    title=page.title,
                    url_path=page.name,
                    icon=f":material/{page.icon}:",
                    default=first,
                    help=page.help,
                )
            )
    return out


def pages_of_a_link(link: ShareLink | None) -> dict[str, st.Page]:
    """The pages of a shared view by their ids, in its order; those that the link does not open say so."""
    return {
        page.id: st.Page(
            page.show if link and page.id in link.pages else _visitor.link_ended,
            title=page.title,
            url_path=f"{SHARED}-{page.id}",
            visibility="hidden",
        )
        for page in SHARED_PAGES
    }
