"""Action plans as time passes, against plans written out by hand, and in whatever order the versions come."""

from __future__ import annotations

import zoneinfo
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sqs_core.letters.words import table
from sqs_core.measures.progress import (
    FIELDS,
    SYMBOLS,
    action_message,
    changed_message,
    changed_since,
    current,
    differences,
    due_soon_days,
    history,
    local_day,
    may_be_the_same,
    merged,
    parent_reference,
    plan_message,
    recurring,
    status,
    status_words,
)
from sqs_core.measures.words import number
from sqs_core.model import Action, ActionState

TODAY = date(2016, 7, 24)
MEETING = date(2016, 3, 4)
MARCH, JUNE, SEPTEMBER = date(2016, 3, 31), date(2016, 6, 30), date(2016, 9, 30)
REVIEW = Action(
    service="Knowsley",
    inspection="2015-10-05",
    area="Assessments and plans should be reviewed on time.",
    reference="1",
    action="Review every plan of a high-risk case within five days of a change",
    lead="Head of service",
    planned_on=MARCH,
    first_planned_on=MARCH,
    target="90% on time",
    id="review",
    version=1,
    changed_by="Chair",
    changed_at=datetime(2016, 1, 20, 10, 0, tzinfo=UTC),
)


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T10:00+00:00")


def new(reference: str, day: str = "2016-01-20", **said: object) -> Action:
    made = replace(REVIEW, reference=reference, id=f"id {reference}", changed_at=at(day), **said)
    return (
        made if made.first_planned_on == made.planned_on else replace(made, first_planned_on=made.planned_on)
    )


def later(action: Action, day: str, **said: object) -> Action:
    """The next version, as the store makes it."""
    after = replace(action, version=action.version + 1, changed_at=at(day), **{"note": "", **said})
    return replace(after, first_planned_on=action.first_planned_on or after.planned_on)


def plan(*states: ActionState | date | None) -> list[Action]:
    """Actions that are done, stopped, or open with a date or without."""
    return [
        new(str(n), planned_on=JUNE, state=state, done_on=JUNE if state == "done" else None)
        if isinstance(state, str)
        else new(str(n), planned_on=state)
        for n, state in enumerate(states, start=1)
    ]


# Where an action stands


@given(st.integers(-400, 400))
def test_an_open_action_stands_where_its_date_says(days: int) -> None:
    action = replace(REVIEW, planned_on=TODAY + timedelta(days=days))
    expected = "overdue" if days < 0 else "due soon" if days <= 28 else "on track"
    assert status(action, TODAY) == expected


@given(st.none() | st.dates(), st.sampled_from(["done", "stopped"]))
def test_what_is_done_or_stopped_is_never_late(planned: date | None, state: ActionState) -> None:
    action = replace(REVIEW, planned_on=planned, state=state, done_on=JUNE if state == "done" else None)
    assert status(action, TODAY) == state


def test_without_a_date_nothing_is_on_track() -> None:
    assert status(replace(REVIEW, planned_on=None), TODAY) == "no date"


def test_every_status_has_a_symbol_of_its_own() -> None:
    assert len(set(SYMBOLS.values())) == len(SYMBOLS) == 6
    assert [status_words(s) for s in ("overdue", "no date", "on track")] == [
        "▼ Overdue",
        "○ No date",
        "● On track",
    ]


def test_the_rules_that_ship_say_where_they_come_from() -> None:
    rules = table("progress")
    assert due_soon_days() == 28
    assert rules["due_soon"]["status"] == "U"
    assert rules["recurring"]["status"] == "D"
    assert all(rule["source"] for rule in rules.values())


# The plan as it stood


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        ("2016-07-04T22:59", "2016-07-04"),
        ("2016-07-04T23:30", "2016-07-05"),
        ("2016-01-04T23:30", "2016-01-04"),
        ("2016-03-27T00:30", "2016-03-27"),  # the hour before summer time begins
        ("2016-03-26T23:30", "2016-03-26"),
        ("2016-10-29T23:30", "2016-10-30"),
        ("2016-10-30T23:30", "2016-10-30"),
    ],
)
def test_a_day_is_a_day_in_the_united_kingdom(utc: str, day: str) -> None:
    assert str(local_day(datetime.fromisoformat(utc))) == day
    assert str(local_day(datetime.fromisoformat(utc + "+00:00"))) == day


