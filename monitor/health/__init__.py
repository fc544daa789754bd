"""Whether the monitor itself is well: what is wrong, and who is told of it when."""

from monitor.health.history import History
from monitor.health.incidents import Incident, Told, followed
from monitor.health.judging import Judged, Limits, Problem, Seen, of_machine, of_store
from monitor.health.taking_in import taken_in
from monitor.health.texts import notice

__all__ = [
    "History",
    "Incident",
    "Judged",
    "Limits",
    "Problem",
    "Seen",
    "Told",
    "followed",
    "notice",
    "of_machine",
    "of_store",
    "taken_in",
]
