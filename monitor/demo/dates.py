"""Dates as the world's three languages write them."""

from __future__ import annotations

from datetime import datetime, tzinfo

_WEEKDAYS = {
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "tr": "Pazartesi Salı Çarşamba Perşembe Cuma Cumartesi Pazar",
}
_MONTHS = {
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "en": "January February March April May June July August September October November December",
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
}


def weekday(moment: datetime, zone: tzinfo, language: str) -> str:
    """Its name as it stands beside a date: "Mittwoch", "Çarşamba"."""
    return _WEEKDAYS[language].split()[moment.astimezone(zone).weekday()]


def day(moment: datetime, zone: tzinfo, language: str) -> str:
    """ "22. November 2025", "22 Kasım 2025"."""
    local = moment.astimezone(zone)
    return f"{local.day}{'.' if language == 'de' else ''} {_MONTHS[language].split()[local.month - 1]} {local.year}"


def placeholders(moment: datetime, zone: tzinfo, language: str) -> dict[str, str]:
    """What the texts leave open until the world starts."""
    name = weekday(moment, zone, language)
    # A Turkish weekday is lower-case where no date stands beside it.
    running = name.lower() if language == "tr" else name
    local = moment.astimezone(zone)
    return {
        "weekday": running,
        "Weekday": name,
        "date": day(moment, zone, language),
        "compact": local.strftime("%y%m%d"),
        "year": local.strftime("%Y"),
        "month": local.strftime("%m"),
        "day": local.strftime("%d"),
    }


def fill(text: str, values: dict[str, str]) -> str:
    """The text with {name} replaced."""
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text
