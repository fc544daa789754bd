"""Lines of a page's interface that extraction takes for text at times: data in many languages, compared folded."""

from __future__ import annotations

import re

from monitor.text import fold

_EDGES = " :.…>»←→|-–"
_LABEL = 40  # characters within which a label's colon stands
_LONGEST = 120  # characters of a label; a longer line is a sentence


def _folded(lines: str) -> frozenset[str]:
    return frozenset(fold(line).strip(_EDGES) for line in lines.replace("\n", "|").split("|") if line)


# Whole lines.
_INTERFACE = _folded("""
leave a reply|leave a comment|leave a reply cancel reply|post a comment|please enter your comment!
please enter your name here|please enter your email address here|you have entered an incorrect email address!
comments|comment|no comments|share|share this|share this article|share on facebook|share on twitter|tweet|facebook
twitter|whatsapp|telegram|linkedin|pinterest|email|print|copy link|link copied|related|related articles
related stories|related posts|related news|read more|read also|see also|more|more from|you may also like
you might also like|recommended|most read|trending|popular|advertisement|ad|sponsored|subscribe|subscribe now
sign up|log in|newsletter|loading...|loading|back to top|next article|previous article|tags|tags:|home|menu|search
skip to content|skip to main content|accept|accept cookies|article continues below|continue reading|watch|listen
follow us|save my name, email, and website in this browser for the next time i comment.|we use cookies|save|saved
like|likes|views|by|kommentar hinterlassen|schreibe einen kommentar|kommentare|kommentar|antwort abbrechen|teilen
artikel teilen|drucken|merken|anzeige|werbung|lesen sie auch|lesen sie mehr|mehr zum thema|auch interessant
das könnte sie auch interessieren|weiterlesen|verwandte artikel|zum thema|themen|schlagworte|anmelden|abonnieren
startseite|nachrichten|nach oben|e-mail|ältere artikel|das könnte dich auch interessieren|mehr lesen|mehr dazu
vorlesen|artikel anhören|feedback|nächster artikel|vorheriger artikel|deixe um comentário|deixe uma resposta
comentários|compartilhe|compartilhar|partilhar|publicidade|leia também|leia mais|imprimir|deja un comentario
deja una respuesta|comentarios|compartir|publicidad|lea también|lee también|te puede interesar|leer más
más información|noticias relacionadas|suscríbete|laisser un commentaire|laissez un commentaire|commentaires
partager|publicité|à lire aussi|lire aussi|lire la suite|sur le même sujet|s'abonner|lascia un commento|commenti
condividi|pubblicità|leggi anche|leggi tutto|articoli correlati|iscriviti|bir yanıt yazın|yorum yap|yorum yaz
yorumlar|paylaş|reklam|ilgili haberler|benzer haberler|devamını oku|son haberler|haberler|anasayfa|ana sayfa
abone ol|yazdır|lütfen yorumunuzu girin!|cevap ver|lütfen adınızı buraya girin|cevabı iptal et|reageer|reacties
delen|advertentie|lees ook|lees meer|dodaj komentarz|komentarze|udostępnij|reklama|czytaj także|czytaj też
zobacz także|komentáře|sdílet|čtěte také|čtěte dále|přečtěte si také|diskuze|komentáre|zdieľať|čítajte aj
kommentera|kommentarer|dela|annons|läs också|läs mer|läs även|skriv en kommentar|del|annonce|les også|læs også
annonse|kommentit|jaa|mainos|lue myös|hozzászólások|megosztás|hirdetés|olvassa el|comentarii|distribuie
publicitate|citește și|citeste si|σχόλια|κοινοποίηση|διαφήμιση|διαβάστε επίσης|διαβάστε ακόμα|комментарии
оставить комментарий|поделиться|реклама|читайте также|читать далее|подписаться|коментарі|поділитися|читайте також
коментари|сподели|още по темата|اترك تعليقا|التعليقات|شارك|إعلان|اقرأ أيضا|مواضيع ذات صلة|دیدگاه|اشتراک گذاری
תגובות|שתף|פרסומת|コメント|シェア|広告|関連記事|続きを読む|評論|评论|分享|广告|廣告|相关阅读|相關新聞|相关新闻
댓글|공유|광고|관련기사|관련 기사|기사 더보기|टिप्पणी|शेयर करें|विज्ञापन|article content|end of article
follow us on social media|story continues below|story continues below advertisement|article|remaining time
listen to this article|show more|show less|close|download our app|get the app|video|videos|photos|gallery|live
live updates|članek|článek|artikel anzeigen|mehr anzeigen|quellen anzeigen|artikel merken|zur merkliste
externer inhalt|text vorlesen|カテゴリーをフォローする|komentar|bagikan|iklan|baca juga|bình luận|chia sẻ
quảng cáo|xem thêm|tin liên quan|şərhlər|reklamlar|koment|komentarai|skaityti
""")
# What heads a list of other articles, on a line of its own.
_TEASERS = _folded("""
related articles|related stories|related posts|related news|related|more stories|more news|more from|latest news
latest|latest stories|most read|most popular|trending|trending now|popular|you may also like|you might also like
recommended|recommended for you|read also|read more|other news in this section|top stories|editors' picks
don't miss|what to read next|up next|more on this story|mehr zum thema|auch interessant
das könnte sie auch interessieren|das könnte dich auch interessieren|verwandte artikel|neueste artikel
weitere artikel|weitere nachrichten|mehr nachrichten|ähnliche nachrichten|ähnliche artikel|meistgelesen
meistgelesene artikel|aktuell|lesen sie auch|zum thema|aus dem ressort|empfohlene artikel|artículos relacionados
noticias relacionadas|lo más leído|te puede interesar|más noticias|últimas noticias|lo último|articles similaires
à lire aussi|sur le même sujet|les plus lus|dernières actualités|articoli correlati|leggi anche|i più letti
ultime notizie|potrebbe interessarti|notícias relacionadas|mais lidas|leia também|últimas notícias|veja também
ilgili haberler|benzer haberler|son haberler|diğer haberler|çok okunanlar|gerelateerde artikelen|lees ook
meest gelezen|czytaj także|zobacz także|najnowsze|najczęściej czytane|čtěte také|nejčtenější|související články
läs också|läs även|mest lästa|les også|læs også|mest læste|lue myös|luetuimmat|читайте также|похожие новости
последние новости|новости по теме|ещё по теме|читайте також|останні новини|اقرأ أيضا|مواضيع ذات صلة|関連記事
おすすめ情報|おすすめ記事|ランキング|相关阅读|相關新聞|相关新闻|热门新闻|관련기사|관련 기사|많이 본 뉴스|baca juga
berita terkait|tin liên quan|skaityk taip pat|loe ka|lasi arī
""")
# What goes before a colon and the title of another article.
_READ_ALSO_WORDS = _folded("""
read more|read also|also read|see also|related|more on this|watch|lesen sie auch|lesen sie mehr|lest auch
mehr zum thema|auch interessant|lire aussi|à lire aussi|lea también|lee también|leia também|leia mais|leggi anche
lees ook|läs också|läs även|läs mer|les også|læs også|lue myös|czytaj także|czytaj też|čtěte také|čítajte aj
читайте также|читайте також|прочетете още|διαβάστε επίσης|διαβάστε ακόμα|اقرأ أيضا|baca juga|xem thêm|関連記事
相关阅读|관련기사|ilgili haber|ayrıca oku|citește și|citeste si|olvassa el|tags|themen|schlagworte|etiquetas
etiketler|mots-clés|topics
""")
_READ_ALSO = re.compile(
    r"^[^\w]*(?:" + "|".join(sorted(map(re.escape, _READ_ALSO_WORDS), key=len, reverse=True)) + r")\s*[:：]"
)
_COUNTED = _folded("""
share|shares|comment|comments|view|views|like|likes|min|mins|minute|minutes|min read|minute read|kommentar
kommentare|mal geteilt|comentarios|commentaires|commenti|yorum|paylaşım|görüntülenme|reacties|komentarzy|просмотр
просмотров|댓글
""")
_COUNTER = re.compile(
    r"^[^\w]*\d[\d.,\s]*\s?[km]?\s*(?:" + "|".join(sorted(_COUNTED, key=len, reverse=True)) + r")?[^\w]*$"
)
_READING_TIME = re.compile(
    r"^[^\w]*(?:lesedauer|lesezeit|reading time|estimated reading|read time|temps de lecture|tiempo de lectura|"
    r"tempo di lettura|tempo de leitura|leestijd|okuma suresi|czas czytania|doba cteni|lasetid|lastid|время чтения|"
    r"час читання)\W{0,3}.{0,24}$|"
    r"^[^\w]*\d+\s*(?:min|minute|minuten|minutes|minuti|minutos|dakika|мин)\w*\.?\s*"
    r"(?:read|lesezeit|lesedauer|de lecture|lettura|de lectura|de leitura|leestijd|okuma|чтения)?[^\w]*$"
)


def is_interface(text: str) -> bool:
    """A line of the page's interface: "LEAVE A REPLY", "Anzeige", "11", "3 comments"."""
    if len(text) > 90:
        return False
    folded = fold(text)
    return folded.strip(_EDGES) in _INTERFACE or bool(_COUNTER.match(folded))


def heads_teasers(text: str) -> bool:
    """Is the whole line a heading such as "Related articles"?"""
    return len(text) <= 60 and fold(text).strip(_EDGES) in _TEASERS


def is_read_also(text: str) -> bool:
    """ "Lesen Sie auch: ...", "Tags: ..." """
    if len(text) > 300 or not (":" in text[:_LABEL] or "：" in text[:_LABEL]):
        return False
    return bool(_READ_ALSO.match(fold(text[:_LONGEST])))


def is_reading_time(text: str) -> bool:
    """ "Lesedauer: 4 Minuten", "3 min read" """
    return len(text) <= 60 and any(c.isdigit() for c in text) and bool(_READING_TIME.match(fold(text)))