def test_summer_time_is_known_where_the_system_has_no_table_of_it() -> None:
    """Windows has none; there pandas brings tzdata."""
    before = zoneinfo.TZPATH
    try:
        zoneinfo.reset_tzpath(to=[])
        summer = datetime(2016, 7, 4, 23, 30, tzinfo=UTC)
        assert summer.astimezone(zoneinfo.ZoneInfo.no_cache("Europe/London")).day == 5
    finally:
        zoneinfo.reset_tzpath(to=before)


def test_a_change_late_on_a_summer_evening_belongs_to_the_next_day() -> None:
    made = replace(REVIEW, changed_at=datetime(2016, 7, 4, 23, 30, tzinfo=UTC))
    assert current([made], date(2016, 7, 4)) == ()
    assert current([made], date(2016, 7, 5)) == (made,)


def test_the_plan_as_it_stood() -> None:
    moved = later(REVIEW, "2016-04-12", planned_on=JUNE)
    added = new("2", "2016-05-01")
    versions = [moved, added, REVIEW]
    assert current(versions, date(2016, 1, 19)) == ()
    assert current(versions, MEETING) == (REVIEW,)
    assert current(versions, date(2016, 4, 12)) == (moved,)
    assert current(versions) == current(versions, TODAY) == (moved, added)


def test_references_in_the_order_in_which_people_count() -> None:
    mixed = ["10", "2", "1b", "1.10", "1", "10a", "1.2", "1a", "B", "1a.1", "1.1", "A2", "A10"]
    ordered = [action.reference for action in current([new(reference) for reference in mixed])]
    assert ordered == ["1", "1.1", "1.2", "1.10", "1a", "1a.1", "1b", "2", "10", "10a", "A2", "A10", "B"]


def test_the_latest_inspection_comes_first_and_what_is_of_none_last() -> None:
    of_none = replace(new("1"), inspection=None, id="none")
    older = replace(new("1"), inspection="2013-05-13", id="older")
    undated = replace(new("1"), inspection="undated 0123456789abcdef", id="undated")
    mixed = [of_none, undated, older, new("2"), new("1")]
    assert current(mixed) == (new("1"), new("2"), older, undated, of_none)


@pytest.mark.parametrize(
    ("reference", "parent"),
    [
        ("1", None),
        ("1a", "1"),
        ("1.2", "1"),
        ("1.2.3", "1.2"),
        ("1a.1", "1a"),
        ("1a1", "1a"),
        ("2.3b", "2.3"),
        ("1-a", "1"),
        ("A", None),
        ("A1", None),
        ("A1a", "A1"),
        ("A.1", "A"),
        ("", None),
    ],
)
def test_what_an_action_is_a_part_of(reference: str, parent: str | None) -> None:
    assert parent_reference(reference) == parent


# Plans that change at random, version by version

references = st.from_regex(r"[1-9][0-9]?([a-c]|\.[1-9][0-9]?)?", fullmatch=True)


@st.composite
def plans(draw: st.DrawFn) -> list[Action]:
    """Every version of a few actions, as the store would hold them."""
    versions = []
    when = datetime(2016, 1, 1, tzinfo=UTC)
    made: dict[str, Action] = {}
    for reference in draw(st.lists(references, max_size=8)):
        when += timedelta(hours=draw(st.integers(0, 2000)))
        before = made.get(reference)
        state: ActionState = draw(st.sampled_from(["open", "open", "done", "stopped"]))
        planned = draw(st.sampled_from([None, MARCH, JUNE, SEPTEMBER]))
        made[reference] = replace(
            before or replace(REVIEW, reference=reference, id=reference, version=0, first_planned_on=planned),
            state=state,
            done_on=when.date() if state == "done" else None,
            planned_on=planned,
            note=draw(st.sampled_from(["", "The panel met late."])),
            changed_at=when,
        )
        made[reference] = replace(made[reference], version=made[reference].version + 1)
        versions.append(made[reference])
    return versions


@given(plans(), st.randoms(), st.dates(date(2016, 1, 1), date(2017, 1, 1)))
def test_the_order_in_which_versions_come_makes_no_difference(
    versions: list[Action], chance: st.DataObject, on: date
) -> None:
    mixed = [*versions, *versions[:2]]  # and one that comes twice counts once
    chance.shuffle(mixed)
    assert current(mixed, on) == current(versions, on)
    assert history(mixed) == history(versions)
    assert changed_since(mixed, MEETING, on) == changed_since(versions, MEETING, on)


