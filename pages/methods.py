"""How the dashboard comes to its numbers: wordings, score, bands, sources, and what is unverified."""

import streamlit as st

from pages._parts import link, view
from sqs_core.charts.table import table_html
from sqs_core.disclosure import largest_hidden
from sqs_core.frameworks import framework
from sqs_core.letters.quantities import wordings
from sqs_core.measures.progress import due_soon_days
from sqs_core.measures.timeliness import TOO_FEW_FOR_A_RATE
from sqs_core.measures.timing import timing_rules
from sqs_core.measures.words import day, listed

STATUS = {"V": "a public source", "U": "widely understood, source not seen", "D": "our own"}

view()  # the methods are no secret, but no page opens without the frame
frame = framework()

st.title("Methods")
st.markdown("**Every number here is a reading of words. This page says which words, and how they are read.**")

st.header("What a share is", anchor="what-a-share-is")
st.markdown(
    """
A letter rarely counts. It says "all but one", "just over half", "in too many cases". We keep all of
that:

- **Counted**: "9 of the 12", or a local audit. The share is exact.
- **Worded**: "just over half of the cases". The share is everything that the wording allows, narrowed
  to whole cases where the number of cases is known.
- **In words alone**: "in too many cases". A strength or a weakness, never a number.

The share is always of the cases judged **sufficient**: "in just over half the plans did not" becomes
just under half.

A sample says only so much about all the children a service works with. Where the number of cases is
known, the 95% interval for the whole caseload stands beside the finding (Wilson's score interval,
1927). It supposes that the cases were drawn at random; the inspectorate chose recent cases, so it is a
rough guide.
"""
)

st.header("Wordings and what they allow", anchor="wordings")
st.write(
    "“All” is 100%. “Most” is more than half and not all. “Two-thirds” is 61% to 72%, because writers round; "
    "“just over half”, 50% to 60%; “too many”, no number at all. X is a fraction, a percentage or a count that the "
    "letter names."
)
wordings_table = st.expander(f"All {len(wordings())} kinds of wording, with an example of each")
wordings_table.html(
    table_html(
        {
            "Words": [", ".join(w.words) for w in wordings()],
            "Share of the relevant cases": [w.rule for w in wordings()],
            "Example": [w.example for w in wordings()],
            "Where from": [STATUS[w.status] for w in wordings()],
        },
        "Wordings, the shares they allow, an example and where the reading comes from",
    )
)
st.caption(
    "Bare fractions are widened because writers round: the inspectorate called 23 of 33 (70%) two-thirds."
)

st.header("Section scores", anchor="section-scores")
st.markdown(
    f"""
{frame.unscored}

1. The findings of a section that carry a number are grouped by practice.
2. A practice's range goes from the mean of its findings' lowest shares to the mean of their highest.
3. The section's score goes from the mean of its practices' lowest to the mean of their highest.
4. Practices judged in words alone are not in the score. They are named beside it, and the **widest
   reading** counts each of them as anything from none to all.

Every practice weighs the same, however many findings or cases stand behind it. Findings about other
work are shown and not scored. A section's range is what the words leave open; it is not a margin of
chance.
"""
)

st.header("Indicative bands", anchor="bands")
st.write(frame.bands_note)
tops = [*(band.low for band in frame.bands[1:]), 1.0]
st.html(
    table_html(
        {
            "Band": [f"{band.symbol} {band.title}" for band in frame.bands],
            "Share of cases sufficient": [
                f"{band.low:.0%} up to {top:.0%}" for band, top in zip(frame.bands, tops, strict=True)
            ],
        },
        "Indicative bands, ours",
    )
)

st.header("Reoffending", anchor="reoffending")
st.markdown(
    f"""
A cohort is everyone cautioned, convicted or released in some months; a proven reoffence is committed within 12 months
and proven within a further six (Ministry of Justice, Guide to Proven Reoffending Statistics, 2017). The overview shows
the letter's own published figures; a clash between the numbers and the letter's word is a warning when it is loaded.

- **The interval** is what chance alone leaves open of the rate (Wilson, 95%). Where the number of children is not
  known, as in the letters, nobody can tell, and no comparison has a verdict. Under {TOO_FEW_FOR_A_RATE} children no
  rate is given, under 100 no decimals.
- **Series** are never joined across methods, age groups, kinds of source or boundaries. Rolling cohorts share children
  with the one before, so each is compared with the last one that shares none. When a service's boundaries changed is
  taken from our register of services, whose days are mostly unverified; a cohort belongs to those of its last month.
- **The trend** is one test over all cohorts of a series that share no month (Cochran–Armitage, 5%), beside the
  comparisons of each cohort.
- **Better or worse** is called only where the difference is more than chance explains, with allowance for the
  comparisons made at once (Newcombe's interval; Holm's procedure): 5% for what is said of the latest figure, beside the
  cohort before and England and Wales; the same again for what else is put beside it, and for all earlier cohorts.
- **The number who reoffended** is worked out where a table gives the rate and the children only. The rate of England and
  Wales is taken as exact where no number stands beside it: it is of tens of thousands of children.
- **A figure published again** keeps both; the latest is in force. An inspection letter quotes figures and publishes
  none: where a table has the same cohort, the table's figure is shown, and a letter that says otherwise is named.
- **Several services together** are their children added up, never a mean of rates, and without the service itself;
  only where at least three-quarters of them have counts, as some of a region are not the region.
"""
)

