"""What class names, ids and roles of elements give away. A name is split into words; each word votes.

Names mislead ("caption2" can be typography): a mark says where to look, and others decide with text and place.
"""

from __future__ import annotations

import re
from functools import lru_cache

MENU = 1
DEBRIS = 2  # share buttons, related lists, comments, advertising: not the article
FIGURE = 4  # inside a figure or a caption
CREDIT = 8  # picture credit
BYLINE = 16
SOURCE = 32
COPYRIGHT = 64
DATE = 128
HEADING = 256
TITLE = 512
ASIDE = 1024
FOOTER = 2048
FORM = 4096
HIDDEN = 8192
AVATAR = 16384
BODY = 32768  # says that it is the article's text
PRUNE = 65536  # DEBRIS that is taken out of the tree before extraction
QUOTE = 131072  # embedded posts, block quotes
TABLE = 262144
LOOSE_CREDIT = 524288  # "credit" without a word for a picture: it may be the text's

# What an element hands down to its descendants.
INHERITED = (
    MENU | DEBRIS | FIGURE | CREDIT | BYLINE | SOURCE | COPYRIGHT | ASIDE | FOOTER | FORM | HIDDEN | AVATAR | HEADING
    | BODY | QUOTE | TABLE
)  # fmt: skip

_WORDS: dict[str, int] = {}


def _vote(mark: int, words: str) -> None:
    for word in words.split():
        _WORDS[word] = _WORDS.get(word, 0) | mark


_vote(MENU | PRUNE, "breadcrumb breadcrumbs breadcrump brotkrumen kruimelpad skiplinks skiplink")
_vote(MENU, "nav navbar navi navigation navigationbar menu menus menubar submenu megamenu mainmenu topmenu pagination "
      "pager paginator toolbar topbar tabbar")  # fmt: skip
_vote(DEBRIS | PRUNE, "share shares sharebar sharebuttons sharing sharedaddy sharethis sociable addtoany addthis "
      "socialshare socialmedia socials newsletter newsletters newsletterbox cookie cookies cookiebar consent gdpr "
      "comments commentlist commentform respond disqus outbrain taboola plista relatedposts jp-relatedposts yarpp "
      "crp inread")  # fmt: skip
_vote(DEBRIS, "related relateds recommended recommendation recommendations recirc recirculation teaser teasers sidebar "
      "advert adverts advertisement advertising advertorial ad ads adslot adbox banner promo promos promotion "
      "sponsored subscribe subscription paywall signup login popup modal tags taglist tagcloud keywords widget widgets "
      "mostread popular trending follow comment social poll rating votes likes whatsapp telegram morenews readmore "
      "weiterlesen ticker latest mehr verwandt onward upsell donate donation")  # fmt: skip
_vote(FIGURE, "caption captions figcaption wpcaption imagecaption photocaption piccaption captiontext imgcaption "
      "bildunterschrift bildtext bildbeschreibung legende bildlegende pie didascalia bildinfo imagetext gallery "
      "galerie slideshow lightbox")  # fmt: skip
_vote(CREDIT, "photocredit imagecredit imgcredit piccredit fotocredit photographer fotograf fotografer bildquelle "
      "bildnachweis bildrechte bildcredit fotoquelle photoby")  # fmt: skip
_vote(CREDIT | LOOSE_CREDIT, "credit credits creditline")
_vote(BYLINE, "byline bylines author authors autor autoren autorin autores auteur auteurs autore autori author-name "
      "authorname writer writers reporter reporters redacteur yazar muhabir contributor contributors journalist "
      "journalists skribent firma signature byl autorzeile autorenzeile articleauthor postauthor")  # fmt: skip
_vote(SOURCE, "source sources quelle quellen agency agencies agentur kaynak bron fuente fuentes fonte zdroj zrodlo "
      "kilde kalla provider nfoline syndication articlesource newssource attribution")  # fmt: skip
_vote(COPYRIGHT, "copyright copyrights rights droits")
_vote(DATE, "date dates time timestamp published pubdate datetime datum fecha tarih posted publicationdate "
      "pubtime publishdate publish lastmod updated modified")  # fmt: skip
_vote(AVATAR, "avatar gravatar userpic authorimage authorphoto logo icon icons emoji sprite")
_vote(BODY, "articlebody storybody storytext newsbody entrycontent postcontent articletext bodytext")
_vote(FOOTER, "footer")
_vote(HIDDEN, "hidden visuallyhidden")
_vote(TITLE, "headline entrytitle posttitle articletitle")

_PICTURE = 1 << 30  # beside "copyright" or "source" it makes them a picture's
_vote(_PICTURE, "image img photo picture pic media foto bild figure photos bilder thumbnail")

_BREAK = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# WordPress writes an article's tags and categories into its class ("tag-cookies category-comment").
_TAXONOMY = re.compile(r"(?:tag|tags|category|cat|type|status|format|topic|term|postid|page)-[\w%-]+$")
_BODY_PAIR = re.compile(r"(?:article|entry|post|story|news|content)[-_]{0,2}(?:body|content|text)\b", re.IGNORECASE)
_META_PAIR = re.compile(r"(?:entry|post|article|story)[-_]{0,2}(?:meta|info)\b", re.IGNORECASE)
_RELATED_PAIR = re.compile(
    r"(?:you|also|more|read|next|other|similar|latest|most)[-_](?:may[-_]like|like|read|stories|articles|news|posts|from)",
    re.IGNORECASE,
)


@lru_cache(maxsize=20_000)  # names repeat: nine of ten look-ups within one site
def marks_of(names: str) -> int:
    """Marks that the class, id, itemprop and test names of one element (joined by spaces) vote for."""
    found = 0
    for name in names.split():
        found |= _marks_of_one(name)
    if found & _PICTURE:
        if found & (COPYRIGHT | SOURCE):
            found = (found & ~(COPYRIGHT | SOURCE)) | CREDIT
        if found & BYLINE:
            found |= AVATAR
        found &= ~LOOSE_CREDIT
        if found & FOOTER:  # "image-footer", "media__footer": below a picture, not below the page
            found = (found & ~FOOTER) | FIGURE
    if found & FIGURE:  # "caption-credit"
        found &= ~LOOSE_CREDIT
    return found & ~_PICTURE


@lru_cache(maxsize=50_000)
def _marks_of_one(name: str) -> int:
    if _TAXONOMY.match(name):
        return 0
    found = 0
    for word in _BREAK.findall(name):
        found |= _WORDS.get(word.lower(), 0)
    if _BODY_PAIR.search(name):
        found |= BODY
    if _META_PAIR.search(name):
        found |= BYLINE
    if _RELATED_PAIR.search(name):
        found |= DEBRIS
    return found


TAG_MARKS = {
    "nav": MENU, "menu": MENU, "aside": ASIDE, "footer": FOOTER, "form": FORM, "fieldset": FORM, "figure": FIGURE,
    "figcaption": FIGURE, "h1": HEADING, "h2": HEADING, "h3": HEADING, "h4": HEADING, "h5": HEADING, "h6": HEADING,
    "blockquote": QUOTE, "table": TABLE, "time": DATE, "label": FORM, "dialog": DEBRIS,
    "amp-social-share": DEBRIS | PRUNE, "address": BYLINE,
}  # fmt: skip
ROLE_MARKS = {
    "navigation": MENU, "menu": MENU, "menubar": MENU, "search": FORM, "complementary": ASIDE, "contentinfo": FOOTER,
    "banner": 0, "dialog": DEBRIS, "alertdialog": DEBRIS, "heading": HEADING,
}  # fmt: skip