@given(plans())
def test_replaying_the_history_gives_the_plan(versions: list[Action]) -> None:
    """Taking the changes from first to last, each field ends as the plan has it."""
    fields = {field.label: field for field in FIELDS}
    ends: dict[tuple[str, str], str] = {}
    for change in reversed(history(versions)):
        key = (change.action.id, change.field)
        if change.field in fields:
            assert ends.get(key, change.before) == change.before
            ends[key] = change.after
    for action in current(versions):
        for label, field in fields.items():
            assert ends.get((action.id, label), field.said(action)) == field.said(action)


@given(plans(), st.dates(date(2016, 1, 1), date(2017, 1, 1)), st.integers(0, 400))
def test_one_sentence_for_each_action_that_changed(versions: list[Action], since: date, days: int) -> None:
    today = since + timedelta(days=days)
    sentences = changed_since(versions, since, today)
    assert all(s.endswith((".", ".”")) and "  " not in s and "None" not in s for s in sentences)
    then, now = ({a.id: a for a in current(versions, on)} for on in (since, today))
    changed = {
        id_
        for id_, action in now.items()
        if then.get(id_) != action
        or (status(action, today) == "overdue" and status(action, since) != "overdue")
    }
    assert len(sentences) == len(changed)
    assert (changed_message(versions, since, today).startswith("Nothing")) == (not sentences)


@given(plans(), st.dates(date(2016, 1, 1), date(2017, 1, 1)))
def test_nothing_changes_within_a_day(versions: list[Action], day: date) -> None:
    assert changed_since(versions, day, day) == ()


@given(plans(), st.dates(date(2016, 1, 1), date(2018, 1, 1)))
def test_a_message_on_the_plan_counts_every_action(versions: list[Action], today: date) -> None:
    actions = current(versions)
    message = plan_message(actions, today)
    assert message.endswith(".")
    words = {number(n): n for n in range(1, 13)}
    if message.startswith("Of "):
        counts = [words[w] for w in message[3:].replace(",", " ").split() if w in words]
        if "overdue" not in message and "day" not in message:
            assert counts[0] == sum(counts[1:]) == len(actions)
    for action in actions:
        assert "None" not in action_message(action, today)


# What changed


def test_history_says_each_field_in_words_latest_first() -> None:
    moved = later(REVIEW, "2016-04-12", planned_on=JUNE, lead="Probation", note="The panel met late.")
    said = later(moved, "2016-05-02", note="Half of the plans are done.")
    done = later(said, "2016-06-02", state="done", done_on=date(2016, 6, 1), evidence="Audit of June")
    reopened = later(done, "2016-06-09", state="open", done_on=None, planned_on=None, evidence="")
    changes = history([REVIEW, moved, said, done, reopened])
    assert [(c.at.date().isoformat() if c.at else "", c.field, c.before, c.after) for c in changes] == [
        ("2016-06-09", "State", "done on 1 June 2016", "open"),
        ("2016-06-09", "Planned for", "30 June 2016", "no date"),
        ("2016-06-09", "Evidence", "Audit of June", "none"),
        ("2016-06-02", "State", "open", "done on 1 June 2016"),
        ("2016-06-02", "Evidence", "none", "Audit of June"),
        ("2016-05-02", "note", "", "Half of the plans are done."),
        ("2016-04-12", "Planned for", "31 March 2016", "30 June 2016"),
        ("2016-04-12", "Lead", "Head of service", "Probation"),
        ("2016-01-20", "added", "", REVIEW.action),
    ]
    assert {c.note for c in changes if c.field in ("Planned for", "Lead") and c.action == moved} == {
        "The panel met late."
    }
    assert changes[0].action == reopened
    assert changes[-1].by == "Chair"


def test_history_of_no_plan() -> None:
    assert history([]) == ()


def test_of_changes_at_one_time_the_latest_version_comes_first_and_actions_in_their_order() -> None:
    named = later(REVIEW, "2016-01-20", lead="Probation")
    again = later(named, "2016-01-20", lead="Police")
    changes = history([new("10"), REVIEW, new("2"), named, again])
    assert [(c.action.reference, c.after) for c in changes] == [
        ("1", "Police"),
        ("1", "Probation"),
        ("1", REVIEW.action),
        ("2", REVIEW.action),
        ("10", REVIEW.action),
    ]


