"""Alerts: rules, and what they have to tell whom. Usable without a store."""

from monitor.alerts.cadence import Cadence, read_cadence
from monitor.alerts.channels import channel_name, is_address, keep_channel, read_channels
from monitor.alerts.messages import (
    Copy,
    Entry,
    Message,
    Notice,
    Piece,
    Section,
    Style,
    alert_message,
    clean,
    notice_message,
)
from monitor.alerts.ringing import (
    FEED,
    Match,
    alerts,
    article_subject,
    by_id,
    earlier_keys,
    rings,
    story_names,
    story_subject,
)
from monitor.alerts.rules import RuleFile, addresses, is_rule_id, load_rule, load_rules, question, read_rule

__all__ = [
    "FEED",
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
    "article_subject",
    "by_id",
    "channel_name",
    "clean",
    "earlier_keys",
    "is_address",
    "is_rule_id",
    "keep_channel",
    "load_rule",
    "load_rules",
    "notice_message",
    "question",
    "read_cadence",
    "read_channels",
    "read_rule",
    "rings",
    "story_names",
    "story_subject",
]
