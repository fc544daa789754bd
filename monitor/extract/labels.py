"""Words by which pages label things, in many languages: data, compared folded (`monitor.text.fold`)."""

from __future__ import annotations

import re

from monitor.text import fold

# "Source" as a label of a link or line, by language.
SOURCE_WORDS: dict[str, tuple[str, ...]] = {
    "de": ("Quelle", "Quellen", "Originalquelle", "Originalartikel", "Zum Originalartikel", "Verwendete Quellen",
           "Im Original", "Originalmeldung"),
    "en": ("Source", "Sources", "Original source", "News source", "Original article", "Source link", "Read the original",
           "Read original article", "Originally published at", "Originally published on", "Originally appeared on"),
    "tr": ("Kaynak", "Kaynaklar", "Haber kaynağı", "Haberin kaynağı"),
    "es": ("Fuente", "Fuentes", "Fuente original"),
    "it": ("Fonte", "Fonti", "Fonte originale", "Articolo originale"),
    "pt": ("Fonte", "Fontes", "Fonte original"),
    "fr": ("Source", "Sources", "Source originale", "Article original"),
    "nl": ("Bron", "Bronnen", "Originele bron"),
    "pl": ("Źródło", "Źródła", "Żródło"),
    "cs": ("Zdroj", "Zdroje"),
    "sk": ("Zdroj", "Zdroje"),
    "ru": ("Источник", "Источники", "Первоисточник", "Ссылка на источник", "Оригинал"),
    "uk": ("Джерело", "Джерела", "Першоджерело"),
    "be": ("Крыніца",),
    "bg": ("Източник", "Източници"),
    "mk": ("Извор",),
    "sr": ("Izvor", "Izvori", "Извор", "Извори"),
    "hr": ("Izvor", "Izvori"),
    "bs": ("Izvor",),
    "sl": ("Vir", "Viri"),
    "ar": ("المصدر", "مصدر", "المصادر"),
    "fa": ("منبع", "منابع"),
    "ur": ("ماخذ", "ذریعہ"),
    "he": ("מקור", "המקור", "מקורות"),
    "el": ("Πηγή", "Πηγές", "Με πληροφορίες από"),
    "ro": ("Sursa", "Sursă", "Surse"),
    "hu": ("Forrás", "Források"),
    "sv": ("Källa", "Källor"),
    "da": ("Kilde", "Kilder"),
    "no": ("Kilde", "Kilder", "Kjelde"),
    "is": ("Heimild",),
    "fi": ("Lähde", "Lähteet"),
    "et": ("Allikas", "Allikad"),
    "lv": ("Avots", "Avoti"),
    "lt": ("Šaltinis", "Šaltiniai"),
    "sq": ("Burimi", "Burim"),
    "ja": ("出典", "ソース", "情報源", "引用元", "元記事"),
    "zh": ("来源", "來源", "信息来源", "稿源", "原文", "原文链接", "新闻来源"),
    "ko": ("출처", "원문", "원문보기"),
    "hi": ("स्रोत", "सोर्स", "साभार"),
    "bn": ("সূত্র", "উৎস"),
    "ta": ("ஆதாரம்",),
    "th": ("ที่มา", "แหล่งที่มา"),
    "id": ("Sumber", "Sumber berita"),
    "ms": ("Sumber",),
    "vi": ("Nguồn", "Theo nguồn"),
    "az": ("Mənbə", "Mənbələr"),
    "kk": ("Дереккөз", "Дереккөзі"),
    "uz": ("Manba",),
    "ka": ("წყარო",),
    "hy": ("Աղբյուր", "Աղբյուրը"),
    "ca": ("Font",),
    "gl": ("Fonte",),
    "eu": ("Iturria",),
    "af": ("Bron",),
    "sw": ("Chanzo",),
    "tl": ("Pinagmulan",),
}  # fmt: skip


def _alternatives(words: set[str]) -> str:
    return "|".join(sorted((re.escape(word).replace(r"\ ", r"\s+") for word in words), key=len, reverse=True))


