"""The register of services, and finding one by the name that a letter gives it."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqs_core.frameworks import DATA
from sqs_core.services import find_service, fold, services

NAMES = {service.name for service in services()}


def test_the_155_services_of_2024_are_those_of_the_youth_justice_board(shared: Path | None) -> None:
    if shared is None:
        return
    with (shared / "data" / "services-2024.csv").open(encoding="utf-8", newline="") as file:
        expected = {
            (row["yjs_name"], row["country"], row["region"], row["police_force_pcc"])
            for row in csv.DictReader(file)
        }
    still_there = {(s.name, s.country, s.region, s.police_area) for s in services() if s.closed_on is None}
    assert still_there == expected
    assert len(still_there) == 155


def test_there_are_155_services_now_17_of_them_in_wales() -> None:
    now = [service for service in services() if service.closed_on is None]
    assert len(now) == 155
    assert sum(service.country == "Wales" for service in now) == 17
    assert {service.region for service in now if service.country == "Wales"} == {"Wales"}


def test_services_that_closed_lead_to_services_of_the_register() -> None:
    closed = [service for service in services() if service.closed_on is not None]
    assert {"Western Bay", "Bournemouth and Poole", "Tri-borough", "Cumbria"} <= {s.name for s in closed}
    for service in closed:
        assert service.successors, service.name
        assert set(service.successors) <= NAMES, service.name
        assert service.opened_on is None or service.opened_on < service.closed_on  # type: ignore[operator]
    # Who follows somebody else's service opened the day after, or was there before.
    by_name = {service.name: service for service in services()}
    for service in closed:
        for name in service.successors:
            opened = by_name[name].opened_on
            assert opened is None or (opened - service.closed_on).days <= 1, (service.name, name)  # type: ignore[operator]


def test_western_bay_is_known_with_its_years() -> None:
    western_bay = find_service("Western Bay Youth Justice and Early Intervention Service")
    assert western_bay is not None
    assert western_bay.opened_on == date(2014, 5, 29)
    assert western_bay.successors == ("Bridgend", "Neath Port Talbot", "Swansea")


@pytest.mark.parametrize("status", ["V", "U"])
def test_every_row_says_how_sure_it_is_and_where_it_is_from(status: str) -> None:
    with (DATA / "services.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["status"] == status]
    assert rows
    assert all(row["source"] for row in rows)


def test_no_name_or_alias_belongs_to_two_services() -> None:
    owner: dict[str, str] = {}
    for service in services():
        for name in (service.name, *service.aliases):
            assert owner.setdefault(fold(name), service.name) == service.name, name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Knowsley YOS", "Knowsley"),
        ("Knowsley Youth Offending Service", "Knowsley"),
        ("KNOWSLEY", "Knowsley"),
        ("the London Borough of Hammersmith & Fulham", "Hammersmith and Fulham"),
        ("Royal Borough of Windsor & Maidenhead", "Windsor and Maidenhead"),
        ("City of Westminster Council", "Westminster"),
        ("City and County of Swansea", "Swansea"),
        ("Metropolitan Borough of Wirral", "Wirral"),
        ("Durham County Council", "Durham"),
        ("Leicester City Council", "Leicester City"),
        ("Leicester", "Leicester City"),
        ("Leicestershire County Council", "Leicestershire"),
        ("Kingston upon Hull, City of", "Kingston-upon-Hull"),
        ("Hull", "Kingston-upon-Hull"),
        ("St Helens", "St. Helens"),
        ("Stockton on Tees", "Stockton-on-Tees"),
        ("Monmouthshire & Torfaen Youth Offending Team", "Monmouthshire and Torfaen"),
        ("Gwynedd Mon", "Gwynedd and Ynys Môn"),
        ("Gwynedd & Ynys Mo\u0302n YJS", "Gwynedd and Ynys Môn"),
        ("Gwasanaeth Cyfiawnder Ieuenctid Caerdydd", "Cardiff"),
        ("Dorset Combined Youth Justice Service", "Dorset Combined YOS"),
        ("Bae’r Gorllewin", "Western Bay"),
        ("Caerphilly & Blaenau Gwent Youth Offending Service", "Blaenau Gwent and Caerphilly"),
        ("Torfaen and Monmouthshire", "Monmouthshire and Torfaen"),
        ("Richmond and Kingston", "Kingston and Richmond"),
        ("Denbighshire and Conwy", "Conwy and Denbighshire"),
        ("Royal Greenwich Youth Offending Service", "Greenwich"),
        ("Dorset, Bournemouth and Poole", "Dorset Combined YOS"),
        ("Tower Hamlets & City of London", "Tower Hamlets and City of London"),
    ],
)
def test_names_as_letters_and_councils_write_them(name: str, expected: str) -> None:
    service = find_service(name)
    assert service is not None
    assert service.name == expected


@pytest.mark.parametrize(
    "name",
    ["", "YOS", "The", "Youth Offending Service", "Kingston", "City of London", "Westerdale", "Essexshire"],
)
def test_an_unknown_or_ambiguous_name_is_none(name: str) -> None:
    assert find_service(name) is None


@given(
    service=st.sampled_from(services()),
    before=st.sampled_from(["", "The ", "London Borough of ", "Royal Borough of ", "City of ", "  "]),
    after=st.sampled_from(
        [
            "",
            " Youth Offending Service",
            " Youth Offending Team",
            " YOT",
            " (YOS)",
            " Youth Justice Service",
            " Council",
        ]
    ),
    case=st.sampled_from([str, str.upper, str.lower]),
    ampersand=st.booleans(),
)
def test_every_service_is_found_however_its_name_is_framed(service, before, after, case, ampersand) -> None:  # type: ignore[no-untyped-def]
    for name in (service.name, *service.aliases):
        written = case(f"{before}{name}{after}")
        if ampersand:
            written = written.replace(" and ", " & ").replace(" AND ", " & ")
        assert find_service(written) == service
