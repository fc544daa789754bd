"""From the inbox to the archive: match, trace, write."""

from monitor.filing.batch import prepare
from monitor.filing.desk import Desk
from monitor.filing.filer import LEASE, Filer, Tally, file_batch

__all__ = ["LEASE", "Desk", "Filer", "Tally", "file_batch", "prepare"]
