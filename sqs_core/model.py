"""The nouns, as frozen dataclasses. Their words are those of the methods page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from math import ceil, floor
from typing import Literal

Basis = Literal["counted", "worded", "qualitative"]
Direction = Literal["strength", "weakness", "neutral"]
Compared = Literal["better", "worse", "same"]
BlockKind = Literal["heading", "paragraph", "strength", "area"]
PlanType = Literal["assessment", "intervention_plan", "risk_management_plan", "vulnerability_management_plan"]
Trigger = Literal["scheduled", "significant_change"]
ActionState = Literal["open", "done", "stopped"]
SourceKind = Literal["letter", "facts", "cases", "reviews", "reoffending"]


@dataclass(frozen=True, slots=True)
class Share:
    """Share of the relevant cases judged sufficient: everything from `low` to `high`, both 0 to 1."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high <= 1:
            raise ValueError(f"a share lies between 0 and 1, lowest first: {self.low} to {self.high}")

    def __str__(self) -> str:
        """In whole per cent, "43% to 57%", rounded outwards so that a range never looks surer than it is."""
        if abs(self.high - self.low) < 1e-9:
            return f"{self.low:.0%}"
        return f"{floor(self.low * 100 + 1e-9)}% to {ceil(self.high * 100 - 1e-9)}%"


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph or list item of a letter, in reading order.

    Blocks run from the title to the last area requiring improvement. What stands before and after (addressee,
    thanks, contact, copy list, notes) holds the names of people and is never kept.
    """

    kind: BlockKind
    section: str | None  # None: title, context and summary
    label: str | None  # the printed number, "1.4"; None where the letter prints none
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One judgement of the inspectors: about which practice, how many of the relevant cases, how sure."""

    section: str
    paragraph: str | None
    practice: str
    basis: Basis
    quote: str  # the letter's own words, or our paraphrase where `paraphrased` says so
    share: Share | None  # None exactly when basis is qualitative
    relevant_cases: int | None  # how many cases the share is of; None: the letter does not say
    direction: Direction
    wording: str | None = None  # the words of quantity: "just over half of the cases"
    doubt: str | None = None  # why an analyst should look at this reading
    block: int | None = None  # index into Inspection.blocks, and where in its text the quote stands
    start: int | None = None
    end: int | None = None
    paraphrased: bool = False

    def __post_init__(self) -> None:
        if (self.share is None) != (self.basis == "qualitative"):
            raise ValueError(f"only a qualitative finding has no share: {self.quote!r}")


@dataclass(frozen=True, slots=True)
class Letter:
    """The header of a letter. None: the letter does not say, or it could not be read."""

    title: str | None
    place: str | None  # "Knowsley"
    service_name: str | None  # "Knowsley Youth Offending Service"
    service_kind: str | None  # "YOS", "YOT", "YJS"
    published_on: date | None
    fieldwork_start: date | None
    fieldwork_end: date | None
    case_count: int | None


@dataclass(frozen=True, slots=True)
class ReoffendingHeadline:
    """What the letter's summary says about reoffending. Rates in per cent; months as "2012-10"."""

    rate: float | None = None
    previous_rate: float | None = None
    england_wales_rate: float | None = None
    compared_with_previous: Compared | None = None
    compared_with_england_wales: Compared | None = None
    cohort_start: str | None = None
    cohort_end: str | None = None
    rate_published: str | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """One letter, read."""

    letter: Letter
    reoffending: ReoffendingHeadline
    findings: tuple[Finding, ...]
    key_strengths: tuple[str, ...]
    areas_requiring_improvement: tuple[str, ...]
    blocks: tuple[Block, ...]
    warnings: tuple[str, ...]
    framework: str = "sqs"


@dataclass(frozen=True, slots=True)
class Service:
    """A Youth Offending Service (YOS), Team (YOT) or Youth Justice Service (YJS), and its years."""

    name: str  # the place as boards say it: "Knowsley"
    country: str
    region: str
    police_area: str
    aliases: tuple[str, ...] = ()
    opened_on: date | None = None  # None: before 2012
    closed_on: date | None = None  # None: still there
    successors: tuple[str, ...] = ()
    illustrative: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """The file that rows came from."""

    id: int
    file_name: str
    sha256: str
    kind: SourceKind
    loaded_by: str
    loaded_at: datetime
    rows: int
    illustrative: bool
    accepted: tuple[str, ...] = ()  # the warnings that whoever loaded it accepted


