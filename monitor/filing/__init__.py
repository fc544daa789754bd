"""From the inbox to the archive: match, trace, write."""

from monitor.filing.alone import document_alone
from monitor.filing.arrivals import first_document
from monitor.filing.aside import Aside, Letter
from monitor.filing.batch import prepare
from monitor.filing.decided import APPLIED_NOTE, carry_over, decisions_wait
from monitor.filing.desk import Desk, Rules
from monitor.filing.filer import Filer, Tally, file_batch, file_decisions, retry_aside
from monitor.filing.holding import Holder
from monitor.filing.reanalysis import Progress, reanalyse, unfinished
from monitor.filing.rule_folder import RuleFolder, Teller, asked_question
from monitor.filing.waiting import Wait, WaitNote
from monitor.filing.writing import write

__all__ = [
    "APPLIED_NOTE",
    "Aside",
    "Desk",
    "Filer",
    "Holder",
    "Letter",
    "Progress",
    "RuleFolder",
    "Rules",
    "Tally",
    "Teller",
    "Wait",
    "WaitNote",
    "asked_question",
    "carry_over",
    "decisions_wait",
    "document_alone",
    "file_batch",
    "file_decisions",
    "first_document",
    "prepare",
    "reanalyse",
    "retry_aside",
    "unfinished",
    "write",
]
