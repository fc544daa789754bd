"""The records that travel between the steps: frozen, without behaviour that reads or writes anything.

All times are aware datetimes in UTC. Ids are lower-case hexadecimal (`monitor.text.digest`), but for
the ids of imported records, which are kept as they came. Fields that a later step fills start empty.

    discovery   Hint, Link                     what a source said of an address
    gather      UrlState, SourceState, Page    what was fetched
    analyse     Article, Language, Fingerprint, Evidence -> Analysis
    inbox       Outcome, InboxItem
    match       Probe, Candidate, Comparison, Furniture
    file        Document, Revision, Story, Alias, Edge, Decision -> Changes
    record      Run, Rejection, Note
    alert       Rule, Alert, Attempt
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

# --- discovery -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hint:
    """What the feed, the API or the import record said of an article, beside its page."""

    title: str = ""
    published_at: datetime | None = None
    modified_at: datetime | None = None
    authors: tuple[str, ...] = ()
    language: str = ""
    guid: str = ""
    source_url: str = ""  # RSS <source url>, Atom <source>: where the feed itself says it is from
    source_name: str = ""
    version: int = 0  # which of the source's versions of one text; 0: not said


@dataclass(frozen=True, slots=True)
class Link:
    """One article that a source offers. `content` is its full HTML where the source carries it."""

    url: str
    hint: Hint = Hint()
    content: str | None = None
    source: str = ""  # key of the site's source, e.g. "feed:https://example.org/feed.xml"
    remote_id: str = ""  # the source's own number (WordPress post id), with which it can be asked again


# --- gather ----------------------------------------------------------------------------------------------------------


class Status(StrEnum):
    """State of a URL: discovered -> stored | rejected | failed | gone."""

    DISCOVERED = "discovered"
    STORED = "stored"
    REJECTED = "rejected"
    FAILED = "failed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class UrlState:
    """What is known of one address of one site; (site, url) is its key."""

    site: str
    url: str
    status: Status = Status.DISCOVERED
    discovered_at: datetime | None = None
    fetched_at: datetime | None = None
    article_id: str = ""
    reason: str = ""  # of a rejection or a failure: short, stable, counted
    attempts: int = 0  # failures in a row
    due_at: datetime | None = None  # failed: when to try again; stored: when to look again
    checks: int = 0  # how many of the later looks are done
    etag: str = ""
    last_modified: str = ""
    content_hash: str = ""  # of content that came with the source; tells a change without a fetch
    via: str = "page"  # page | feed | wordpress | import: how the content came, and how it is looked at again
    remote_id: str = ""
    hint: Hint = Hint()


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is remembered of one discovery source between crawls; (site, key) is its key."""

    site: str
    key: str
    etag: str = ""
    last_modified: str = ""
    fetched_at: datetime | None = None
    full_at: datetime | None = None  # last fetch without validators: some servers never change their ETag
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class WarcRef:
    """Where the raw record lies: file name below the WARC folder, byte offset."""

    file: str
    offset: int


@dataclass(frozen=True, slots=True)
class Page:
    """What was fetched or handed in, before anything is read from it."""

    url: str  # normalised address that was asked for
    site: str
    body: bytes = field(repr=False)  # no log line is helped by it
    fetched_at: datetime
    kind: str = "page"  # page: a whole HTML page; fragment: HTML of an article alone; text: plain text
    final_url: str = ""  # after redirects; empty: same as url
    http_status: int = 200
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    hint: Hint = Hint()
    via: str = "page"
    remote_id: str = ""
    article_id: str = ""  # the `id` of an import record; empty: from the address
    run: str = ""
    warc: WarcRef | None = None
    role: str = "article"  # article | source (behind a source link) | reference (an agency's own dispatch)


@dataclass(frozen=True, slots=True)
class ExtractionRules:
    """What the site file says about reading its pages. CSS selectors; empty means: by itself."""

    title: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    byline: tuple[str, ...] = ()
    caption: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    time_zone: str = "UTC"
    language: str = ""
    site_name: str = ""


# --- analyse ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Caption:
    """A picture's caption, with the credit split off where it can be told ("-/Kreml/dpa")."""

    text: str
    credit: str = ""
    where: str = ""  # figure | class | text | alt | json-ld | site-rule