def test_every_field_that_people_change_has_words() -> None:
    said = {name for field in FIELDS for name in field.names}
    kept = {"service", "first_planned_on", "note", "id", "version", "changed_by", "changed_at"}
    assert said == set(Action.__dataclass_fields__) - kept


NAME = "“Review every plan of a high-risk case within five days of a change”"


@pytest.mark.parametrize(
    ("versions", "sentence"),
    [
        (
            [later(REVIEW, "2016-06-02", state="done", done_on=date(2016, 6, 1))],
            f"Action 1, {NAME}, was done on 1 June 2016, two months after its planned date.",
        ),
        (
            [
                later(REVIEW, "2016-04-12", planned_on=JUNE),
                replace(
                    later(REVIEW, "2016-06-02", state="done", done_on=date(2016, 6, 1), planned_on=JUNE),
                    version=3,
                ),
            ],
            f"Action 1, {NAME}, was done on 1 June 2016, two months after its first planned date.",
        ),
        ([], f"Action 1, {NAME}, is overdue by about four months, planned for 31 March 2016."),
        (
            [later(REVIEW, "2016-04-12", planned_on=JUNE, lead="Probation", note="The panel met late.")],
            f"Action 1, {NAME}, was re-planned from 31 March to 30 June 2016 and is overdue by 24 days; "
            "its lead changed too: “The panel met late.”",
        ),
        (
            [later(REVIEW, "2016-04-12", planned_on=SEPTEMBER)],
            f"Action 1, {NAME}, was re-planned from 31 March to 30 September 2016.",
        ),
        (
            [later(REVIEW, "2016-04-12", planned_on=date(2017, 3, 31), note="Waits for the police")],
            f"Action 1, {NAME}, was re-planned from 31 March 2016 to 31 March 2017: “Waits for the police.”",
        ),
        (
            [later(REVIEW, "2016-04-12", planned_on=None)],
            f"Action 1, {NAME}, has no date any more, after 31 March 2016.",
        ),
        ([later(REVIEW, "2016-04-12", state="stopped")], f"Action 1, {NAME}, was stopped."),
        (
            [later(REVIEW, "2016-03-05", planned_on=SEPTEMBER, lead="Probation", target="95% on time")],
            f"Action 1, {NAME}, was re-planned from 31 March to 30 September 2016; its lead and target changed too.",
        ),
    ],
)
def test_what_a_chair_can_read_out(versions: list[Action], sentence: str) -> None:
    assert changed_since([REVIEW, *versions], MEETING, TODAY) == (sentence,)


def test_the_second_time_that_a_date_moves_is_said() -> None:
    once = later(REVIEW, "2016-02-12", planned_on=JUNE)
    twice = later(once, "2016-06-20", planned_on=SEPTEMBER)
    (sentence,) = changed_since([REVIEW, once, twice], MEETING, TODAY)
    assert sentence == (
        f"Action 1, {NAME}, was re-planned from 30 June to 30 September 2016, the second time its date moved."
    )
    (sentence,) = changed_since([REVIEW, once, twice], date(2016, 2, 1), TODAY)
    assert sentence.endswith("from 31 March to 30 September 2016, its date having now moved twice.")


def test_a_plan_that_came_with_a_moved_date_does_not_claim_to_know_how_often_it_moved() -> None:
    loaded = replace(REVIEW, planned_on=JUNE)
    moved = later(loaded, "2016-06-20", planned_on=SEPTEMBER)
    (sentence,) = changed_since([loaded, moved], MEETING, TODAY)
    assert sentence.endswith("30 June to 30 September 2016, having first been planned for 31 March 2016.")


def test_a_date_that_moves_very_often() -> None:
    versions = [REVIEW]
    for n in range(11):
        versions.append(later(versions[-1], f"2016-02-{n + 1:02}", planned_on=MARCH + timedelta(days=n + 1)))
    versions.append(later(versions[-1], "2016-03-20", planned_on=SEPTEMBER))
    (sentence,) = changed_since(versions, MEETING, TODAY)
    assert sentence.endswith(", its date having now moved 12 times") or sentence.endswith(
        "moved twelve times."
    )


def test_an_action_that_nobody_touched_becomes_overdue_once() -> None:
    assert changed_since([REVIEW], date(2016, 3, 30), MARCH) == ()
    assert len(changed_since([REVIEW], MARCH, date(2016, 4, 1))) == 1
    assert changed_since([REVIEW], date(2016, 4, 1), TODAY) == (), "the board knew"


