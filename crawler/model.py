"""What is out there and what was seen of it: the records every other room reads.

All are frozen msgspec structs, written to disk as they are. Times are aware datetimes, in the file as RFC 3339 text. Hashes are SHA-256 in
lower-case hex and name a blob of the visit folder.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import msgspec


class Block(StrEnum):
    """A group of agencies ranked apart. `so` and `huyen` are bound by the decree but not ranked nationally."""

    BO = "bo"
    CQTCP = "cqtcp"
    TINH = "tinh"
    SO = "so"
    HUYEN = "huyen"


class Agency(msgspec.Struct, frozen=True, kw_only=True):
    """One state agency of a registry edition. `not_assessed` gives the reason where the assessment leaves it out, else ''."""

    id: str
    block: Block
    name: str
    aliases: tuple[str, ...] = ()
    not_assessed: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str = ""

    @property
    def assessed(self) -> bool:
        return not self.not_assessed


class AgencyPortal(msgspec.Struct, frozen=True, kw_only=True):
    """An address under which an agency publishes. Its first portal is the official one; the rest are siblings (other hosts of the agency)."""

    agency: str
    url: str
    sibling: str = ""
    former: bool = False


class TargetKind(StrEnum):
    """How a target is looked for: a section by links, the home page itself, or the search box by two queries."""

    SECTION = "section"
    HOME = "home"
    SEARCH = "search"


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a portal to look for, compiled from a checklist. Words only: what they prove is decided elsewhere.

    labels: what links to it are called; slugs: address words beyond those the labels give; headings: what its landing page is called (labels
    count too); signs: words of the page's own text that confirm it; rejects: labels or headings that show it is something else;
    within: target whose landing pages may hold it as a part (a heading there counts); landings, details, attachments: how many to take;
    file_text: what its files say is read, so they are fetched whole, and those a landing page leads to where no details are asked for.
    """

    id: str
    kind: TargetKind = TargetKind.SECTION
    labels: tuple[str, ...] = ()
    slugs: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    rejects: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    landings: int = 1
    details: int = 0
    attachments: int = 0
    file_text: bool = False


class TargetSet(msgspec.Struct, frozen=True, kw_only=True):
    """The targets of one checklist version, and words no target owns: site map labels, markers of pages that hold nothing. `digest` is SHA-256 of the rest."""

    checklist: str
    targets: tuple[Target, ...]
    sitemap_labels: tuple[str, ...] = ()
    nonsense_query: str = ""
    digest: str = ""


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """What one visit may spend. seconds counts working time, not the pauses politeness demands."""

    navigations: int = 250
    megabytes: int = 40
    seconds: int = 900


class VisitRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One look at one agency's portals, fully determined: the same request and the same portal give the same pages in the same order.

    id names the sealed folder. number counts an agency's visits in a campaign from 1. siblings maps a name to the address of a further portal.
    now is the time recency is judged against; declared_address is the address the agency gives for its portal.
    """

    id: str
    campaign: str
    agency: str
    agency_name: str
    block: Block
    portal: str
    declared_address: str
    now: datetime
    number: int = 1
    attempt: int = 1
    siblings: dict[str, str] = {}
    budget: Budget = Budget()
    pictures: bool = True


class VisitStatus(StrEnum):
    """What became of one request to a portal. Only `ok` carries a page to judge; `not-found` is the portal's own word."""

    OK = "ok"
    NOT_FOUND = "not-found"
    CLIENT_ERROR = "client-error"
    SERVER_ERROR = "server-error"
    SOFT_NOT_FOUND = "soft-not-found"
    HOME_FALLBACK = "home-fallback"
    MAINTENANCE = "maintenance"
    LOGIN_WALL = "login-wall"
    BLOCKED = "blocked"
    CAPTCHA = "captcha"
    RATE_LIMITED = "rate-limited"
    ROBOTS = "robots"
    OFF_LIMITS = "off-limits"
    DNS_FAILURE = "dns-failure"
    RESOLVER_TIMEOUT = "resolver-timeout"
    CONNECT_TIMEOUT = "connect-timeout"
    REFUSED = "refused"
    RESET = "reset"
    UNREACHABLE = "unreachable"
    TLS_EXPIRED = "tls-expired"
    TLS_NAME = "tls-name"
    TLS_ISSUER = "tls-issuer"
    TLS_PROTOCOL = "tls-protocol"
    SLOW_FIRST_BYTE = "slow-first-byte"
    SLOW_BODY = "slow-body"
    TOO_LARGE = "too-large"
    DECOMPRESSION_BOMB = "decompression-bomb"
    REDIRECT_LOOP = "redirect-loop"
    BROWSER_CRASH = "browser-crash"
    OURS = "ours"