st.header("Comparing services", anchor="comparing-services")
st.markdown(
    f"""
- **The funnel** (D. J. Spiegelhalter, 2005): exact limits for so many children, cases or reviews. Between them a service
  differs from the others by no more than chance, and nobody there is called best or worst. Where far more lie outside
  than chance would put there, services differ in what the figures do not know; then the limits are widened to how much
  services usually differ, and to be between them says no more than that.
- **Ranks** are given as a range, because chance moves services up and down (H. Goldstein and D. J. Spiegelhalter, 1996).
- **Under {TOO_FEW_FOR_A_RATE}** there is no rate and no rank. A sample of 14 cases may lie 23 points off by chance
  alone: the highest and the lowest of ten such services that are exactly alike lie about 40 points apart.
- **Reoffending** is compared with England and Wales, for the same months and children, counted in the same way.
- **Section scores** come from the latest inspection of each service. What the letter's words leave open is drawn as a
  line, and counts as outside the limits only as a whole; the share of all takes the middle of each.
- **Reviews on time** are of the same twelve months, of the services whose extract reaches so far, by the due dates that
  the extracts give. Reviews of one child are late together, so limits and intervals are as wide as that makes them
  (the design effect of a sample of clusters; W. G. Cochran, 1977).
"""
)

st.header("Areas, actions and whether they worked", anchor="areas")
st.markdown(
    f"""
- **The findings behind an area** are proposed where the area's words and a weakness are about the same practice, until an
  analyst confirms or changes them. Areas of two inspections recur where their words are the same; where only most of
  them are, the page says that they may be.
- **The status of an action** is read from its dates alone: due soon within {due_soon_days()} days, overdue from the day
  after the planned date. The first planned date is kept when the date moves.
- **Worked** is not delivered. The measures that speak to an area's practices are compared before and after the
  inspection, reviews on time with the twelve months before, local audits with the letter, with allowance for the
  measures looked at together (Holm). An area was chosen because it looked weak, partly by chance, so some improvement
  may come by itself; and local audits are judged by the service's own people.
- **Questions for the board** come from rules in a table. They are asked only where the data says so.
"""
)

st.header("Reviews on time", anchor="reviews-on-time")
st.write(
    "A review is judged by what the case system's extract knew on its own day, and counts in the period in which it "
    "fell due: reviews that were never done do not vanish. The on-time rate is on time ÷ (on time + late + overdue)."
)
st.html(
    table_html(
        {
            "A review is": [
                "on time",
                "late",
                "overdue",
                "not yet due",
                "not required",
                "without a due date",
            ],
            "When": [
                "completed on its due date or before, also where that date lies after the extract",
                "completed after its due date",
                "not completed, and due before the day of the extract",
                "not completed, and due on the day of the extract or later",
                "the order ended before the due date, whether the review was done or not",
                "neither the extract nor a rule gives one: it is in no figure, and the page says how many there are",
            ],
        },
        "What each state of a review means",
    )
)
st.markdown(
    f"""
- **A newer extract** takes the place of an older one of the same service and plan type, for the time between the
  first and the last day that the newer one speaks of. What lies outside stays as the older one had it.
- **The interval** beside a rate is what chance alone leaves open of it (Wilson, 95%), rounded outwards. Under
  {TOO_FEW_FOR_A_RATE} reviews there is no rate.
- **Before and after the inspection**: the 12 months before the fieldwork against the period shown, by Newcombe's
  interval of the difference. Reviews late in bunches say less than so many separate ones: the months tell by how
  much, and the interval is widened for it. It finds a change where there is none about 5 times in 100.
- **Month by month**: the limits hold what chance makes of a month with as many reviews. They are made from the
  months before the inspection where there are six or more, else from all, and are trial limits below twelve. The
  signals are those that hospital boards know: outside limits, seven on one side, trend of seven, two of three.
- **Outside the service's control** is what the extract says. The rate without such reviews stands second: the first
  figure leaves none out.
- **How late**: the number of days that half, and nine in ten, of those done late do not exceed; a mean would be moved
  by one case. When reviews are done is estimated with the open ones followed to the day of the extract (Kaplan and
  Meier, 1958), so that they are neither left out nor taken as done.
"""
)
st.subheader("Due dates that the extract does not give", anchor="due-dates")
st.write(
    "They come from the rules below: the rule in force on the day that the limit is counted from, a service's own "
    "before the general one. Working days leave out weekends and the bank holidays of England and Wales; calendar "
    "months end on the month's last day where it has no such day. What recurs can be counted from the last review, "
    "where one late review pushes all later dates, or on the fixed schedule from the start of the order: the page says "
    "which. Since 2019 a limit is local policy: put yours into the file data/timing\\_rules.toml."
)
rules = timing_rules()
st.html(
    table_html(
        {
            "Of": [listed([p.replace("_", " ") for p in rule.plan_types]) for rule in rules],
            "Order": [rule.order_type.replace("_", " ") for rule in rules],
            "Within": [f"{rule.limit_in_words} from {rule.anchor_in_words}" for rule in rules],
            "In force": [
                f"{day(rule.valid_from)} to {day(rule.valid_to) if rule.valid_to else 'now'}"
                for rule in rules
            ],
            "For": [rule.service or "every service" for rule in rules],
            "Source": [f"{rule.source} ({STATUS[rule.status]})" for rule in rules],
        },
        "Rules for due dates, with their dates and sources",
    )
)

