"""What is told of the archive as a whole: usage of an agency, withdrawn dispatches, spread of a story, evidence."""

from monitor.reports.spread import Copy, Spread, spread
from monitor.reports.usage import Example, SiteUsage, Usage, usage
from monitor.reports.withdrawn import Running, Withdrawn, withdrawn

__all__ = ["Copy", "Example", "Running", "SiteUsage", "Spread", "Usage", "Withdrawn", "spread", "usage", "withdrawn"]