@dataclass(frozen=True, slots=True)
class Correction:
    """One change an analyst made to a finding as it was read. `field` is practice, share, direction or doubt."""

    field: str
    before: str
    after: str
    corrected_by: str
    corrected_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StoredFinding:
    """A finding as the board sees it, and what was corrected on the way."""

    number: int  # 1, 2, … in the order of the letter
    finding: Finding
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredInspection:
    """An inspection in the store. Corrections are applied; `findings` and `inspection.findings` agree."""

    id: int
    service: Service
    inspection: Inspection
    findings: tuple[StoredFinding, ...]
    source: Source
    published_by: str | None  # None: a draft that no board sees
    published_at: datetime | None
    identity: str = ""  # which inspection of the service, whatever file tells of it


@dataclass(frozen=True, slots=True)
class AuditCount:
    """How the cases of one local audit were judged on one criterion."""

    audit: str
    audited_on: date
    criterion: str
    sufficient: int
    insufficient: int
    illustrative: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """The judgement of one case on one criterion in a local audit."""

    audit: str  # "Local audit, spring 2018"
    audited_on: date
    case_ref: str  # the service's own number of the case, never a name
    criterion: str  # a criterion id of the framework
    judgement: Literal["sufficient", "insufficient", "not_applicable"]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceJudgement:
    """A judgement and the service whose case it is: a table may hold those of several."""

    service: str
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Review:
    """One review that was due or done, as a case system's extract has it. A date that the extract leaves open is
    None; so is what it does not say."""

    service: str
    case_ref: str  # the service's own number of the case, never a name
    plan_type: PlanType
    trigger: Trigger
    extracted_on: date  # the day that the extract speaks of
    order_type: str | None = None
    due_on: date | None = None  # None: to be worked out by a timing rule
    completed_on: date | None = None
    order_ended_on: date | None = None
    late_reason: str | None = None
    outside_control: bool | None = None  # whether the lateness was outside the service's control
    team: str | None = None
    order_started_on: date | None = None  # this and the next: what a timing rule counts from
    significant_change_on: date | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """One version of an action of a plan: what was promised about an area requiring improvement, by whom, by when."""

    service: str
    inspection: str | None  # which inspection of the service, by the store's identity; None: of none
    area: str  # the text of the area requiring improvement
    reference: str  # "1", "1a"
    action: str
    lead: str = ""  # a role or an agency, never a name
    planned_on: date | None = None
    first_planned_on: date | None = None  # the first date that was ever planned; kept when it moves
    state: ActionState = "open"
    done_on: date | None = None
    measure: str | None = None  # an id of data/area_measures.toml
    baseline: str = ""
    target: str = ""
    evidence: str = ""
    note: str = ""  # what was said with this version: progress, a comment, why it was re-planned
    id: str = ""  # never changes; "": not stored yet
    version: int = 0  # 1, 2, …; 0: not stored yet
    changed_by: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AreaLink:
    """What an analyst said about whether a finding lies behind an area."""

    finding: int | None  # its number; None: the links of the area were looked at as a whole
    linked: bool
    said_by: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class OnTimeCount:
    """How many of a service's reviews that fell due in a period were done on time, and of which days it has records."""

    service: str
    on_time: int
    due: int  # on time, late or overdue
    children: int  # whose reviews these are
    squares: (
        float  # over the children: (on time − rate × due)²; large where a child's reviews are late together
    )
    first_due_on: date | None  # of all its reviews; None: none has a due date
    extracted_on: date  # the latest extract


@dataclass(frozen=True, slots=True)
class Cohort:
    """One reoffending figure as it was published or tracked: which children, when, and what became of them."""

    area: str  # a service, a region, a police area, "England and Wales"
    start: date  # the first day of its first month
    end: date  # the last day of its last month
    offenders: int | None = None  # children cautioned, convicted or released; None: not said
    reoffenders: int | None = None
    reoffences: int | None = None
    rate: float | None = None  # per cent who reoffended, as published; None: not said, or suppressed
    published_on: date | None = None
    source: str | None = None  # which publication
    source_kind: Literal["published", "local"] = "published"  # local: the service's own tracker
    age_group: str | None = None  # "10 to 14"; None: all children, 10 to 17
    marker: str | None = None  # what stands in the place of a number that is kept back: "*", "[c]"


Role = Literal["board member", "chair", "analyst", "administrator"]


@dataclass(frozen=True, slots=True)
class GivenRole:
    """One role of a person. An administrator's is of every service, and names none."""

    email: str  # in small letters, as the sign-in provider vouches for it
    role: Role
    service: str
    given_by: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class ShareLink:
    """A link to chosen pages of one service, for people without an account. Its id alone opens nothing."""

    id: str
    service: str
    pages: tuple[str, ...]
    made_for: str  # for whom, in the maker's words
    made_by: str
    made_at: datetime
    expires_at: datetime
    revoked_by: str | None = None
    revoked_at: datetime | None = None
