"""The funnel as a picture and the rates as bars: what they show, say and hide."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace

import plotly.graph_objects as go
import pytest

from sqs_core.charts import INK, NEUTRAL, STRENGTH, WEAKNESS, Chart
from sqs_core.charts.funnel import funnel_chart, ranked_intervals
from sqs_core.measures.funnel import (
    ON_TIME,
    REOFFENDING,
    SUFFICIENT,
    Funnel,
    Place,
    Subject,
    funnel,
    outside_message,
    own_message,
)

OWN = "Northmoor"
INK_ = INK["light"]
FEW = Place("Few", 3, 12)
ALIKE = [Place(f"Service {i}", 36 + i % 5, 100) for i in range(20)]
HIGH, LOW = Place("High", 130, 200), Place("Low", 30, 200)


def of(*places: Place, subject: Subject = REOFFENDING, target: float | None = 0.38) -> Funnel:
    return funnel(places, subject, target=target)


def drawn(found: Funnel, own: str | None = OWN, ink: str = INK_) -> Chart:
    chart = funnel_chart(found, ink, own)
    assert chart is not None
    return chart


def marks(chart: Chart) -> dict[str, dict[str, object]]:
    """Each mark by the name it hovers with."""
    out = {}
    for trace in chart.figure.data:
        if trace.hovertext is None:
            continue
        many = len(trace.x)

        def each(value: object, many: int = many) -> list[object]:
            return list(value) if isinstance(value, (list, tuple)) else [value] * many

        columns = zip(
            trace.x,
            trace.y,
            each(trace.marker.symbol),
            each(trace.marker.color),
            each(trace.marker.size),
            trace.hovertext,
            strict=True,
        )
        for x, y, symbol, colour, size, text in columns:
            out[text.split(":")[0]] = {
                "x": x,
                "y": y,
                "symbol": symbol,
                "colour": colour,
                "size": size,
                "text": text,
            }
    return out


def lines(chart: Chart) -> list[go.Scatter]:
    return [trace for trace in chart.figure.data if trace.mode == "lines"]


FULL = of(Place(OWN, 62, 151), *ALIKE, HIGH, LOW, FEW)


@pytest.mark.parametrize("places", [[], [FEW], [FEW, Place("None", 0, 0)], [FEW, ALIKE[0]]])
def test_with_nothing_to_compare_there_is_no_chart(places: list[Place]) -> None:
    assert funnel_chart(of(*places, target=None), INK_, OWN) is None


def test_one_service_beside_a_given_share_makes_one() -> None:
    assert list(marks(drawn(of(Place(OWN, 62, 151))))) == [OWN]


def test_every_service_with_30_cases_is_a_mark_and_no_other() -> None:
    found = marks(drawn(FULL))
    assert set(found) == {OWN, "High", "Low", *(p.name for p in ALIKE)}
    for position in FULL.positions:
        mark = found[position.place.name]
        assert (mark["x"], mark["y"]) == (position.place.cases, position.rate)


def test_hovering_gives_counts_and_verdict_and_no_decimal() -> None:
    found = marks(drawn(FULL))
    assert (
        found[OWN]["text"] == "Northmoor: 41%, 62 of 151 children; inside the limits, 95% limits 30% to 46%"
    )
    assert found["High"]["text"] == (
        "High: 65%, 130 of 200 children; above the 99.8% limits (worse), 95% limits 31% to 45%"
    )
    for mark in found.values():
        assert not re.search(r"\d\.\d", str(mark["text"]).replace("99.8%", ""))
    for trace in drawn(FULL).figure.data:
        assert trace.hovertext is not None or trace.hoverinfo == "skip"
        assert not trace.hovertemplate


def test_the_own_service_is_told_by_symbol_size_and_label() -> None:
    chart = drawn(FULL)
    found = marks(chart)
    assert [name for name, mark in found.items() if mark["symbol"] == "star"] == [OWN]
    assert all(mark["size"] < found[OWN]["size"] for name, mark in found.items() if name != OWN)
    (labelled,) = [trace for trace in chart.figure.data if trace.text]
    assert list(labelled.text) == ["<b>Northmoor</b>"]
    assert chart.figure.data[-1] is labelled, "drawn last, so that no other covers it"


def test_the_label_points_to_the_middle_and_says_on_which_side_it_is() -> None:
    def label(*places: Place, own: str) -> tuple[str, str]:
        (trace,) = [t for t in drawn(of(*places), own).figure.data if t.text]
        return trace.text[0], trace.textposition

    assert label(HIGH, Place("A", 400, 1000), own="High") == ("<b>High</b> ▲", "top right")
    assert label(LOW, Place("A", 40, 100), own="Low") == ("<b>Low</b> ▼", "top left")


@pytest.mark.parametrize("own", [None, "Few", "Nowhere"])
def test_without_an_own_service_among_them_none_is_marked(own: str | None) -> None:
    chart = drawn(FULL, own)
    assert "star" not in {mark["symbol"] for mark in marks(chart).values()}
    assert not any(trace.text for trace in chart.figure.data)


def test_outside_is_told_by_shape_size_and_words_and_inside_nobody_is_coloured() -> None:
    found = marks(drawn(FULL))
    assert (found["High"]["symbol"], found["High"]["colour"]) == ("triangle-up", WEAKNESS)
    assert (found["Low"]["symbol"], found["Low"]["colour"]) == ("triangle-down", STRENGTH)
    assert found["High"]["size"] == found["Low"]["size"] == 11
    for position in FULL.positions:
        mark = found[position.place.name]
        if position.standing == "inside":
            assert mark["colour"] == NEUTRAL
            assert mark["symbol"] in ("circle", "star")
            assert "inside the limits" in str(mark["text"])


def test_where_more_is_better_the_colours_change_sides() -> None:
    found = marks(drawn(of(HIGH, LOW, *ALIKE, subject=ON_TIME)))
    assert (found["High"]["colour"], found["Low"]["colour"]) == (STRENGTH, WEAKNESS)
    assert "above the 99.8% limits (better)" in str(found["High"]["text"])


def test_the_lines_are_the_limits_of_the_verdict() -> None:
    many = [Place(f"Service {i}", k, 100 + i) for i, k in enumerate([25, 55, 30, 50, 38, 60] * 3)]
    for given in (FULL, of(*many)):
        *limits, target = lines(drawn(given))
        assert [line.line.dash for line in limits] == ["solid", "solid", "dot", "dot"]
        for i, cases in enumerate(limits[0].x):
            expected = given.limits(cases)
            assert [line.y[i] for line in limits] == [
                expected.of_95.low,
                expected.of_95.high,
                expected.of_998.low,
                expected.of_998.high,
            ]
        assert list(target.y) == [given.target] * 2
        assert target.line.dash == "dash"
        largest = max(p.place.cases for p in given.positions)
        assert limits[0].x[0] == 30
        assert limits[0].x[-1] > largest
    assert of(*many).is_widened


def test_the_lines_are_smooth() -> None:
    large = of(Place(OWN, 62, 151), Place("Large", 1900, 5000), *ALIKE)
    for line in lines(drawn(large))[:4]:
        assert 100 <= len(line.x) <= 151
        slopes = [abs(b - a) for a, b in zip(line.y, line.y[1:], strict=False)]
        assert max(slopes) < 0.02


def test_all_of_it_is_in_the_picture() -> None:
    for given in (FULL, of(Place(OWN, 0, 40), Place("A", 40, 40)), of(Place(OWN, 38, 40), target=0.99)):
        chart = drawn(given)
        low, high = chart.figure.layout.yaxis.range
        for trace in chart.figure.data:
            assert all(low <= y <= high for y in trace.y)
        left, right = chart.figure.layout.xaxis.range
        assert left == 0
        assert all(x <= right for trace in chart.figure.data for x in trace.x)
        assert -0.021 <= low < high <= 1.021


def test_the_limits_are_labelled_and_the_ink_is_that_of_the_page() -> None:
    for ink in INK.values():
        layout = drawn(FULL, ink=ink).figure.layout
        assert [a.text for a in layout.annotations] == ["95%", "99.8%"]
        assert {a.font.color for a in layout.annotations} == {ink}
        assert layout.xaxis.tickfont.color == layout.yaxis.tickfont.color == ink
        assert layout.xaxis.title.text == "Number of children"
        assert layout.yaxis.title.text == "Children who reoffended"


def test_sentence_and_description() -> None:
    chart = drawn(FULL)
    assert chart.sentence == own_message(FULL, OWN)
    assert chart.alt == (
        "Funnel plot of the share of children who reoffended: 23 services with 100 to 200 children, and the limits that "
        f"chance alone keeps to. {own_message(FULL, OWN)} {outside_message(FULL)}"
    )
    for own in (None, "Nowhere"):
        other = drawn(FULL, own)
        assert other.sentence == outside_message(FULL)
        assert other.alt.count(outside_message(FULL)) == 1
        assert "  " not in other.alt
    assert "one service with 151 children, and" in drawn(of(Place(OWN, 62, 151))).alt


def test_names_cannot_be_markup_in_the_picture() -> None:
    bad = "<b>R&D</b><script>"
    chart = drawn(of(Place(bad, 62, 151), Place("<i>Other", 40, 100)), bad)
    shown = json.dumps(json.loads(chart.figure.to_json())["data"])
    assert "<script" not in shown
    assert "<i>" not in shown
    assert "&lt;i&gt;Other" in shown
    (label,) = [t.text[0] for t in chart.figure.data if t.text]
    assert label == "<b>&lt;b&gt;R&amp;D&lt;/b&gt;&lt;script&gt;</b>"


# Bars


def showing_few(found: Funnel) -> Funnel:
    return replace(found, subject=replace(found.subject, few_are_shown=True))


def bars(found: Funnel, own: str | None = OWN) -> str:
    """Without the style."""
    whole = ranked_intervals(found, own)
    assert whole.count("</style>") == 1
    return whole.split("</style>")[1]


def text_of(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", " ", markup))


def test_rates_stand_in_order_and_those_with_too_few_after_them_by_name() -> None:
    found = of(Place(OWN, 62, 151), HIGH, LOW, Place("Zed", 1, 3), Place("Ash", 1, 3))
    names = re.findall(r"<th scope='row'>([^<]*)", bars(found))
    assert [name.strip() for name in names] == ["High", OWN, "Low", "Ash", "Zed"]


def test_the_words_of_a_row() -> None:
    found = of(Place(OWN, 62, 151), HIGH, LOW)
    markup = bars(found)
    assert (
        "<td><b>65%</b>, 130 of 200, between 58% and 72% by chance alone; above the 99.8% limits (worse); 1st of 3.</td>"
        in markup
    )
    assert (
        "<td><b>41%</b>, 62 of 151, between 33% and 50% by chance alone; inside the limits; 2nd of 3.</td>"
        in markup
    )
    assert not re.search(r"\d\.\d", text_of(markup).replace("99.8%", ""))


def test_some_rows_alone() -> None:
    rows = ranked_intervals(FULL, OWN, only={"High", "Few", "Nobody"})
    assert re.findall(r"<th scope='row'>(\w+)", rows) == ["High", "Few"]
    assert "1st of 23" in rows, "among all of them"


def test_the_own_service_is_marked_in_words() -> None:
    markup = bars(FULL)
    assert markup.count("class='own'") == 1
    assert "<tr class='own'><th scope='row'>Northmoor <span>(this service)</span></th>" in markup
    assert "(this service)" not in bars(FULL, own=None)
    assert "Few <span>(this service)</span>" in bars(FULL, own="Few")


def test_too_few_have_neither_rate_nor_rank_and_counts_only_where_wanted() -> None:
    (row,) = re.findall(r"<tr><th scope='row'>Few</th>.*?</tr>", bars(FULL))
    assert "Fewer than 30 children: too few for a rate." in row
    assert "class=" not in row.replace("class='bar'", "")
    assert not re.search(r"%|12|\b3 of", row), "neither count nor interval, which would give it away"
    (counted,) = re.findall(r"<tr><th scope='row'>Few</th>.*?</tr>", bars(showing_few(FULL)))
    assert "3 of 12. Too few for a rank: by chance anything between 8% and 54%." in counted
    assert "class='chance'" in counted
    assert "class='rate'" not in counted
    assert "<b>" not in counted
    assert "No children." in bars(showing_few(of(*ALIKE, Place("Nil", 0, 0))))


# What letters leave open


def scored(name: str, low: float, high: float, cases: int) -> Place:
    return Place(name, low * cases, cases, high * cases, when="inspected in May 2015")


SCORES = funnel(
    [
        scored(OWN, 0.43, 0.57, 14),
        scored("Alder", 0.5, 0.6, 47),
        scored("Birch", 0.7, 0.75, 40),
        scored("Cedar", 0.6, 0.6, 20),
    ],
    SUFFICIENT,
)


def test_samples_too_small_to_compare_are_hollow_and_ranges_are_lines() -> None:
    chart = drawn(SCORES)
    found = marks(chart)
    assert (found[OWN]["symbol"], found["Cedar"]["symbol"]) == ("star-open", "circle-open")
    assert found[OWN]["text"] == "Northmoor: 43% to 57% of 14 cases; too few to be compared"
    assert found["Alder"]["symbol"] == "circle"
    ranges = [(line.x[0], line.y) for line in lines(chart) if len(line.x) == 2 and line.x[0] == line.x[1]]
    assert (47, (0.5, 0.6)) in [(x, tuple(round(y, 9) for y in ys)) for x, ys in ranges]
    assert len(ranges) == 4
    limits = [line for line in lines(chart) if len(line.x) > 2]
    assert {line.x[0] for line in limits} == {14}, "so that one sees how wide chance is at 14"


def test_two_samples_of_14_are_drawn_and_none_is_compared() -> None:
    two = funnel([scored(OWN, 0.4, 0.5, 14), scored("Alder", 0.8, 0.9, 14)], SUFFICIENT)
    assert not two.is_comparison
    assert {mark["symbol"] for mark in marks(drawn(two)).values()} == {"star-open", "circle-open"}
    assert funnel_chart(funnel([scored(OWN, 0.4, 0.5, 14)], SUFFICIENT), INK_, OWN) is None


def test_the_words_of_a_range() -> None:
    rows = bars(SCORES)
    assert "<span>Inspected in May 2015</span>" in rows
    assert "<b>43% to 57%</b> of 14 cases. Too few for a rank: by chance anything between" in rows
    assert "<b>50% to 60%</b> of 47 cases, between" in rows
    assert rows.count("class='range'") == 3
    assert rows.count("class='rate'") == 1


def test_alone_a_service_has_no_standing_and_no_rank() -> None:
    alone = bars(of(Place(OWN, 62, 151), target=None))
    assert "<b>41%</b>, 62 of 151, between 33% and 50% by chance alone.</td>" in alone
    beside = bars(of(Place(OWN, 62, 151)))
    assert "by chance alone; inside the limits.</td>" in beside


def test_names_are_escaped() -> None:
    bad = "<b>R&D</b><script>alert('x')</script>"
    markup = bars(
        of(Place(bad, 62, 151), Place('"East"<i>', 1, 3), subject=Subject("<i>", "<i>", "<i>", True)), bad
    )
    assert "<script" not in markup
    assert "<i>" not in markup
    assert "&lt;b&gt;R&amp;D&lt;/b&gt;" in markup
    assert bad in text_of(markup)


def test_a_table_that_a_screen_reader_can_read() -> None:
    markup = bars(FULL)
    assert markup.count("<th scope='col'>") == 3
    assert markup.count("<th scope='row'>") == len(FULL.positions) + 1
    assert markup.count("aria-hidden='true'") == markup.count("class='scale'") == len(FULL.positions)
    assert "<caption>Children who reoffended, by service</caption>" in markup
    assert "0 to 100%; dashed: 38%" in markup
    assert "<tbody></tbody>" in bars(of())


@pytest.mark.parametrize("counts", [(0, 50), (50, 50), (17, 30)])
def test_bars_stay_on_the_scale(counts: tuple[int, int]) -> None:
    markup = bars(of(Place(OWN, *counts)))
    ((left, width),) = re.findall(r"class='chance' style='left:([\d.]+)%;width:([\d.]+)%'", markup)
    assert float(left) >= 0
    assert 0 < float(left) + float(width) <= 100.1
    (rate,) = re.findall(r"class='rate' style='left:(\d+)%'", markup)
    assert float(left) - 0.6 <= float(rate) <= float(left) + float(width) + 0.6
    assert "class='target' style='left:38.0%'" in markup


def test_nobody_is_called_best_or_worst() -> None:
    chart = drawn(FULL)
    for text in (chart.alt, chart.sentence, bars(FULL), *(str(m["text"]) for m in marks(chart).values())):
        assert not re.search(r"\b(best|worst)\b", text, re.IGNORECASE)