def test_an_action_that_is_overdue_again_is_news() -> None:
    known = later(REVIEW, "2016-04-12", planned_on=JUNE)
    (sentence,) = changed_since([REVIEW, known], date(2016, 4, 5), TODAY)
    assert "from 31 March to 30 June 2016 and is overdue by 24 days" in sentence


def test_reopened_added_changed_back_and_noted() -> None:
    done = replace(later(REVIEW, "2016-02-02", state="done", done_on=date(2016, 2, 1)))
    reopened = later(done, "2016-05-09", state="open", done_on=None, planned_on=SEPTEMBER)
    added = new("2", "2016-05-01", action="Train all managers.", planned_on=SEPTEMBER)
    dateless = new("3", "2016-05-01", action="Ask young people", planned_on=None)
    back = new("4", action="Write to the court", planned_on=SEPTEMBER)
    and_back = [later(back, "2016-05-01", lead="Police"), replace(later(back, "2016-05-02"), version=3)]
    noted = new("5", action="Sign every plan", planned_on=SEPTEMBER)
    renamed = new("6", action="Sign", planned_on=SEPTEMBER, target="")
    versions = [
        *(REVIEW, done, reopened, added, dateless, back, *and_back, noted, renamed),
        later(noted, "2016-05-01", note="First month: 8 of 14 signed"),
        later(renamed, "2016-05-01", target="All plans"),
    ]
    assert changed_since(versions, MEETING, TODAY) == (
        f"Action 1, {NAME}, was reopened and was re-planned from 31 March to 30 September 2016.",
        "Action 2, “Train all managers”, was added, planned for 30 September 2016.",
        "Action 3, “Ask young people”, was added, with no date yet.",
        "Action 4, “Write to the court”, was changed and changed back.",
        "The target of action 6, “Sign”, is now “All plans”.",
        "A note on action 5, “Sign every plan”: “First month: 8 of 14 signed.”",
    )
    assert changed_message(versions, MEETING, TODAY) == (
        "Since 4 March 2016: one action re-planned, two added, two changed otherwise, one with a note."
    )


def test_added_late_and_a_long_wording() -> None:
    long = "Make sure that " + "every plan of every child or young person " * 4 + "is reviewed"
    added = new("2", "2016-05-01", action=long, planned_on=date(2016, 7, 23))
    (sentence,) = changed_since([added], MEETING, TODAY)
    assert sentence.startswith(
        "Action 2, “Make sure that every plan of every child or young person every plan …”, "
    )
    assert sentence.endswith("was added, planned for 23 July 2016, and is overdue by one day.")


def test_a_plan_that_is_loaded_later_makes_no_news_of_what_was_long_done_or_late() -> None:
    when = date(2015, 12, 1)
    done = new("1", "2016-05-01", action="Train all", planned_on=when, state="done", done_on=when)
    late = new("2", "2016-05-01", action="Ask all", planned_on=date(2016, 3, 3))
    assert changed_message([done, late], MEETING, TODAY) == "Since 4 March 2016: two actions added."
    assert changed_since([done, late], MEETING, TODAY) == (
        "Action 1, “Train all”, was added and is now recorded as done on 1 December 2015, on its planned date.",
        "Action 2, “Ask all”, was added, planned for 3 March 2016, and is overdue by about five months.",
    )
    recorded = later(REVIEW, "2016-03-10", state="done", done_on=date(2016, 2, 1))
    (sentence,) = changed_since([REVIEW, recorded], MEETING, TODAY)
    assert "is now recorded as done on 1 February 2016, two months before its planned date." in sentence


def test_one_changed_field_from_what_to_what() -> None:
    changed = later(REVIEW, "2016-03-10", lead="Probation")
    assert changed_since([REVIEW, changed], MEETING, date(2016, 3, 20)) == (
        f"The lead of action 1, {NAME}, changed from “Head of service” to “Probation”.",
    )
    emptied = later(REVIEW, "2016-03-10", target="")
    assert changed_since([REVIEW, emptied], MEETING, date(2016, 3, 20)) == (
        f"The target of action 1, {NAME}, was taken out; it was “90% on time”.",
    )
    assert (
        changed_message([REVIEW, changed], MEETING, date(2016, 3, 20))
        == "Since 4 March 2016: one action changed."
    )


