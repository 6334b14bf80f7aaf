"""Makes the PDF and the Word file of the fictional letters from their texts: `python data/letters/make.py`.

Needs reportlab. The texts are the originals; the files are kept beside them so that nobody has to run this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph as WordParagraph
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Table

HERE = Path(__file__).parent
INK, RULE = HexColor("#1d2731"), HexColor("#8a97a3")


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """The parts of a letter's text in their order: what they are, and what they say."""
    for block in re.split(r"\n{2,}", text.strip()):
        if re.match(r"To: ", block):
            yield "rows", block
        elif re.match(r"\d\.\d+\. ", block):
            yield "numbered", block
        elif re.match(r"\d\. ", block):
            yield "section", block
        elif block.startswith("- "):
            for item in block.splitlines():
                yield "bullet", item.removeprefix("- ")
        elif block.startswith("¹"):
            yield "footnote", block
        elif block.startswith("Report of"):
            yield "title", block
        elif len(block) < 60:
            yield ("furniture" if block.startswith("Fictional") else "heading"), block
        else:
            yield "text", block


def make_pdf(source: Path) -> None:
    base = {"fontName": "Helvetica", "fontSize": 10.5, "leading": 14.5, "textColor": INK}
    body = ParagraphStyle("body", **base, bulletFontSize=10.5, bulletColor=INK, spaceAfter=6)
    numbered = ParagraphStyle("numbered", body, leftIndent=11 * mm, bulletIndent=0)
    bullet = ParagraphStyle("bullet", body, leftIndent=6 * mm, bulletIndent=1 * mm)
    heading = ParagraphStyle("heading", body, fontName="Helvetica-Bold", fontSize=12.5, spaceBefore=8)
    title = ParagraphStyle("title", heading, fontSize=15, leading=20, spaceBefore=14, spaceAfter=10)
    small = ParagraphStyle("small", body, fontSize=8.5, leading=11)
    furniture = ""
    story: list[Flowable] = []
    waiting: list[Flowable] = []  # headings stay with what follows

    def put(flowable: Flowable) -> None:
        story.append(KeepTogether([*waiting, flowable]) if waiting else flowable)
        waiting.clear()

    for kind, text in blocks(source.read_text("utf-8")):
        marked = text.replace("&", "&amp;").replace("¹", "<super>1</super>")
        if kind == "furniture":
            furniture = text
            put(Paragraph(text, ParagraphStyle("marker", heading, alignment=TA_CENTER)))
        elif kind == "rows":
            cells = [row.split(": ", 1) for row in text.splitlines()]
            table = [[Paragraph(f"<i>{k}:</i>", body), Paragraph(v, body)] for k, v in cells]
            put(Table(table, colWidths=[38 * mm, 122 * mm], style=[("GRID", (0, 0), (-1, -1), 0.5, RULE)]))
        elif kind == "numbered":
            label, rest = marked.split(" ", 1)
            put(Paragraph(rest, numbered, bulletText=label))
        elif kind == "bullet":
            put(Paragraph(marked, bullet, bulletText="•"))
        elif kind in ("section", "heading"):
            waiting.append(Paragraph(marked, heading))
        else:
            put(Paragraph(marked, {"title": title, "footnote": small, "text": body}[kind]))

    def on_page(canvas: Canvas, _: object) -> None:
        canvas.setFont("Helvetica", 8.5)
        canvas.setFillColor(INK)
        canvas.drawCentredString(A4[0] / 2, A4[1] - 13 * mm, furniture)
        canvas.drawCentredString(A4[0] / 2, 11 * mm, f"{canvas.getPageNumber()}")

    SimpleDocTemplate(
        str(source.with_suffix(".pdf")),
        pagesize=A4,
        leftMargin=25 * mm,
        rightMargin=25 * mm,
        topMargin=22 * mm,
        bottomMargin=22 * mm,
        title=f"{furniture}: {source.stem}",
        author="",
        lang="en-GB",
        invariant=1,
    ).build(story, onFirstPage=on_page, onLaterPages=on_page)


# Numbers that Word makes itself: headings count 1. 2. 3., paragraphs under them 1.1. 1.2.
NUMBERING = f"""
<w:abstractNum {nsdecls("w")} w:abstractNumId="77"><w:multiLevelType w:val="multilevel"/>
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/>
<w:pPr><w:ind w:left="425" w:hanging="425"/></w:pPr></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2."/>
<w:pPr><w:ind w:left="567" w:hanging="567"/></w:pPr></w:lvl>
</w:abstractNum>"""


def make_docx(source: Path) -> None:
    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(25)
    document.styles["Normal"].font.name, document.styles["Normal"].font.size = "Calibri", Pt(11)
    numbering = document.part.numbering_part.element
    numbering.insert(0, parse_xml(NUMBERING))
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for kind, text in blocks(source.read_text("utf-8")):
        if kind == "furniture":
            page.header.paragraphs[0].text = text
            document.core_properties.title = f"{text}: {source.stem}"
            document.core_properties.author = ""
            document.add_paragraph(text).runs[0].bold = True
        elif kind == "rows":
            table = document.add_table(rows=0, cols=2, style="Table Grid")
            for row in text.splitlines():
                for cell, part in zip(
                    table.add_row().cells, re.split(r"(?<=:) ", row, maxsplit=1), strict=True
                ):
                    cell.text = part
        elif kind == "title":
            document.add_paragraph(text, style="Title")
        elif kind in ("section", "heading"):
            paragraph = document.add_heading(text.split(". ", 1)[-1], level=2)
            if kind == "section":
                _number(paragraph, level=0)
        elif kind == "numbered":
            _number(document.add_paragraph(text.split(" ", 1)[1]), level=1)
        elif kind == "bullet":
            document.add_paragraph(text, style="List Bullet")
        else:
            paragraph = document.add_paragraph()
            for part in re.split("(¹)", text):
                run = paragraph.add_run("1" if part == "¹" else part)
                run.font.superscript = part == "¹"
                run.font.size = Pt(9) if kind == "footnote" else None
    document.save(str(source.with_suffix(".docx")))


def _number(paragraph: WordParagraph, level: int) -> None:
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().set(qn("w:val"), str(level))
    properties.get_or_add_numId().set(qn("w:val"), "77")


if __name__ == "__main__":
    make_pdf(HERE / "harnley-vale-2014.txt")
    make_docx(HERE / "carrow-bay-2016.txt")
