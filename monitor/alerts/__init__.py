"""Alerts: rules, and what they have to tell whom. Usable without a store."""

from monitor.alerts.cadence import Cadence, read_cadence
from monitor.alerts.channels import FEED, channel_name, is_address, keep_channel, read_channels
from monitor.alerts.cleaning import clean
from monitor.alerts.messages import (
    Copy,
    Entry,
    Message,
    Notice,
    Piece,
    Section,
    Style,
    alert_message,
    notice_message,
)
from monitor.alerts.ringing import (
    Match,
    alerts,
    earlier_keys,
    rings,
    story_names,
)
from monitor.alerts.rules import HEALTH, TAKEN, RuleFile, addresses, load_rules, question, read_rule

__all__ = [
    "FEED",
    "HEALTH",
    "TAKEN",
    "Cadence",
    "Copy",
    "Entry",
    "Match",
    "Message",
    "Notice",
    "Piece",
    "RuleFile",
    "Section",
    "Style",
    "addresses",
    "alert_message",
    "alerts",
    "channel_name",
    "clean",
    "earlier_keys",
    "is_address",
    "keep_channel",
    "load_rules",
    "notice_message",
    "question",
    "read_cadence",
    "read_channels",
    "read_rule",
    "rings",
    "story_names",
]
