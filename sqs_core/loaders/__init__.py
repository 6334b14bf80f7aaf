"""Tables that people load: an extract of reviews, or the judgements of a local audit.

`read_table` makes a table of the bytes of a CSV, Excel or OpenDocument file and refuses what must never be loaded;
`proposals` says which heading is taken for which column; `check` turns rows into reviews or judgements, or lists
everything that is wrong with them.
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
    "problems_csv",
    "proposals",
    "read_reoffending",
    "read_table",
    "reoffending_template",
    "samples_of",
    "template",
]