_SOURCES = {fold(word) for words in SOURCE_WORDS.values() for word in words}
_COLON = r"[:：﹕]"
# The whole line is the label ("Kaynak", "Quelle:", "[Source]", "» Kaynak").
_ONLY = re.compile(rf"^[^\w]*(?:{_alternatives(_SOURCES)})[^\w]*$")
# The line begins with it and goes on after a colon, or after a dash: "Quelle: ORF", "Source - BBC".
_LEADS = re.compile(rf"^[^\w]*(?:{_alternatives(_SOURCES)})\s*(?:{_COLON}|\s[-–—|]\s)\s*\S")
# What comes before a link: "... (Quelle:", "Kaynak :".
_TRAILS = re.compile(rf"(?:^|[^\w])(?:{_alternatives(_SOURCES)})\s*(?:{_COLON}|[-–—|>»])?\s*[\"'„“«(\[]?$")
_LABEL = 40  # characters within which a label's colon stands
_LONGEST = 120  # characters of a label; a longer line is a sentence


def is_source_label(text: str) -> bool:
    """Is the whole text nothing but the word?"""
    return 2 <= len(text) <= 60 and bool(_ONLY.match(fold(text)))


def starts_with_source_label(text: str) -> bool:
    """ "Quelle: ORF", "Kaynak: https://..." """
    return 3 <= len(text) <= 300 and bool(_LEADS.match(fold(text[:_LONGEST])))


def ends_with_source_label(text: str) -> bool:
    """ "(Quelle:" as the text before a link. Without a colon only when the word is all there is."""
    tail = fold(text[-_LONGEST:])
    found = _TRAILS.search(tail)
    return bool(found) and (tail.rstrip("\"'„“«([ ")[-1:] in ":：﹕-–—|>»" or is_source_label(text))


# What heads a list of other articles, on a line of its own.
_TEASERS = {fold(line) for line in """
related articles|related stories|related posts|related news|related|more stories|more news|more from|latest news|latest|latest stories
most read|most popular|trending|trending now|popular|you may also like|you might also like|recommended|recommended for you|read also
read more|other news in this section|top stories|editors' picks|don't miss|what to read next|up next|more on this story
mehr zum thema|auch interessant|das könnte sie auch interessieren|das könnte dich auch interessieren|verwandte artikel|neueste artikel
weitere artikel|weitere nachrichten|mehr nachrichten|ähnliche nachrichten|ähnliche artikel|meistgelesen|meistgelesene artikel|aktuell
lesen sie auch|zum thema|aus dem ressort|empfohlene artikel|artículos relacionados|noticias relacionadas|lo más leído|te puede interesar
más noticias|últimas noticias|lo último|articles similaires|à lire aussi|sur le même sujet|les plus lus|dernières actualités
articoli correlati|leggi anche|i più letti|ultime notizie|potrebbe interessarti|notícias relacionadas|mais lidas|leia também
últimas notícias|veja também|ilgili haberler|benzer haberler|son haberler|diğer haberler|çok okunanlar|gerelateerde artikelen
lees ook|meest gelezen|czytaj także|zobacz także|najnowsze|najczęściej czytane|čtěte také|nejčtenější|související články
läs också|läs även|mest lästa|les også|læs også|mest læste|lue myös|luetuimmat|читайте также|похожие новости|последние новости
новости по теме|ещё по теме|читайте також|останні новини|اقرأ أيضا|مواضيع ذات صلة|関連記事|おすすめ情報|おすすめ記事|ランキング|相关阅读|相關新聞
相关新闻|热门新闻|관련기사|관련 기사|많이 본 뉴스|baca juga|berita terkait|tin liên quan|skaityk taip pat|loe ka|lasi arī
""".replace("\n", "|").split("|") if line}  # fmt: skip


def heads_teasers(text: str) -> bool:
    """Is the whole line a heading such as "Related articles"?"""
    return len(text) <= 60 and fold(text).strip(" :.…>»←→|-–") in _TEASERS