class Role(StrEnum):
    """Why a page was fetched. home-again: home once more, to tell a wall from pages that are closed; what it says was read before."""

    HOME = "home"
    HOME_AGAIN = "home-again"
    CANDIDATE = "candidate"
    LANDING = "landing"
    DETAIL = "detail"
    ATTACHMENT = "attachment"
    SITEMAP = "sitemap"
    SEARCH_KNOWN = "search-known"
    SEARCH_NONSENSE = "search-nonsense"
    RANDOM_PATH = "random-path"
    ROBOTS = "robots"


class TargetRole(msgspec.Struct, frozen=True):
    """What a page turned out to be for a target: a rejected candidate, its landing page, one of its details or attachments."""

    target: str
    role: Role


class Redirect(msgspec.Struct, frozen=True):
    """One hop: the address asked, and the HTTP status that sent it on."""

    url: str
    status: int


class PageVisit(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a visit: what was asked, what came back, and the stored evidence. A line of pages.jsonl.

    clicks: ordinary links followed from home to reach it by the shortest way seen (where only scripts lead there, those pressed), or None where
    nothing leads there. timings are seconds by phase. body, dom, screenshot and
    layout are hashes of blobs; a page with a dom was rendered, and is judged on that dom. tls: what crawler.tls found of its https host, with the
    first page people read of each host. note says what a person should know of the picture (clipped, overlay dismissed). part: of a file only
    the first bytes were asked for, so body is its beginning; whole_size is what the portal says the file has, None where it does not say.
    """

    id: str
    requested_url: str
    final_url: str
    status: VisitStatus
    started_at: datetime
    roles: tuple[TargetRole, ...] = ()
    role: Role = Role.CANDIDATE
    redirects: tuple[Redirect, ...] = ()
    http_status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = ""
    size: int = 0
    clicks: int | None = None
    label: str = ""
    referrer: str = ""
    query: str = ""
    sibling: str = ""
    timings: dict[str, float] = {}
    tls: dict[str, str] = {}
    address: str = ""
    body: str | None = None
    dom: str | None = None
    screenshot: str | None = None
    layout: str | None = None
    note: str = ""
    error: str = ""
    part: bool = False
    whole_size: int | None = None


class CandidateState(StrEnum):
    """What became of a link that looked like a target. `alike`: left unread, being one more of several that were read and were not it, or another
    order or part of its landing page."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    FAILED = "failed"
    ALIKE = "alike"
    UNVISITED = "unvisited"


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A link weighed for a target. score is 0–1; why says which sign gave it."""

    url: str
    label: str
    place: str
    score: float
    why: str
    state: CandidateState
    clicks: int | None = None


class TargetView(msgspec.Struct, frozen=True, kw_only=True):
    """How thoroughly one target was looked for. Only `full` lets its absence be stated; otherwise `gap` says what is missing.

    samples_full: every sample the quota asked for was read (or all there are), so an element may be called absent.
    """

    target: str
    full: bool
    gap: str = ""
    landings: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    samples_full: bool = True
    candidates: tuple[Candidate, ...] = ()


class Vantage(msgspec.Struct, frozen=True, kw_only=True):
    """Where the portal was looked at from."""

    resolver: str = ""
    address_family: str = ""
    time_zone: str = "Asia/Ho_Chi_Minh"
    user_agent: str = ""
    browser: str = ""
    closed_world: str = ""
    pace_seconds: float = 1.0


class StopReason(StrEnum):
    """Why a visit ended."""

    DONE = "done"
    NAVIGATIONS = "navigations"
    MEGABYTES = "megabytes"
    SECONDS = "seconds"
    UNREACHABLE = "unreachable"
    BLOCKED = "blocked"
    OURS = "ours"


class Unseen(msgspec.Struct, frozen=True, kw_only=True):
    """A link worth following that no one followed, and how like the target still missing it looked (0–1)."""

    url: str
    label: str
    target: str
    score: float


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One visit as sealed: visit.json. reached tells whether home gave a page to judge; status is home's own. left_unseen counts links worth
    following that were not, unseen holds the most promising of them, the best first."""

    request: VisitRequest
    targets_digest: str
    software: str
    vantage: Vantage
    started_at: datetime
    finished_at: datetime
    status: VisitStatus
    stop: StopReason
    navigations: int
    bytes_read: int
    views: tuple[TargetView, ...]
    left_unseen: int = 0
    unseen: tuple[Unseen, ...] = ()

    @property
    def reached(self) -> bool:
        return self.status is VisitStatus.OK


# --- facts: what a page says, whoever asks -----------------------------------------------------------------------------------------------


class Place(StrEnum):
    """Where on a page something stands."""

    MENU = "menu"
    FOOTER = "footer"
    BREADCRUMB = "breadcrumb"
    SIDE = "side"
    BODY = "body"


# Links, headings and texts hold no other record: the search for circles need not look at the thousands of them a visit keeps.
class Link(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A way off the page, resolved to an absolute address without fragment. label is its visible text, else alt, title or aria-label; scripted:
    only a script follows it, so that it is no ordinary link."""

    url: str
    label: str
    place: Place
    title: str = ""
    selector: str = ""
    scripted: bool = False


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """Something to press: label as for links; script is what its address or handler says ('' where a script attaches to it from elsewhere);
    icon holds the class words of it and what it holds."""

    label: str
    script: str
    selector: str
    place: Place
    icon: str = ""


class Heading(msgspec.Struct, frozen=True, gc=False):
    """A heading and its level (1–6)."""

    level: int
    text: str
    selector: str
    place: Place = Place.BODY


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """An input of a form; label is its label, placeholder or title; kind its type (text, hidden, submit, select, textarea …)."""

    name: str
    kind: str
    label: str = ""
    value: str = ""


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A form, or a lone search box without one (action ''). searches: it looks like a box to search the portal with."""

    action: str
    method: str
    fields: tuple[Field, ...]
    selector: str
    searches: bool = False


class Text(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A run of text as a reader sees it: one paragraph, cell, list item or heading. NFC, white space folded. Where its letters stood for others,
    garbled names the encoding and shown is what the page's letters show; both '' elsewhere."""

    text: str
    selector: str
    place: Place
    tag: str = ""
    garbled: str = ""
    shown: str = ""


class Row(msgspec.Struct, frozen=True):
    """A table row: cells' texts (spans repeated so columns line up), whether it is a heading row, links in it, its selector."""

    cells: tuple[str, ...]
    heading: bool
    links: tuple[str, ...]
    selector: str


class Table(msgspec.Struct, frozen=True):
    """A table that holds data, not layout."""

    rows: tuple[Row, ...]
    selector: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One member of a repeated list (news items, documents, notices): its link, title, date where one stands beside it, all its text."""

    url: str
    title: str
    text: str
    selector: str
    date: date | None = None


class DateMention(msgspec.Struct, frozen=True):
    """A calendar date as written on the page."""

    date: date
    quote: str
    selector: str


class DocumentFields(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of one legal document, each as (value, selector) where found: number (số ký hiệu), kind (hình thức), issuer, signer,
    abstract (trích yếu); dates as written; files: addresses to download it from."""

    selector: str
    number: str = ""
    kind: str = ""
    issuer: str = ""
    signer: str = ""
    abstract: str = ""
    issued: date | None = None
    effective: date | None = None
    effective_text: str = ""
    files: tuple[str, ...] = ()
    url: str = ""
    selectors: dict[str, str] = {}


class FileKind(StrEnum):
    """What a file is by its first bytes. ole: old Word, Excel or PowerPoint; zip: an archive, perhaps an office file; archive: another;
    word-html: a page that an office program saved; html: any other page, as those that say a file is gone."""

    PDF = "pdf"
    DOC = "doc"
    DOCX = "docx"
    XLS = "xls"
    XLSX = "xlsx"
    PPTX = "pptx"
    OLE = "ole"
    RTF = "rtf"
    ZIP = "zip"
    ARCHIVE = "archive"
    PICTURE = "picture"
    WORD_HTML = "word-html"
    HTML = "html"
    EMPTY = "empty"
    UNKNOWN = "unknown"


class FileState(StrEnum):
    """What came of reading a file: its text; a scanned one without text; nothing in it; a password on it; bytes that are no such file; or it was
    not read: only its beginning was fetched, it is of a kind that is not read, or it asked too much time or memory."""

    TEXT = "text"
    SCANNED = "scanned"
    EMPTY = "empty"
    ENCRYPTED = "encrypted"
    BROKEN = "broken"
    UNREAD = "unread"


class FileText(msgspec.Struct, frozen=True):
    """What a file says, line by line, in Unicode and NFC; a table's row is a line with bars between its cells."""

    state: FileState
    lines: tuple[str, ...] = ()


class FileFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An attached file: what it really is, whether that is what its name promises, its size in bytes (None where the portal did not tell),
    and what came of reading it, line by line."""

    kind: FileKind
    fits: bool
    size: int | None = None
    state: FileState = FileState.UNREAD
    lines: tuple[str, ...] = ()


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    """What gathering needs of a page, cheap to read: its names, its links, its forms. text_length counts visible characters, scripts script
    elements, idle what is there to be pressed and leads to no address by itself. scripted tells that the page seems to be built by script (an app
    root with no content). brief is all the text of a page that has little, else ''. encoding is the one the page was read in, declared the one it
    claims to be in ('' where it claims none)."""

    url: str
    title: str
    headings: tuple[Heading, ...]
    breadcrumb: tuple[str, ...]
    links: tuple[Link, ...]
    forms: tuple[Form, ...]
    lang: str
    encoding: str
    text_length: int
    scripted: bool
    frames: tuple[str, ...] = ()
    refresh: str = ""
    scripts: int = 0
    idle: int = 0
    brief: str = ""
    declared: str = ""


class PageFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a page says. evidence is the hash of the bytes it was read from (dom where rendered, else body); visit its line of pages.jsonl;
    undescribed the selectors of pictures without any alternative text (an empty one says: mere decoration). file: what an attached file is."""

    url: str
    evidence: str
    outline: Outline
    texts: tuple[Text, ...] = ()
    tables: tuple[Table, ...] = ()
    entries: tuple[Entry, ...] = ()
    dates: tuple[DateMention, ...] = ()
    documents: tuple[DocumentFields, ...] = ()
    images: tuple[Link, ...] = ()
    meta: dict[str, str] = {}
    visit: PageVisit | None = None
    controls: tuple[Control, ...] = ()
    undescribed: tuple[str, ...] = ()
    file: FileFacts | None = None


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """Everything seen of one agency in one visit. template holds the texts that recur over the portal's pages (menus, footers, side boxes)."""

    visit: Visit
    pages: tuple[PageFacts, ...]
    failures: tuple[PageVisit, ...] = ()
    template: frozenset[str] = frozenset()

    def view(self, target: str) -> TargetView | None:
        """The view of a target, or None where it was not pursued."""
        return next((view for view in self.visit.views if view.target == target), None)

    def pages_of(self, target: str, *roles: Role) -> tuple[PageFacts, ...]:
        """The pages that answer to a target in the given roles (landing and detail unless told), in the order they were seen."""
        wanted = roles or (Role.LANDING, Role.DETAIL)
        return tuple(
            page
            for page in self.pages
            if page.visit and any(r.target == target and r.role in wanted for r in page.visit.roles)
        )

    def files_of(self, target: str) -> tuple[PageFacts, ...]:
        """The files sampled of a target, in the order they were seen."""
        return tuple(page for page in self.pages_of(target, Role.ATTACHMENT) if page.file is not None)

    @property
    def home(self) -> PageFacts | None:
        return next((page for page in self.pages if page.visit and page.visit.role is Role.HOME), None)

    def only(self, targets: frozenset[str]) -> Dossier:
        """The dossier narrowed to home and the pages that answer to the given targets, so an evaluator sees what it declared and no more."""
        pages = tuple(
            page for page in self.pages
            if page.visit and (page.visit.role is Role.HOME or any(r.target in targets for r in page.visit.roles))
        )  # fmt: skip
        views = tuple(view for view in self.visit.views if view.target in targets)
        return msgspec.structs.replace(self, pages=pages, visit=msgspec.structs.replace(self.visit, views=views))