@dataclass(frozen=True, slots=True)
class Line:
    """A visible line outside the extracted text that may say who wrote it."""

    text: str
    where: str  # byline | source | copyright | dateline | trailer


@dataclass(frozen=True, slots=True)
class SourceLink:
    """A link that its label, or the page's metadata, calls the source."""

    url: str
    label: str = ""  # as shown: "Kaynak", "Quelle: ..."
    how: str = "label"  # label | canonical | isBasedOn | syndication-source | original-source | feed


@dataclass(frozen=True, slots=True)
class Structured:
    """What JSON-LD and meta elements of the page's own article say."""

    jsonld_authors: tuple[str, ...] = ()
    meta_authors: tuple[str, ...] = ()
    publisher: str = ""
    copyright: str = ""
    section: str = ""
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """What the page says, captured once: never changed by a later step."""

    id: str
    url: str  # identity: the fetched address, or the same host's canonical one
    site: str
    title: str
    text: str  # paragraphs separated by one empty line
    fetched_at: datetime
    canonical_url: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    modified_at: datetime | None = None
    published_how: str = ""  # json-ld | meta | time | feed | wordpress | text | url | import
    time_zone: str = "UTC"  # the site's, IANA
    description: str = ""
    html_lang: str = ""
    image: str = ""
    captions: tuple[Caption, ...] = ()
    lines: tuple[Line, ...] = ()
    structured: Structured = Structured()
    source_links: tuple[SourceLink, ...] = ()
    words: int = 0
    kind: str = "page"
    role: str = "article"
    withdrawn: bool = False  # taken back by who published it
    warc: WarcRef | None = None
    version: int = 0  # of a dispatch: the agency's own number of its versions; 0: not said


@dataclass(frozen=True, slots=True)
class Language:
    """ISO 639-1 code ("und" when nothing decides), confidence 0..1, and which method decided."""

    code: str = "und"
    confidence: float = 0.0
    method: str = "none"  # text | html | site | import | none


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Winnowed 5-word hashes of the text, hashes of the title, and the hash of the whole token stream.

    Hashes are unsigned 64 bit; those of a text have the lowest bit clear, those of a title have it set.
    """

    exact: str = ""  # empty: too short for the exact tier
    hashes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for an attribution, quoted exactly.

    `where`: byline | source | trailer | dateline | note | reporting | copyright | author | json-ld-author |
    meta-author | publisher | dispatch-id | own-site | reference | caption | text; of a link how it was found
    ("source-link", ...), of a cluster "story", of a matched reference the kind of its edge, of a decision "decision"
    (there a weight of 1 confirms, 0 rejects).
    """

    kind: str  # text | photo | link | cluster | mention | reference | decision
    agency: str
    quote: str
    where: str
    weight: float
    url: str = ""


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that can be said of a page without looking at any other: what the inbox carries."""

    article: Article
    language: Language
    text_hash: str  # of title and text: tells a changed text
    fingerprint: Fingerprint = Fingerprint()
    evidence: tuple[Evidence, ...] = ()
    dispatches: tuple[str, ...] = ()  # an agency's own ids without the revision, "dpa:240516-99-53606"
    fetched_url: str = ""  # where the id comes from if the canonical address turns out to be shared by strangers
    run: str = ""
    pipeline_version: int = 0


# --- inbox -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a fetch came to: the URL's new state and, where there is one, the analysis. Committed together."""

    state: UrlState
    analysis: Analysis | None = None
    run: str = ""
    detail: str = ""  # the rejection's or failure's message
    unchanged: bool = False  # looked at again, nothing new: counted, nothing filed


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One analysis waiting for the filer, in order of `number`."""

    number: int
    analysis: Analysis


# --- file ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Match:
    """Another article that shares text. Shares of words, 0..1: of mine in it, of it in mine."""

    id: str
    containment: float
    reverse: float
    kind: str  # exact | near | contained | quote


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The edge by which the article joined its story. kind is "none" for a story's root."""

    kind: str = "none"
    of: str = ""
    containment: float = 0.0
    reverse: float = 0.0