def test_the_lead_sentence_and_the_most_important_first() -> None:
    first, second, third, fourth = (new(str(n), action=f"Do {n}", planned_on=MARCH) for n in (1, 2, 3, 4))
    versions = [
        *(first, second, third, fourth),
        later(first, "2016-03-20", planned_on=SEPTEMBER),
        later(third, "2016-03-21", state="done", done_on=date(2016, 3, 21)),
        later(fourth, "2016-03-21", state="done", done_on=MARCH),
    ]
    assert changed_message(versions, MEETING, TODAY) == (
        "Since 4 March 2016: two actions done, one newly overdue, one re-planned."
    )
    assert [s.split(",")[0] for s in changed_since(versions, MEETING, TODAY)] == [
        "Action 3",
        "Action 4",
        "Action 2",
        "Action 1",
    ]
    assert (
        "was done on 21 March 2016, ten days before its planned date."
        in changed_since(versions, MEETING, TODAY)[0]
    )
    assert "was done on 31 March 2016, on its planned date." in changed_since(versions, MEETING, TODAY)[1]


def test_nothing_changed() -> None:
    for versions in ([], [REVIEW]):
        assert changed_since(versions, MEETING, date(2016, 3, 20)) == ()
        assert changed_message(versions, MEETING, date(2016, 3, 20)) == (
            "Nothing in the plan has changed since 4 March 2016."
        )


# The plan and its actions in a sentence


@pytest.mark.parametrize(
    ("actions", "message"),
    [
        (plan(), "The plan has no actions yet: add at least one for each area requiring improvement."),
        (plan("done"), "The one action is done."),
        (plan(None), "The one action has no date."),
        (plan(JUNE), "The one action is overdue by 24 days."),
        (plan(date(2016, 8, 1)), "The one action is due soon."),
        (plan("stopped"), "The one action was stopped."),
        (plan(SEPTEMBER, SEPTEMBER), "Both actions are on track."),
        (plan(None, None), "Neither action has a date."),
        (plan(None, None, None), "None of the three actions has a date."),
        (plan("done", "done", "done"), "All three actions are done."),
        (plan(JUNE, JUNE), "Both actions are overdue by 24 days."),
        (plan(JUNE, date(2016, 7, 23)), "Both actions are overdue (the longest by 24 days)."),
        (plan("done", None), "Of two actions one is done; one has no date."),
        (
            plan("done", "done", JUNE, SEPTEMBER, SEPTEMBER, SEPTEMBER, None),
            "Of seven actions two are done, one is overdue by 24 days and three are on track; one has no date.",
        ),
        (
            plan("stopped", MARCH, JUNE, date(2016, 7, 24), None, None),
            "Of six actions two are overdue (the longest by about four months), one is due soon and one was stopped; "
            "two have no date.",
        ),
    ],
)
def test_the_plan_in_one_sentence(actions: list[Action], message: str) -> None:
    assert plan_message(actions, TODAY) == message


MOVED = replace(REVIEW, planned_on=JUNE)


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (
            replace(MOVED, state="done", done_on=date(2016, 6, 1)),
            "Done on 1 June 2016, two months after its first planned date.",
        ),
        (
            replace(REVIEW, state="done", done_on=date(2016, 4, 1)),
            "Done on 1 April 2016, one day after its planned date.",
        ),
        (replace(REVIEW, state="done", done_on=MARCH), "Done on 31 March 2016, on its planned date."),
        (
            replace(REVIEW, state="done", done_on=date(2016, 3, 10)),
            "Done on 10 March 2016, three weeks before its planned date.",
        ),
        (
            replace(REVIEW, state="done", done_on=JUNE, planned_on=None, first_planned_on=None),
            "Done on 30 June 2016.",
        ),
        (MOVED, "Planned for 30 June 2016, first for 31 March 2016; overdue by 24 days."),
        (REVIEW, "Planned for 31 March 2016; overdue by about four months."),
        (replace(MOVED, planned_on=SEPTEMBER), "Planned for 30 September 2016, first for 31 March 2016."),
        (replace(new("1", planned_on=TODAY)), "Planned for 24 July 2016; due today."),
        (new("1", planned_on=date(2016, 7, 25)), "Planned for 25 July 2016; due tomorrow."),
        (new("1", planned_on=date(2016, 8, 21)), "Planned for 21 August 2016; due in 28 days."),
        (new("1", planned_on=date(2016, 8, 22)), "Planned for 22 August 2016."),
        (new("1", planned_on=date(2016, 7, 23)), "Planned for 23 July 2016; overdue by one day."),
        (new("1", planned_on=None), "No date is planned."),
        (replace(REVIEW, planned_on=None), "No date is planned; it was first planned for 31 March 2016."),
        (
            replace(MOVED, state="stopped"),
            "Stopped; it was planned for 30 June 2016, first for 31 March 2016.",
        ),
        (new("1", planned_on=None, state="stopped"), "Stopped."),
    ],
)
def test_an_action_in_one_sentence(action: Action, message: str) -> None:
    assert action_message(action, TODAY) == message