st.header("Local audits", anchor="local-audits")
st.markdown(
    f"""
A local audit counts cases, so its shares are exact. {frame.criteria_note}

The latest audit after a letter stands beside it, section by section:

1. Only practices that both count, and of which the letter says how many cases, are compared. Otherwise the
   score could move because other work was looked at. Where there are none, there is no verdict.
2. The difference has a 95% interval (Newcombe's, 1998, from Wilson's). It takes in the range that the
   letter's words leave open, and chance on both sides.
3. A change is called clearly higher or lower only where the whole interval lies on one side of no change.
   Of a hundred sections in which nothing has changed, at most about five would still be called changed.
4. Where practices were judged on different numbers of cases, the section counts as one share of a number
   between the fewest and the most: 10, 10 and 4 cases count as 7.

The interval does not know who judged. Inspectors and the service's own auditors may judge the same case
differently, and the cases were perhaps not drawn at random.
"""
)
st.html(
    table_html(
        {
            "Section": [frame.section(c.section).title for c in frame.criteria],
            "Practice": [frame.practice(c.practice).title for c in frame.criteria],
            "Criterion": [c.text for c in frame.criteria],
        },
        "Criteria for local audits, reconstructed",
    )
)

st.header("Small numbers in shared views", anchor="shared-views")
st.markdown(
    f"""
A shared view is for people without an account. Nothing in it may say something of a single child:

- **Counts of 1 to {largest_hidden()}** of children or of their reviews are hidden, and so is all else of their group. A
  count of none is shown. A group in which every child reoffended is hidden as well, as it would be known of each.
- **Others are hidden with them** where a total would give them away, and shown added up. So whatever a reader could work
  out is shown, and what is not shown cannot be worked out. Hidden groups look alike, small or not.
- **Reviews** are counted by whole calendar quarters. A quarter that may not be shown joins the next, and a period once
  shown never changes, so two views of different days give nothing away by their difference. There is nothing to filter.
- **Cohorts** that share months with one that is shown are left out; so are figures that were published before.
- **Rates** stand beside the counts that they are made of, none under {TOO_FEW_FOR_A_RATE}; decimals from 100 on.
- **Before and after the inspection** are compared by the periods shown alone, so a verdict may differ from the board's.
- **The inspectorate's letter** is public and nothing of it is hidden. Local audits, notes and evidence are left out.
"""
)

st.header("What is unverified", anchor="unverified")
st.markdown(
    """
- The criteria above, the bands, and every wording that is widely understood or our own.
- Several rules for due dates, as the table says, and the grouping of orders that they are for.
- How case systems name their columns: no export of a vendor was seen.
- The opening and closing dates of some services that have merged or gone.
- The reading itself. Of made-up letters that the reader had never seen, written close to the manner of
  the real ones, it found nine in ten of the findings with a number, and nine in ten of what it read were
  right; of letters written to be hard, two in three. So an analyst compares a letter with what was read
  before boards see it. Of the one real letter at hand it reads every finding with a number.
- Readings marked doubtful: look at the sentence before you use the number.
"""
)

st.header("Sources", anchor="sources")
st.write(f"{frame.name}, {frame.inspectorate}, {frame.valid_from:%Y} to {frame.valid_to:%Y}. {frame.source}.")
link("accessibility", "Accessibility statement")