@dataclass(frozen=True, slots=True)
class AgencyCredit:
    id: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the text came from, as far as known."""

    url: str = ""
    article_id: str = ""
    site: str = ""
    published_at: datetime | None = None
    how: str = ""  # reference | link | id | agency-member | earliest


@dataclass(frozen=True, slots=True)
class SourceTrace:
    """Who wrote the text, how sure that is and why."""

    kind: str = "unknown"  # agency | mixed | own | unknown
    agencies: tuple[AgencyCredit, ...] = ()
    photo_agencies: tuple[str, ...] = ()
    credited: bool = False
    uncredited_reuse: bool = False
    licensed: bool | None = None
    origin: Origin = Origin()
    evidence: tuple[Evidence, ...] = ()
    lag_seconds: int | None = None  # against the origin
    share_kept: float | None = None  # of the origin's words
    share_added: float | None = None
    words_changed: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """An article as the archive holds it: captured, derived, and its place in a story."""

    article: Article
    language: Language
    text_hash: str
    story: str  # the story's id; never empty
    first_seen: datetime
    story_time: datetime  # earlier of published and first seen, implausible dates set aside
    last_seen: datetime
    fetched_from: str = ""  # the address whose text this is; other twins of the article do not revise it
    revision: int = 1
    is_root: bool = True
    duplicate: Duplicate = Duplicate()
    matches: tuple[Match, ...] = ()
    source: SourceTrace = SourceTrace()
    fingerprint: Fingerprint = Fingerprint()
    local_evidence: tuple[Evidence, ...] = ()
    dispatches: tuple[str, ...] = ()
    part: tuple[tuple[int, int], ...] = ()  # words (first, past the last) of the text that are its story's; empty: all
    also_in: tuple[str, ...] = ()  # other stories that it holds a part of
    withdrawn: bool = False
    pipeline_version: int = 0
    generation: int = 0  # the re-analysis that placed it last
    former_story: str = ""  # while it waits to be placed again: the story that it was the root of

    @property
    def id(self) -> str:
        return self.article.id

    @property
    def age(self) -> tuple[datetime, datetime, str]:
        """Which of two articles came first: the earlier; of one minute the one that was seen first."""
        return self.story_time, self.first_seen, self.article.id


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of an article's text; (article_id, number) is its key, numbers start at 1."""

    article_id: str
    number: int
    title: str
    text: str
    text_hash: str
    fetched_at: datetime
    published_at: datetime | None = None
    modified_at: datetime | None = None
    warc: WarcRef | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """Copies of one report. The id is minted once; merged stories live on as aliases."""

    id: str
    root: str
    copies: int
    first: datetime
    last: datetime
    sites: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    title: str = ""
    credited_by: str = ""  # its earliest member that credits an agency for its text


@dataclass(frozen=True, slots=True)
class Alias:
    """An id that a merged story had, and the story that it resolves to now."""

    alias: str
    story: str


@dataclass(frozen=True, slots=True)
class Edge:
    """A verified pair of articles, at a revision of each."""

    article: str
    other: str
    kind: str
    containment: float
    reverse: float
    longest_run: int = 0
    article_revision: int = 1
    other_revision: int = 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two texts word by word. Shares 0..1: of the other's words kept in mine, of my words not from the other."""

    kept: float
    added: float
    changed: int  # words put for others inside the passages that both have
    longest_run: int = 0