@given(st.integers(1, 3000))
def test_a_span_is_called_about_when_it_is_more_than_a_twentieth_off(days: int) -> None:
    done = replace(REVIEW, state="done", done_on=MARCH + timedelta(days=days))
    said = action_message(done, TODAY).partition(", ")[2].removesuffix(" after its planned date.")
    words = {number(n): n for n in range(1, 13)}
    count, unit = said.removeprefix("about ").split()
    length = {"day": 1, "week": 7, "month": 30.44, "year": 365.25}[unit.removesuffix("s")]
    named = (words[count] if count in words else int(count)) * length
    assert abs(named - days) <= days * (0.26 if said.startswith("about ") else 0.05) + 1e-9


# Two people who changed the same action


def test_what_only_one_of_two_changed_is_taken_and_what_both_changed_is_asked() -> None:
    theirs = replace(
        later(REVIEW, "2016-04-12", planned_on=JUNE, lead="Probation"), changed_by="Lead", note="Late"
    )
    mine = replace(REVIEW, planned_on=SEPTEMBER, target="95% on time", note="Needs the police")
    result, conflicts = merged(REVIEW, theirs, mine)
    assert conflicts == ("Planned for",)
    assert result == replace(theirs, planned_on=SEPTEMBER, target="95% on time", note="Needs the police")
    assert result.version == 2
    assert [(d.field, d.base, d.theirs, d.mine, d.choose) for d in differences(REVIEW, theirs, mine)] == [
        ("Planned for", "31 March 2016", "30 June 2016", "30 September 2016", True),
        ("Lead", "Head of service", "Probation", "Head of service", False),
        ("Target", "90% on time", "90% on time", "95% on time", False),
    ]


def test_done_and_its_day_are_never_torn_apart() -> None:
    theirs = later(REVIEW, "2016-06-02", state="done", done_on=date(2016, 6, 1))
    stopped = replace(REVIEW, state="stopped")
    result, conflicts = merged(REVIEW, theirs, stopped)
    assert (result.state, result.done_on, conflicts) == ("stopped", None, ("State",))
    result, conflicts = merged(REVIEW, theirs, replace(REVIEW, lead="Probation"))
    assert (result.state, result.done_on, result.lead, conflicts) == (
        "done",
        date(2016, 6, 1),
        "Probation",
        (),
    )


@st.composite
def edits(draw: st.DrawFn) -> Action:
    state: ActionState = draw(st.sampled_from(["open", "done", "stopped"]))
    return replace(
        REVIEW,
        state=state,
        done_on=draw(st.sampled_from([MARCH, JUNE])) if state == "done" else None,
        planned_on=draw(st.sampled_from([None, MARCH, JUNE])),
        lead=draw(st.sampled_from(["", "Police", "Probation"])),
        target=draw(st.sampled_from(["", "90%"])),
    )


@given(edits(), edits(), edits())
def test_merging_takes_every_change_of_either(base: Action, theirs: Action, mine: Action) -> None:
    assert merged(base, base, mine) == (mine, ())
    assert merged(base, theirs, base) == (theirs, ())
    assert differences(base, base, base) == ()
    result, conflicts = merged(base, theirs, mine)
    other_way, same_conflicts = merged(base, mine, theirs)
    assert conflicts == same_conflicts
    assert conflicts == tuple(d.field for d in differences(base, theirs, mine) if d.choose)
    assert (result.state == "done") == (result.done_on is not None)
    for field in FIELDS:
        if field.label in conflicts:
            assert field.value(result) == field.value(mine)
        else:
            changed = [field.value(a) for a in (theirs, mine) if field.value(a) != field.value(base)]
            assert field.value(result) == (changed or [field.value(base)])[0]
            assert field.value(other_way) == field.value(result)