_READING_TIME = re.compile(
    r"^[^\w]*(?:lesedauer|lesezeit|reading time|estimated reading|read time|temps de lecture|tiempo de lectura|tempo di lettura|"
    r"tempo de leitura|leestijd|okuma suresi|czas czytania|doba cteni|lasetid|lastid|время чтения|час читання)\W{0,3}.{0,24}$|"
    r"^[^\w]*\d+\s*(?:min|minute|minuten|minutes|minuti|minutos|dakika|мин)\w*\.?\s*(?:read|lesezeit|lesedauer|de lecture|lettura|"
    r"de lectura|de leitura|leestijd|okuma|чтения)?[^\w]*$"
)


def is_reading_time(text: str) -> bool:
    """ "Lesedauer: 4 Minuten", "3 min read" """
    return len(text) <= 60 and any(c.isdigit() for c in text) and bool(_READING_TIME.match(fold(text)))


# Lines of a page's interface that extraction at times takes for text. Whole lines only.
_INTERFACE = {fold(line) for line in """
leave a reply|leave a comment|leave a reply cancel reply|post a comment|please enter your comment!|please enter your name here
please enter your email address here|you have entered an incorrect email address!|comments|comment|no comments|share|share this
share this article|share on facebook|share on twitter|tweet|facebook|twitter|whatsapp|telegram|linkedin|pinterest|email|print
copy link|link copied|related|related articles|related stories|related posts|related news|read more|read also|see also|more
more from|you may also like|you might also like|recommended|most read|trending|popular|advertisement|ad|sponsored|subscribe
subscribe now|sign up|log in|newsletter|loading...|loading|back to top|next article|previous article|tags|tags:|home|menu|search
skip to content|skip to main content|accept|accept cookies|article continues below|continue reading|watch|listen|follow us
save my name, email, and website in this browser for the next time i comment.|we use cookies|save|saved|like|likes|views|by
kommentar hinterlassen|schreibe einen kommentar|kommentare|kommentar|antwort abbrechen|teilen|artikel teilen|drucken|merken
anzeige|werbung|lesen sie auch|lesen sie mehr|mehr zum thema|auch interessant|das könnte sie auch interessieren|weiterlesen
verwandte artikel|zum thema|themen|schlagworte|anmelden|abonnieren|startseite|nachrichten|nach oben|e-mail|ältere artikel
das könnte dich auch interessieren|mehr lesen|mehr dazu|vorlesen|artikel anhören|feedback|nächster artikel|vorheriger artikel
deixe um comentário|deixe uma resposta|comentários|compartilhe|compartilhar|partilhar|publicidade|leia também|leia mais|imprimir
deja un comentario|deja una respuesta|comentarios|compartir|publicidad|lea también|lee también|te puede interesar|leer más
más información|noticias relacionadas|suscríbete|laisser un commentaire|laissez un commentaire|commentaires|partager|publicité
à lire aussi|lire aussi|lire la suite|sur le même sujet|s'abonner|lascia un commento|commenti|condividi|pubblicità|leggi anche
leggi tutto|articoli correlati|iscriviti|bir yanıt yazın|yorum yap|yorum yaz|yorumlar|paylaş|reklam|ilgili haberler
benzer haberler|devamını oku|son haberler|haberler|anasayfa|ana sayfa|abone ol|yazdır|lütfen yorumunuzu girin!|cevap ver
lütfen adınızı buraya girin|cevabı iptal et|reageer|reacties|delen|advertentie|lees ook|lees meer|dodaj komentarz|komentarze
udostępnij|reklama|czytaj także|czytaj też|zobacz także|komentáře|sdílet|čtěte také|čtěte dále|přečtěte si také|diskuze
komentáre|zdieľať|čítajte aj|kommentera|kommentarer|dela|annons|läs också|läs mer|läs även|skriv en kommentar|del|annonce|les også
læs også|annonse|kommentit|jaa|mainos|lue myös|hozzászólások|megosztás|hirdetés|olvassa el|comentarii|distribuie|publicitate
citește și|citeste si|σχόλια|κοινοποίηση|διαφήμιση|διαβάστε επίσης|διαβάστε ακόμα|комментарии|оставить комментарий|поделиться
реклама|читайте также|читать далее|подписаться|коментарі|поділитися|читайте також|коментари|сподели|още по темата
اترك تعليقا|التعليقات|شارك|إعلان|اقرأ أيضا|مواضيع ذات صلة|دیدگاه|اشتراک گذاری|תגובות|שתף|פרסומת|コメント|シェア|広告|関連記事
続きを読む|評論|评论|分享|广告|廣告|相关阅读|相關新聞|相关新闻|댓글|공유|광고|관련기사|관련 기사|기사 더보기|टिप्पणी|शेयर करें|विज्ञापन
article content|end of article|follow us on social media|story continues below|story continues below advertisement|article
remaining time|listen to this article|show more|show less|close|download our app|get the app|video|videos|photos|gallery|live|live updates
članek|článek|artikel anzeigen|mehr anzeigen|quellen anzeigen|artikel teilen|artikel merken|zur merkliste|externer inhalt|text vorlesen
カテゴリーをフォローする|komentar|bagikan|iklan|baca juga|bình luận|chia sẻ|quảng cáo|xem thêm|tin liên quan|şərhlər|reklamlar|koment|komentarai|skaityti
""".replace("\n", "|").split("|") if line}  # fmt: skip
_COUNTER = re.compile(
    r"^[^\w]*\d[\d.,\s]*\s?[kKmM]?\s*(?:shares?|comments?|views?|likes?|min(?:ute)?s?(?:\s+read)?|kommentare?|mal geteilt|"
    r"comentarios|commentaires|commenti|yorum|paylaşım|görüntülenme|reacties|komentarzy|просмотр\w*|댓글)?[^\w]*$",
    re.IGNORECASE,
)
_READ_ALSO = re.compile(
    r"^[^\w]*(?:" + _alternatives({fold(w) for w in (
        "read more", "read also", "also read", "see also", "related", "more on this", "watch", "lesen sie auch", "lesen sie mehr",
        "lest auch", "mehr zum thema", "auch interessant", "lire aussi", "à lire aussi", "lea también", "lee también",
        "leia também", "leia mais", "leggi anche", "lees ook", "läs också", "läs även", "läs mer", "les også", "læs også",
        "lue myös", "czytaj także", "czytaj też", "čtěte také", "čítajte aj", "читайте также", "читайте також",
        "прочетете още", "διαβάστε επίσης", "διαβάστε ακόμα", "اقرأ أيضا", "baca juga", "xem thêm", "関連記事", "相关阅读",
        "관련기사", "ilgili haber", "ayrıca oku", "citește și", "citeste si", "olvassa el", "tags", "themen", "schlagworte",
        "etiquetas", "etiketler", "mots-clés", "topics")})
    + rf")\s*{_COLON}",
)  # fmt: skip


