"""Whatever file a table comes in, it is the same table; and every bad file gets one line that names it."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest

from sqs_core.errors import BadInputError
from sqs_core.loaders import check, read_table, template
from sqs_core.model import Review
from tests.loaders.workbooks import ods, xlsx, zipped

HEADINGS = ["Service", "Case Ref", "Plan type", "Trigger", "Due date", "Date completed", "Extract date"]
DAY = date(2026, 11, 23)
CELLS = ["Ynys Môn", "C1", "RMP", "Planned", "13/04/2026", "", "23/11/2026"]
REAL_CELLS = ["Ynys Môn", "C1", "RMP", "Planned", date(2026, 4, 13), None, DAY]


def csv_text(*rows: list[str], delimiter: str = ",") -> str:
    return "\r\n".join(delimiter.join(row) for row in rows) + "\r\n"


def reviews(content: bytes, name: str = "extract") -> list[Review]:
    checked = check(read_table(name, content), "reviews", DAY)
    assert checked.problems == ()
    return checked.reviews


def refusal(content: bytes, name: str = "extract.xlsx", sheet: str | None = None) -> str:
    with pytest.raises(BadInputError) as raised:
        read_table(name, content, sheet)
    text = str(raised.value)
    assert text.startswith(f"{name}: ")
    assert "\n" not in text
    return text


EXPECTED = reviews(csv_text(HEADINGS, CELLS).encode())


def test_the_review_is_read() -> None:
    (review,) = EXPECTED
    assert (review.case_ref, review.plan_type, review.trigger) == ("C1", "risk_management_plan", "scheduled")
    assert (review.due_on, review.completed_on, review.extracted_on) == (date(2026, 4, 13), None, DAY)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    assert reviews(csv_text(HEADINGS, CELLS, delimiter=delimiter).encode(encoding)) == EXPECTED


def test_excel_and_opendocument_with_real_dates() -> None:
    for make in (xlsx, ods):
        assert reviews(make({"Sheet1": [HEADINGS, REAL_CELLS]})) == EXPECTED
        assert reviews(make({"Sheet1": [HEADINGS, CELLS]})) == EXPECTED


def test_a_number_of_a_case_is_no_decimal_number() -> None:
    cells = [REAL_CELLS[0], 1234.0, *REAL_CELLS[2:]]
    assert reviews(xlsx({"Sheet1": [HEADINGS, cells]}))[0].case_ref == "1234"


def test_what_stands_around_a_table_is_left_out() -> None:
    text = (
        "Reviews report,,,,,,,\r\n"
        ",,,,,,,\r\n"
        "\r\n"
        '"Run by, the office",,,,,,,\r\n'
        ",Service,Case Ref,,Plan type,Trigger,Due date,Date completed,Extract date\r\n"
        ",Ynys Môn,C1,,RMP,Planned,13/04/2026,,23/11/2026\r\n"
        ",,,,,,,\r\n"
        ",Service,Case Ref,,Plan type,Trigger,Due date,Date completed,Extract date\r\n"
        ",Ynys Môn,C2,,RMP,Planned,13/04/2026,NULL,23/11/2026\r\n"
        ",Total,2,,2,2,2,0,2\r\n"
        "\r\n"
        "* open reviews included\r\n"
        "Source: case system,,23/11/2026\r\n"
    )
    table = read_table("extract.csv", text.encode())
    assert table.heading_row == 5
    assert table.left_out == (10, 12, 13)
    assert list(table.cells.index) == [6, 9]
    assert table.headings == tuple(HEADINGS)
    assert [review.case_ref for review in check(table, "reviews", DAY).reviews] == ["C1", "C2"]


def test_merged_titles_and_rows_that_are_not_there() -> None:
    rows = [["Reviews, as at November"], [], HEADINGS, REAL_CELLS]
    merged = '<mergeCells count="1"><mergeCell ref="A1:G1"/></mergeCells>'
    table = read_table("extract.xlsx", xlsx({"Sheet1": rows}, after=merged))
    assert (table.heading_row, list(table.cells.index)) == (3, [4])
    assert check(table, "reviews", DAY).reviews == EXPECTED


def test_line_breaks_in_cells_do_not_shift_the_numbers_of_rows() -> None:
    text = csv_text(HEADINGS, ["Ynys Môn", "C1", "RMP", "Planned", "", "", "23/11/2026"])
    text += '"Ynys\nMôn",C2,RMP,Planned,,,23/11/2026\r\nYnys Môn,C3,Nonsense,Planned,,,23/11/2026\r\n'
    problems = check(read_table("extract.csv", text.encode()), "reviews", DAY).problems
    assert [(problem.row, problem.found) for problem in problems] == [(4, "Nonsense")]


def test_cells_beyond_the_headings_are_cells_of_a_column_without_one() -> None:
    text = csv_text(HEADINGS, *[CELLS] * 300, [*CELLS, "more", "and more"])
    assert read_table("extract.csv", text.encode()).headings[-2:] == ("column 8", "column 9")


# Several sheets


def test_the_sheet_is_chosen_by_its_content() -> None:
    for make in (xlsx, ods):
        table = read_table(
            "extract", make({"Notes": [["How", "to"], ["read", "this"]], "Data": [HEADINGS, CELLS]})
        )
        assert table.sheet == "Data"


def test_hidden_sheets_are_not_read() -> None:
    book = xlsx({"Old": [HEADINGS, CELLS], "Data": [HEADINGS, CELLS]}, hidden=["Old"])
    assert read_table("extract.xlsx", book).sheet == "Data"


def test_two_sheets_that_could_be_it_are_not_guessed_between() -> None:
    book = xlsx({"2025": [HEADINGS, CELLS], "2026": [HEADINGS, CELLS]})
    assert "“2025” and “2026”" in refusal(book)
    assert read_table("extract.xlsx", book, sheet="2026").sheet == "2026"
    assert "no sheet “2027”" in refusal(book, sheet="2027")


# Bad files

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\0", "empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG....", "picture"),
        (b"Rar!....", "archive"),
        (b"<!DOCTYPE html><table></table>", "web page"),
        (OLD_OFFICE, "old Excel"),
        (OLD_OFFICE + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"PK\x03\x04 and then nothing", "damaged"),
        (b"one\ntwo\nthree\n", "not a table"),
        (b"a,b\0,c\n\0", "neither a table nor text"),
        (b"\x81\x8d\x8f,\x90\x9d", "neither a table nor text"),
        (b"service,case_ref,plan_type\n", "no row of headings with rows"),
        (b"1,2,3\n4,5,6\n", "no row of headings"),
        (b'service,case_ref\nx,1\ny,"2\nz,3\n', "quotation mark is opened and not closed; look at row 3"),
        (b'service,case_ref\nx,"' + b"y " * 3000 + b'"\n', "row 2 holds a cell of more than"),
        (b"service,case_ref\n" + b"," * 1500 + b"\n", "more than 1,000 columns"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_file_gets_one_line(content: bytes, reason: str) -> None:
    assert reason in refusal(content)


def test_a_file_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqs_core.loaders.files._MAX_BYTES", 1_000)
    assert "is larger than" in refusal(b"service,case_ref\n" * 100)


def test_a_table_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqs_core.loaders.files._MAX_ROWS", 2)
    rows = [HEADINGS, CELLS, CELLS]
    assert "more than 2 rows" in refusal(csv_text(*rows).encode())
    assert "more than 2 rows" in refusal(xlsx({"Sheet1": rows}))


def test_archives_that_are_no_workbook() -> None:
    assert "packed archive" in refusal(zipped({"letter.txt": "x"}))
    assert "Word" in refusal(zipped({"word/document.xml": "x"}))
    assert ".xlsb" in refusal(zipped({"xl/workbook.bin": "x"}))
    assert "no spreadsheet" in refusal(
        zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "x"})
    )
    assert "macros" in refusal(xlsx({"Sheet1": [HEADINGS, CELLS]}, more={"xl/vbaProject.bin": b"x"}))
    assert "macros" in refusal(ods({"Sheet1": [HEADINGS, CELLS]}, more={"Basic/Standard/script.xml": ""}))
    assert "damaged" in refusal(zipped({"xl/workbook.xml": "<workbook"}))
    assert "no sheet" in refusal(xlsx({"Sheet1": []}))


def test_protected_opendocument() -> None:
    manifest = {"META-INF/manifest.xml": "<manifest><encryption-data/></manifest>"}
    assert "password" in refusal(ods({"Sheet1": [HEADINGS, CELLS]}, more=manifest))


def test_an_archive_with_a_password() -> None:
    book = bytearray(xlsx({"Sheet1": [HEADINGS, CELLS]}))
    place = -1
    while (place := book.find(b"PK\x01\x02", place + 1)) >= 0:
        book[place + 8] |= 1
    assert "password" in refusal(bytes(book))


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_a_cut_off_workbook_is_damaged(cut: float) -> None:
    book = xlsx({"Sheet1": [HEADINGS, CELLS]})
    assert "damaged" in refusal(book[: int(len(book) * cut)])


def test_an_archive_whose_directory_lies_before_its_beginning_is_damaged() -> None:
    book = bytearray(xlsx({"Sheet1": [HEADINGS, CELLS]}))
    place = book.find(b"PK\x01\x02")
    book[place + 42 : place + 46] = b"\xff\xff\xff\x7f"
    assert "damaged" in refusal(bytes(book))
    book[-6:-2] = b"\xff\xff\x00\x00"
    assert "damaged" in refusal(bytes(book))


def test_an_archive_that_unpacks_to_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqs_core.loaders.files._MAX_UNPACKED", 1_000_000)
    assert "unpacks to far more" in refusal(
        xlsx({"Sheet1": [HEADINGS]}, more={"xl/media/a.bin": bytes(2_000_000)})
    )


def test_an_archive_of_too_many_parts() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for number in range(5_001):
            archive.writestr(f"xl/{number}", "")
    assert "unpacks to far more" in refusal(content.getvalue())


@pytest.mark.parametrize("place", ["XFD1048576", "ZZ900000", "A9999999", "ZZZZZ1"])
def test_a_workbook_with_a_cell_far_away_does_not_fill_the_memory(place: str) -> None:
    far = f'<row r="1"><c r="A1"><v>1</v></c></row><row><c r="{place}"><v>1</v></c></row>'
    assert "unpacks to far more" in refusal(xlsx({"Sheet1": far}))


def test_xml_that_is_not_well_formed_is_damaged_and_not_read_for_ever() -> None:
    assert "damaged" in refusal(ods({"Sheet1": "<table:table-row></table:table-rox>"}))
    assert "damaged" in refusal(ods({"Sheet1": "</table:table></office:spreadsheet>"}))
    assert "damaged" in refusal(xlsx({"Sheet1": "<row><c>"}))


def test_xml_entities_are_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    assert "XML entities" in refusal(xlsx({"Sheet1": [HEADINGS, CELLS]}, more={"xl/sharedStrings.xml": bomb}))


FILLED = '<table:table-cell office:value-type="float" office:value="1"/>'
REPEATED = FILLED.replace("/>", ' table:number-columns-repeated="16384"/>')


@pytest.mark.parametrize(
    "body",
    [
        f"<table:table-row>{REPEATED}</table:table-row>",
        f'<table:table-row table:number-rows-repeated="1048576">{FILLED}</table:table-row>',
        '<table:table-row table:number-rows-repeated="4000000000"><table:table-cell/></table:table-row>',
    ],
)
def test_an_opendocument_table_that_repeats_itself_does_not_fill_the_memory(body: str) -> None:
    assert "unpacks to far more" in refusal(ods({"Sheet1": body}))


def test_blank_cells_repeat_to_the_edge_of_an_opendocument_sheet() -> None:
    def row(cells: list[str]) -> str:
        texts = "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in cells
        )
        return f'<table:table-row>{texts}<table:table-cell table:number-columns-repeated="16377"/></table:table-row>'

    blank = (
        '<table:table-row table:number-rows-repeated="1048574">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    assert reviews(ods({"Sheet1": row(HEADINGS) + row(CELLS) + blank})) == EXPECTED


@pytest.mark.parametrize("kind", ["reviews", "cases"])
def test_a_template_can_be_loaded(kind: str) -> None:
    text = template("reviews" if kind == "reviews" else "cases")
    assert len(text.splitlines()) == 2
    table = read_table("template.csv", text.encode())
    assert table.kind == kind
    checked = check(table, table.kind, DAY)
    assert (checked.problems, checked.warnings) == ((), ())
    assert len(checked.reviews) + len(checked.judgements) == 1
