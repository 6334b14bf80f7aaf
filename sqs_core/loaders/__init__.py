"""Tables that people load: an extract of reviews, the judgements of a local audit, an action plan.

`read_table` makes a table of the bytes of a CSV, Excel or OpenDocument file and refuses what must never be loaded;
`proposals` says which heading is taken for which column; `check` turns rows into reviews or judgements, or lists
everything that is wrong with them. `read_plan` reads an action plan, and `plan_xlsx` writes one.
"""

from sqs_core.loaders.columns import (
    Column,
    Kind,
    Proposal,
    columns,
    fold,
    proposals,
    samples_of,
    template,
)
from sqs_core.loaders.plans import PlanRead, plan_xlsx, read_plan
from sqs_core.loaders.reoffending import Question, Reoffending, read_reoffending, reoffending_template
from sqs_core.loaders.rows import (
    DAY_FIRST_SAID,
    NO_HEADING,
    Checked,
    Problem,
    Reviews,
    TableWarning,
    check,
    problems_csv,
)
from sqs_core.loaders.tables import ManySheetsError, Table, read_table

__all__ = [
    "DAY_FIRST_SAID",
    "NO_HEADING",
    "Checked",
    "Column",
    "Kind",
    "ManySheetsError",
    "PlanRead",
    "Problem",
    "Proposal",
    "Question",
    "Reoffending",
    "Reviews",
    "Table",
    "TableWarning",
    "check",
    "columns",
    "fold",
    "plan_xlsx",
    "problems_csv",
    "proposals",
    "read_plan",
    "read_reoffending",
    "read_table",
    "reoffending_template",
    "samples_of",
    "template",
]