def is_interface(text: str) -> bool:
    """A line of the page's interface: "LEAVE A REPLY", "Anzeige", "11", "3 comments"."""
    if len(text) > 90:
        return False
    return fold(text).strip(" :.…>»←→|-–") in _INTERFACE_BARE or bool(_COUNTER.match(text))


_INTERFACE_BARE = {line.strip(" :.…>»←→|-–") for line in _INTERFACE}


def is_read_also(text: str) -> bool:
    """ "Lesen Sie auch: ...", "Tags: ..." """
    if len(text) > 300 or not (":" in text[:_LABEL] or "：" in text[:_LABEL]):
        return False
    return bool(_READ_ALSO.match(fold(text[:_LONGEST])))


# What stands before a name in a byline.
BY_WORDS = (
    "by", "written by", "story by", "reported by", "reporting by", "posted by", "published by", "words by", "author",
    "authors", "von", "ein artikel von", "autor", "autoren", "autorin", "text", "par", "di", "a cura di", "por", "de",
    "door", "av", "af", "tekst", "tekst av", "texto", "yazan", "haber", "muhabir", "yazar", "autor", "autorka", "od",
    "автор", "авторы", "текст", "автор текста", "συντάκτης", "γράφει", "του", "της", "szerző", "írta", "fra",
    "بقلم", "كتب", "oleh", "penulis", "記者", "文", "作者", "记者",
)  # fmt: skip
