"""The dashboards: what is on them, in which order, and what it is called."""

from monitor.kibana.content.agencies import AGENCY_DASHBOARD
from monitor.kibana.content.alerts import ALERT_DASHBOARD
from monitor.kibana.content.overview import OVERVIEW
from monitor.kibana.content.sites import SITE_DASHBOARD
from monitor.kibana.content.stories import STORY_DASHBOARD

DASHBOARDS = (OVERVIEW, STORY_DASHBOARD, AGENCY_DASHBOARD, SITE_DASHBOARD, ALERT_DASHBOARD)

__all__ = ["DASHBOARDS"]
