"""Whether the monitor itself is well: what is wrong, and who is told of it when."""

from monitor.health.history import History, taken_in
from monitor.health.incidents import Incident, Told, followed
from monitor.health.judging import Limits, Problem, Seen, problems
from monitor.health.texts import notice

__all__ = [
    "History",
    "Incident",
    "Limits",
    "Problem",
    "Seen",
    "Told",
    "followed",
    "notice",
    "problems",
    "taken_in",
]