@dataclass(frozen=True, slots=True)
class Probe:
    """Who shares fingerprints with an article, in a window of story time (both ends included)?"""

    hashes: tuple[int, ...]
    since: datetime
    until: datetime
    limit: int = 30


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that shares at least two hashes."""

    id: str
    story: str
    site: str
    at: datetime  # story time
    shared: int


@dataclass(frozen=True, slots=True)
class Furniture:
    """What was learnt of the passages that a site puts on many of its articles. `state` is JSON of duplicates."""

    site: str
    state: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided. Captured, never derived: survives every re-analysis."""

    id: str
    subject: str
    verb: str  # confirm-credit | reject-credit | split | merge | note
    argument: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of one inbox item; written with the batch, so that each is counted once."""

    number: int
    run: str
    result: str  # stored | updated | unchanged


@dataclass(frozen=True, slots=True)
class Changes:
    """One batch of the filer, in the fixed order of writing; every step can be repeated by id."""

    revisions: tuple[Revision, ...] = ()
    documents: tuple[Document, ...] = ()
    edges: tuple[Edge, ...] = ()
    stories: tuple[Story, ...] = ()
    furniture: tuple[Furniture, ...] = ()
    alerts: tuple[Alert, ...] = ()  # those whose keys are known are left as they are
    filed: tuple[Filed, ...] = ()  # last: takes the items out of the inbox
    holder: str = ""  # who files; where named, the store refuses with LeaseLost when another holds the lease


# --- record ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """One crawl of one site (or one import), as it went."""

    id: str
    site: str
    started_at: datetime
    finished_at: datetime | None = None
    status: str = "running"  # running | finished | failed | stopped
    trigger: str = "crawl"  # crawl | schedule | import | scrapy
    error: str = ""
    discovered: int = 0
    fetched: int = 0
    stored: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    rejected: dict[str, int] = field(default_factory=dict)  # by reason


@dataclass(frozen=True, slots=True)
class Rejection:
    """A page that was not stored, and why."""

    run: str
    site: str
    url: str
    reason: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """A small thing to remember between runs of the program."""

    name: str
    value: str


# --- alert -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """What somebody wants to be told of. Texts that are empty, and tuples, ask for nothing.

    `id` is its file's name, or the one that it was added under. Of each filter one value has to be the article's.
    """

    id: str
    query: str = ""  # in the search language; empty: every article
    label: str = ""  # shown in its place; a rule without one is called by its id
    owner: str = ""
    sites: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    credited: bool | None = None
    reused_from: tuple[str, ...] = ()  # agencies whose text it runs without a credit or without a licence
    withdrawn: bool = False  # it still runs what was taken back
    channels: tuple[str, ...] = ()  # names of channels, never their addresses
    cadence: str = "now"  # now | hourly | daily HH:MM | weekly DAY HH:MM
    time_zone: str = ""  # IANA, of the cadence and of days; empty: the settings'
    each: str = "story"  # story | copy
    min_copies: int = 1
    max_age: float = 604_800.0  # seconds; what was older when it was first seen rings for nobody; 0: any age
    spike: float = 0.0  # so many times the mean of the 14 days before; 0: told of each article
    language: str = "en"  # of the messages
    enabled: bool = True
    switched_off: bool = False  # by a command, whatever the file says
    silenced_until: datetime | None = None  # by a command
    silent_until: datetime | None = None  # as its file says
    origin: str = ""  # the file that it is from, with its folder's number; empty: added by a command
    changed_at: datetime | None = None

    @property
    def name(self) -> str:
        return self.label or self.id

    def is_on(self, now: datetime) -> bool:
        """Is it held against articles? A silenced one is not."""
        silent = self.quiet_until
        return self.enabled and not self.switched_off and (silent is None or silent <= now)

    @property
    def quiet_until(self) -> datetime | None:
        """The end of the later silence, of its file's and a command's."""
        return max((one for one in (self.silenced_until, self.silent_until) if one is not None), default=None)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to deliver. `error` is empty where it went well; no secret is in it."""

    at: datetime
    error: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to tell one channel: a row of the outbox. (rule, channel, subject, occurrence) is its key.

    `subject`: story:ID, article:ID, day:DATE or incident:NAME. `occurrence` tells two of one subject apart: a reminder,
    a recovery. `due`: when it is to be sent; those of one channel and digest that are due at once make one message.
    """

    rule: str
    channel: str
    subject: str
    occurrence: str = ""
    made: datetime | None = None
    due: datetime | None = None
    digest: str = ""  # name of the digest that it waits for, e.g. "daily 07:30"; of notices "now"; empty: sent alone
    story: str = ""  # ids at the time
    article: str = ""
    state: str = "waiting"  # waiting | sent | dead | replaced (a later one says it all)
    next_try: datetime | None = None
    attempts: tuple[Attempt, ...] = ()
    note: str = ""  # of an incident and of a spike: what there is to tell, as JSON of the alerts' own
    reached: tuple[str, ...] = ()  # receipts of recipients who took it while others did not; no name can be read
    tried_since: datetime | None = None  # first failure; anew when it is tried again by command

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.rule, self.channel, self.subject, self.occurrence
