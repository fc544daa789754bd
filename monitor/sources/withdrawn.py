"""Notices that an agency or a paper takes a text back: kill, withdrawal, correction. Position decides, not the word."""

from __future__ import annotations

import re

from monitor.sources.wording import any_of

_HEAD = 320  # characters of the text in which the notice stands
# At the beginning of the title or the text, and set off from what follows: a text is put right ...
_CORRECTED = any_of(r"""
berichtigung|berichtigt|korrektur|korrigiert|richtigstellung|correction|corrected|corrects|rectificatif|rectification
rectificaci[oó]n|correcci[oó]n|rettifica|correzione|errata corrige|errata|retificação|correção|rectificatie|correctie
düzeltme|tekzip|исправление|поправка|опровержение|виправлення|rättelse|rettelse|korreksjon|oikaisu|sprostowanie|oprava
ispravak|ispravka|helyesbítés|rectificare|διόρθωση|تصحيح|更正|訂正|정정|תיקון
""")
# ... or taken back. Words that concerts, laws and goods are called off with as well ("annulé", "Widerruf", "отмена")
# count beside a word for the text only.
_TAKEN_BACK = any_of(r"""
zurückgezogen|(?:eil|agentur)?(?:meldung|nachricht) (?:zurückgezogen|widerrufen)
(?:zurückgezogene|widerrufene) (?:eil|agentur)?(?:meldung|nachricht)
(?:widerruf|zurückziehung|rücknahme) (?:(?:der|einer|dieser|unserer) )?(?:\w+-)?(?:eil)?(?:meldung|nachricht)
withdrawn|retracted|retraction|(?:story|item|dispatch|headline) (?:withdrawn|withdrawal|killed|retracted|retraction)
(?:withdrawn|killed|retracted) (?:story|item|dispatch)
(?:withdrawal|retraction) of (?:(?:the|this|our|a) )?(?:story|item|dispatch)
(?:\w{2,5} )?(?:bulletin|mandatory|advisory|story) kill
(?:annulation|retrait|suppression) d(?:e|['’]une)(?: (?:la|cette|notre))? d[ée]p[êe]che
d[ée]p[êe]che (?:annul|retir|supprim)[ée]e
(?:anulaci[oó]n|retirada) de (?:(?:la|una|esta) )?(?:noticia|despacho|teletipo)
(?:(?:noticia|despacho|teletipo) )?(?:anulad|retirad)[ao] (?:(?:la|el|esta|este) )?(?:noticia|despacho|teletipo)
(?:noticia|despacho|teletipo|notícia) (?:anulad|retirad|cancelad)[ao]|(?:anulação|retirada) d[ae] notícia
(?:annullamento|ritiro) (?:di|della) notizia|notizia (?:annullata|ritirata)|(?:annullata|ritirata) (?:la )?notizia
bericht ingetrokken|ingetrokken(?: bericht)?|intrekking (?:van )?(?:het )?bericht
haber(?:in)? iptali|haber (?:iptal|geri çekildi)|(?:iptal edilen|geri çekilen) haber
(?:отмена|аннулирование|отзыв) (?:сообщения|новости|материала)|(?:сообщение|новость|материал) (?:отозван|аннулирован)\w*
(?:відкликання|скасування) (?:повідомлення|новини|матеріалу)|(?:повідомлення|новина|матеріал) (?:відкликан|анульован)\w*
(?:anulowanie|wycofanie) depeszy|depesza (?:anulowana|wycofana)|(?:anulowana|wycofana) depesza
zpráva (?:zrušena|stažena)|(?:zrušená|stažená) zpráva|(?:zrušení|stažení) zprávy|hír visszavonva|visszavont hír
سحب خبر|إلغاء خبر|撤稿|稿件(?:撤销|撤回)|(?:撤销|撤回)(?:本稿|此稿|该稿|稿件)
(?:記事|配信|原稿)の?取り?消し?|전문취소|기사\s*취소
""")
_OFF = r"(?:\s*[:：!/|)\]*]|\s+[-–—]|-(?=[A-ZÄÖÜ])|\s*$|\s+\w+:\s)"
_SET_OFF = re.compile(rf"^[\W_]*{_CORRECTED}{_OFF}", re.IGNORECASE)
_SET_OFF_BACK = re.compile(rf"^[\W_]*{_TAKEN_BACK}{_OFF}", re.IGNORECASE)
_KILL = re.compile(
    r"^[\W_]*(?:(?:BULLETIN|MANDATORY|ADVISORY|STORY|URGENT|[A-Z]{2,4})[ /-]+){0,2}KILL(?:ED)?\b\s*(?:[:!/*)\]–—-]|$)"
)
# "Achtung Redaktionen: Die Meldung ... wird zurückgezogen"
_TO_EDITORS = re.compile(
    r"^[\W_]*"
    + any_of(r"""
(?:achtung|hinweis),?(?: an)?(?: die| alle)? (?:redaktionen|kunden|bezieher)
(?:attention|attn\.?),?:?(?: all)?(?: news)? (?:editors|clients|subscribers|desks)
(?:attention|avis)(?: aux| à| à la| à toutes les)? (?:rédactions?|rédacteurs|clients|abonnés)
atenci[oó]n,?(?: a las| a los| a)? (?:editores|redacciones|redactores|clientes|abonados)
attenzione,?(?: alle| ai)? (?:redazioni|abbonati|clienti)
atenção,?(?: às| aos| a)? (?:editores|redações|clientes|assinantes)
(?:editörlerin|abonelerin) dikkatine|вниманию (?:редакторов|редакций|подписчиков|клиентов)
attentie redacties|uwaga,? redakcje
""")
    + r"\b[^\n]{0,200}?\b"
    + any_of(r"""
zurückgezogen|zurückgenommen|widerrufen|nicht (?:zu )?verwenden|withdrawn|kill(?:ed)?|retracted|disregard|do not use
annulée?|retirée?|supprimée?|anulad[ao]|retirad[ao]|eliminad[ao]|cancelad[ao]|annullat[ao]|ritirat[ao]
iptal|geri çekil\w+|отозван\w*|аннулирован\w*|ingetrokken|wycofan\w*|anulowan\w*
""")
    + r"\b",
    re.IGNORECASE,
)
# Another text came in the place of the one that was taken back.
_REPLACES = re.compile(
    r"\b(?:replac|ersetz|remplac|sustituy|substitu|sostitui|vervang|заменя|zastęp|nahraz)", re.IGNORECASE
)
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

    "Zurückgezogen: ..." is; somebody who lives "zurückgezogen", "Kill Bill", a market's "correction" or a concert's
    "annulation" is not.
    """
    opening = text[:_HEAD]
    heads = [part for part in (title, opening.split("\n", 1)[0]) if part]
    if any(_SET_OFF.match(head) or _is_marked(head) for head in heads):
        return True
    return bool(_SAID.search(opening))


def takes_back(headline: str, note: str = "") -> bool:
    """Does a dispatch take one back, by the form of its headline or its note to the editors? A correction doesn't."""
    if _is_marked(headline):
        return True
    return not _REPLACES.search(note) and (_is_marked(note) or bool(_SAID.search(note)))


def _is_marked(head: str) -> bool:
    return any(form.match(head) for form in (_KILL, _SET_OFF_BACK, _TO_EDITORS))
