"""Agencies and picture banks as picture credits print them: data, for credits that no label and no sign introduces."""

from __future__ import annotations

import re

# Words of a language are among them ("tt", "pa", "rex"): compared as they stand.
_AS_PRINTED = (
    "AP", "AFP", "APA", "dpa", "DPA", "EPA", "epa", "EFE", "ANSA", "ANP", "NTB", "TT", "PAP", "ČTK", "CTK",
    "MTI", "AAP", "PA", "AA", "DHA", "İHA", "IHA", "ANKA", "ATS", "SDA", "CP", "PTI", "ANI", "TASS", "SPUTNIK",
    "Sputnik", "REX", "ZUMA", "UPI", "STA", "HINA", "Hina", "BTA", "LUSA", "Lusa", "CTV", "WAM", "SPA", "MENA",
    "KNA", "epd", "РИА Новости", "ТАСС", "Укринформ", "УНІАН", "연합뉴스", "뉴시스", "뉴스1", "共同", "時事",
    "新华社", "新華社", "中新社", "中央社", "视觉中国",
)  # fmt: skip
# Longer names: compared without regard to case.
_NAMES = (
    "Reuters", "Associated Press", "The Associated Press", "Agence France-Presse", "Deutsche Presse-Agentur",
    "dpa-Zentralbild", "dpa-infografik", "dpa-infocom", "dpa picture-alliance", "AFP-Jiji", "Anadolu Ajansı",
    "Anadolu", "Anadolu Agency", "Anadolu Images", "Demirören Haber Ajansı", "İhlas Haber Ajansı",
    "Europa Press", "Press Association", "PA Wire", "PA Media", "Press Trust of India", "Canadian Press",
    "The Canadian Press", "Bloomberg", "Xinhua", "Kyodo", "Kyodo News", "Jiji Press", "Yonhap", "Yonhap News",
    "Belga", "Keystone", "Keystone-SDA", "Ritzau", "Ritzau Scanpix", "Scanpix", "Lehtikuva", "TT Nyhetsbyrån",
    "Ukrinform", "Interfax", "RIA Novosti", "Tanjug", "Fena", "Agerpres", "AFP Photo", "AP Photo", "LaPresse",
    "Sipa", "Sipa USA", "Sipa Press", "Abaca", "Abacapress", "NurPhoto", "Agencia EFE",
)  # fmt: skip
# They sell pictures and no text: a line that names them speaks of a picture.
_PICTURE_BANKS = (
    "picture alliance", "picture-alliance", "Getty", "Getty Images", "Imago", "Imago Images", "Shutterstock",
    "iStock", "iStockphoto", "Alamy", "Alamy Stock Photo", "Unsplash", "Pixabay", "Pexels", "Adobe Stock",
    "AdobeStock", "Depositphotos", "Cover Images", "Cover-Images", "Wikimedia", "Wikimedia Commons", "Newscom",
    "ddp images", "ddp", "ullstein bild", "akg-images", "Zuma Press", "Corbis", "Bridgeman", "dreamstime",
    "123RF", "Eyevine", "Action Images", "USA Today Sports", "Imagn Images", "Icon Sportswire",
    "dpa-Zentralbild", "dpa-Bildfunk", "AFP Photo", "AP Photo",
)  # fmt: skip


def _alternatives(names: tuple[str, ...]) -> str:
    return "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in sorted(set(names), key=len, reverse=True))


# A pattern to build on: one name.
AGENCY = rf"(?:(?i:{_alternatives((*_NAMES, *_PICTURE_BANKS))})|{_alternatives(_AS_PRINTED)})"
_AGENCY = re.compile(AGENCY)
_BANK = re.compile(_alternatives(_PICTURE_BANKS), re.IGNORECASE)


def is_agency(text: str) -> bool:
    """Is the whole text the name of an agency or a picture bank?"""
    return bool(_AGENCY.fullmatch(text))


def is_picture_bank(text: str) -> bool:
    return bool(_BANK.fullmatch(text))
