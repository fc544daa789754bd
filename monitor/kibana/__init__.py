"""Kibana's content: built here, installed over its API.

content.py   the dashboards, as records of panels.py, over the fields of views.py, with filters of filters.py
objects.py   those records -> saved objects, NDJSON (lens.py: charts)
asking.py    the search that a panel comes to
client.py    Kibana's HTTP API; installing.py: import, what became of each object, read back
"""

from monitor.kibana.asking import panel_request
from monitor.kibana.client import Kibana
from monitor.kibana.content import DASHBOARDS
from monitor.kibana.installing import Installed, Wrong, install, read_back
from monitor.kibana.objects import Options, SavedObject, build, ndjson
from monitor.kibana.texts import LANGUAGES, Language
from monitor.kibana.transport import Access

__all__ = [
    "DASHBOARDS",
    "LANGUAGES",
    "Access",
    "Installed",
    "Kibana",
    "Language",
    "Options",
    "SavedObject",
    "Wrong",
    "build",
    "install",
    "ndjson",
    "panel_request",
    "read_back",
]
