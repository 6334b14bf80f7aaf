"""Excel and OpenDocument files as small as they can be, made in the test."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from xml.sax.saxutils import escape

Cell = str | int | float | date | None
Rows = Sequence[Sequence[Cell]]

_XL = "http://schemas.openxmlformats.org"
_RELATIONS = f'<Relationships xmlns="{_XL}/package/2006/relationships">%s</Relationships>'
_RELATION = f'<Relationship Id="%s" Type="{_XL}/officeDocument/2006/relationships/%s" Target="%s"/>'
_STYLES = (
    f'<styleSheet xmlns="{_XL}/spreadsheetml/2006/main"><cellXfs><xf numFmtId="0"/>'
    '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
)
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns"


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def _xlsx_cell(place: str, cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, date):
        return f'<c r="{place}" s="1"><v>{(cell - date(1899, 12, 30)).days}</v></c>'
    if isinstance(cell, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
    return f'<c r="{place}"><v>{cell}</v></c>'


def _sheet_data(rows: Rows) -> str:
    return "".join(
        f'<row r="{number}">'
        + "".join(_xlsx_cell(f"{chr(65 + column)}{number}", cell) for column, cell in enumerate(row))
        + "</row>"
        for number, row in enumerate(rows, 1)
    )


def xlsx(
    sheets: Mapping[str, Rows | str],
    *,
    after: str = "",
    hidden: Sequence[str] = (),
    more: Mapping[str, str | bytes] | None = None,
) -> bytes:
    """A workbook of these sheets: rows of cells, or the XML inside `sheetData`. `after` stands behind it."""
    entries, relations, parts = "", _RELATION % ("s", "styles", "styles.xml"), {}
    for number, (name, rows) in enumerate(sheets.items(), 1):
        state = ' state="hidden"' if name in hidden else ""
        entries += f'<sheet name="{escape(name)}" sheetId="{number}"{state} r:id="r{number}"/>'
        relations += _RELATION % (f"r{number}", "worksheet", f"worksheets/sheet{number}.xml")
        data = rows if isinstance(rows, str) else _sheet_data(rows)
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{_XL}/spreadsheetml/2006/main"><sheetData>{data}</sheetData>{after}</worksheet>'
        )
    workbook = (
        f'<workbook xmlns="{_XL}/spreadsheetml/2006/main" xmlns:r="{_XL}/officeDocument/2006/relationships">'
        f"<sheets>{entries}</sheets></workbook>"
    )
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{_XL}/package/2006/content-types"/>',
            "_rels/.rels": _RELATIONS % (_RELATION % ("w", "officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": workbook,
            "xl/_rels/workbook.xml.rels": _RELATIONS % relations,
            "xl/styles.xml": _STYLES,
            **parts,
            **(more or {}),
        }
    )


def _ods_cell(cell: Cell) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{cell}"/>'
    if isinstance(cell, str):
        return (
            f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
        )
    return f'<table:table-cell office:value-type="float" office:value="{cell}"/>'


def ods(sheets: Mapping[str, Rows | str], more: Mapping[str, str] | None = None) -> bytes:
    tables = ""
    for name, rows in sheets.items():
        body = (
            rows
            if isinstance(rows, str)
            else "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
        )
        tables += f'<table:table table:name="{escape(name)}">{body}</table:table>'
    content = (
        f'<office:document-content xmlns:office="{_OFFICE}:office:1.0" xmlns:table="{_OFFICE}:table:1.0" '
        f'xmlns:text="{_OFFICE}:text:1.0"><office:body><office:spreadsheet>{tables}</office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    manifest = f'<manifest:manifest xmlns:manifest="{_OFFICE}:manifest:1.0"/>'
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": manifest,
            "content.xml": content,
            **(more or {}),
        }
    )
