"""Notices that an agency or a paper takes a text back: kill, withdrawal, correction. Position decides, not the word."""

from __future__ import annotations

import re

from monitor.sources.wording import any_of

_HEAD = 320  # characters of the text in which the notice stands
# At the beginning of the title or the text, and set off from what follows.
_MARK = any_of(r"""
berichtigung|berichtigt|korrektur|korrigiert|richtigstellung|zurückgezogen|meldung zurückgezogen|widerruf
correction|corrected|corrects|withdrawn|withdrawal|retraction|retracted|story withdrawn|mandatory kill|bulletin kill
rectificatif|rectification|annulation|annulée?|dépêche annulée|rectificaci[oó]n|anulaci[oó]n|anulad[ao]|correcci[oó]n
rettifica|annullat[ao]|correzione|errata corrige|errata|retificação|correção|anulação|rectificatie|ingetrokken|correctie
düzeltme|haber iptali|iptal|tekzip|исправление|поправка|отмена|аннулировано|отозвано|опровержение|виправлення|відкликано
rättelse|rettelse|korreksjon|oikaisu|sprostowanie|anulowan[eoa]|wycofane|oprava|zrušeno|staženo|ispravak|ispravka
helyesbítés|visszavonva|rectificare|διόρθωση|تصحيح|سحب خبر|更正|撤稿|撤销|訂正|取り消し|정정|전문취소|תיקון
""")
_SET_OFF = re.compile(rf"^[\W_]*{_MARK}(?:\s*[:：!/|)\]*]|\s+[-–—]|-(?=[A-ZÄÖÜ])|\s*$|\s+\w+:\s)", re.IGNORECASE)
_KILL = re.compile(r"^[\W_]*(?:[A-Z/ -]{0,24}\b)?KILL(?:ED)?\b\s*(?:[:!/*)\]-]|[-–—]|$)")
# Sentences that say it, near the top.
_SAID = re.compile(
    any_of(r"""
(?:diese|die|unsere) (?:[\w-]+ )?(?:agentur|\w+-)?(?:meldung|nachricht)\b[^\n]{0,160}\b(?:zurückgezogen|widerrufen)\b
(?:dpa|apa|afp|sda|reuters|die agentur) (?:zieht|hat)\b[^.]{0,120}\b(?:meldung|bericht)\b[^.]{0,120}\bzurück
bitte (?:verwenden|veröffentlichen) sie (?:die|diese) (?:meldung|fassung)[^.]{0,80}\bnicht
(?:this|the|our) (?:story|article|report|item|dispatch)\b[^.]{0,99} (?:has been|is|was) (?:withdrawn|retracted|killed)\b
(?:has|have) (?:withdrawn|retracted|killed) (?:its|the|this|a|our) (?:story|article|report|item|dispatch)
(?:eliminate|kill|withdraw) the (?:story|item|dispatch)\b|(?:editors|clients)[^.]{0,60} please (?:kill|disregard|delete)
cet(?:te)? (?:article|dépêche|information)\b[^.]{0,80}\b(?:est|a été) (?:annulé|retiré|supprimé)e?
est[ea] (?:noticia|información|despacho|nota|notícia)\b[^.]{0,80}\b(?:ha sido|fue|foi|queda) (?:anulad|retirad)[ao]
quest[ao] (?:notizia|lancio|articolo)\b[^.]{0,80}\bè stat[ao] (?:annullat|ritirat)[ao]
bu haber\b[^.]{0,80}\b(?:geri çekil|iptal edil|yayından kaldırıl)\w*
(?:материал|сообщение|новость|заметка)\b[^.]{0,80}\b(?:отозван|аннулирован|снят|удал[её]н)\w*
(?:повідомлення|матеріал|новина)\b[^.]{0,80}\b(?:відкликан|анульован|знят)\w*
dit (?:bericht|artikel)\b[^.]{0,80}\b(?:is|werd) ingetrokken
ta (?:depesza|informacja)\b[^.]{0,80}\b(?:wycofana|anulowana)
(?:tato|tuto) zpráv[au]\b[^.]{0,80}\b(?:stažena|zrušena|stahuje|ruší)|(?:本稿|此稿|该稿)[^。]{0,20}(?:撤销|撤回|作废)
"""),
    re.IGNORECASE,
)


def is_withdrawal(title: str, text: str) -> bool:
    """Is the whole article a notice that a text is taken back or put right?

    "Zurückgezogen: ..." is; somebody who lives "zurückgezogen", "Kill Bill" or a market's "correction" is not.
    """
    opening = text[:_HEAD]
    if any(_SET_OFF.match(part) or _KILL.match(part) for part in (title, opening.split("\n", 1)[0]) if part):
        return True
    return bool(_SAID.search(opening))
