"""The addresses of channels as they are now: of the settings, the file of channels and the files of rules."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from pathlib import Path

from monitor.alerts.channels import Listed, read_channels
from monitor.alerts.deliver import resolve
from monitor.alerts.rules import LARGEST_FILE, addresses, read_rule
from monitor.errors import DeliveryError, RuleError
from monitor.yamlfile import files, id_of, read_text

log = logging.getLogger(__name__)

LOOK = 5.0  # seconds between two looks at the folder of rules, for channels that are known

Stamp = tuple[int, int]


class AddressBook:
    """A file is read again when it changed; of one that is wrong by now, what it said before is kept."""

    def __init__(self, named: dict[str, str], file: Path, rules: Path, *, logs: bool = False) -> None:
        """`named`: in the settings, which come first; `file`: of channels; `rules`: folder of the files of rules;
        `logs`: what is wrong in the file of channels, once.
        """
        self._named, self._file, self._folder = named, file, rules
        self._rules: dict[Path, tuple[Stamp, Mapping[str, str]]] = {}
        self._of_rules: dict[str, str] = {}
        self._listed = Listed({})
        self._logs = logs
        self._looked_at = float("-inf")

    def address(self, name: str) -> str:
        """Raises DeliveryError. The files of rules, of which there may be thousands, are read for a name that is in no
        other place.
        """
        if name in self._named:
            return self._named[name]
        listed = self._read()
        if name in listed.addresses:
            return listed.addresses[name]
        if name not in self._of_rules or time.monotonic() - self._looked_at > LOOK:
            self._look()
        try:
            return resolve({**self._of_rules, **listed.addresses, **self._named}, name)
        except DeliveryError as error:  # what is wrong in the file may be this one's line
            told = "; ".join((error.message, *listed.wrong))
            raise DeliveryError(told, elsewhere=error.elsewhere, hint=error.hint) from error

    def all(self) -> dict[str, str]:
        """By name."""
        self._look()
        return {**self._of_rules, **self._read().addresses, **self._named}

    def wrong(self) -> tuple[str, ...]:
        """What is wrong in the file of channels, with its lines."""
        return self._read().wrong

    def _read(self) -> Listed:
        now, before = read_channels(self._file), self._listed
        if now.wrong:  # a line that said a channel before may be one of these
            now = Listed({**before.addresses, **now.addresses}, now.wrong)
        for line in now.wrong:
            if self._logs and line not in before.wrong:
                log.warning("a channel is left out reason=%s", line)
        self._listed = now
        return now

    def _look(self) -> None:
        errors: list[RuleError] = []
        found: dict[Path, tuple[Stamp, Mapping[str, str]]] = {}
        for path in files(self._folder, errors, error=RuleError, what="rules"):
            known = self._rules.get(path)
            try:
                stat = path.stat()
                stamp = stat.st_mtime_ns, stat.st_size
                if known is not None and known[0] == stamp:
                    found[path] = known
                    continue
                rule_id = id_of(path, error=RuleError, what="rule")
                text = read_text(path, largest=LARGEST_FILE, error=RuleError, what="alert rule")
                found[path] = stamp, addresses({rule_id: read_rule(text, rule_id, path)})
            except (RuleError, OSError):
                if known is not None:
                    found[path] = known
        self._rules = found
        self._of_rules = {name: address for _, named in found.values() for name, address in named.items()}
        self._looked_at = time.monotonic()