# Areas requiring improvement that come back

SAME = [
    (
        "Reviews should be carried out when circumstances change.",
        "Assessments and plans should be reviewed whenever there is a significant change in the life of the child.",
    ),
    (
        "Reviews of assessments and plans should be timely, and follow a significant change.",
        "Assessments and plans should be reviewed on time, and whenever circumstances change significantly.",
    ),
    (
        "Plans should contain a small number of objectives and say how each will be met.",
        "Plans should contain a small number of clear objectives, in order of importance.",
    ),
    (
        "Oversight by managers should be consistent across both offices.",
        "Management oversight should be consistent in the three offices.",
    ),
]
DIFFERENT = [
    # of one practice, and about another matter
    ("Reviews should be completed on time.", "Reviews should be carried out when circumstances change."),
    ("Managers should challenge poor work.", "Managers should record their decisions."),
    ("Plans should be short and clear.", "Plans should be drawn up together with parents and carers."),
    ("Management oversight should lead to better work.", "Managers should have enough time for oversight."),
    # of another subject
    (
        "Plans to manage risk of harm should be reviewed on time.",
        "Plans to address vulnerability should be reviewed on time.",
    ),
    # of another practice
    ("Assessments should be recorded in plain language.", "Plans should be recorded in plain language."),
    # that say nothing beyond their practice
    ("Plans should be better.", "Planning should be good in all cases."),
    # of no practice that is known
    ("Records should be complete and secure.", "Complete and secure records should be held."),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_areas_that_may_be_the_same(one: str, other: str) -> None:
    assert may_be_the_same(one, other)
    assert may_be_the_same(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_areas_that_are_not_taken_for_the_same(one: str, other: str) -> None:
    assert not may_be_the_same(one, other)
    assert not may_be_the_same(other, one)


def test_an_area_that_recurs_names_the_others_in_their_order() -> None:
    change, life = SAME[0]
    found = recurring(
        {
            "2015-10-05": [life, "Managers should challenge poor work."],
            "2013-05-13": ["Managers should record their decisions.", change],
            "2016-11-07": [change],
        }
    )
    assert [(r.inspection, r.position) for r in found] == [
        ("2013-05-13", 2),
        ("2015-10-05", 1),
        ("2016-11-07", 1),
    ]
    assert (
        found[0].message
        == f"It may have come back in October 2015: “{life}” It came back in November 2016: “{change}”"
    )
    assert found[1].message.startswith(
        f"This may be the same as an area requiring improvement in May 2013: “{change}” It may have come back in"
    )
    assert found[2].message.startswith(f"This was an area requiring improvement in May 2013 too: “{change}”")
    assert [(o.inspection, o.position, o.exactly) for o in found[2].others] == [
        ("2013-05-13", 2, True),
        ("2015-10-05", 1, False),
    ]


def test_an_inspection_without_a_date_is_neither_before_nor_after() -> None:
    area = "Records should be complete."
    found = recurring({"undated 0123456789abcdef": [area], "2015-10-05": ["Records should  be complete"]})
    assert [r.message for r in found] == [
        f"This was an area requiring improvement in an inspection whose date is not known: “{area}”",
        "This was an area requiring improvement in October 2015: “Records should be complete.”",
    ]


def test_areas_of_one_letter_are_not_compared() -> None:
    assert recurring({"2015-10-05": list(SAME[0])}) == ()
    assert recurring({}) == ()


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_can_be_compared(one: str, other: str) -> None:
    assume(one.strip())
    assert may_be_the_same(one, one)
    assert may_be_the_same(one, other) == may_be_the_same(other, one)


def test_a_note_is_quoted_as_the_reason_only_of_what_it_was_said_with() -> None:
    first = new("2", "2016-01-04", action="Sign every plan")
    noted = later(first, "2016-04-01", note="Half of them are signed.")
    stopped = later(noted, "2016-04-08", note="", state="stopped")
    (line,) = changed_since([first, noted, stopped], date(2016, 3, 4), date(2016, 5, 1))
    assert line == "Action 2, “Sign every plan”, was stopped. Also said: “Half of them are signed.”"
    said = replace(stopped, note="The panel has taken it over.")
    (line,) = changed_since([first, noted, said], date(2016, 3, 4), date(2016, 5, 1))
    assert line == (
        "Action 2, “Sign every plan”, was stopped: “The panel has taken it over.” Also said: “Half of them are signed.”"
    )
