"""A workspace to review: two agencies judged from sealed visits with real pictures, five people, and one portal that means harm."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import msgspec
from PIL import Image, ImageDraw
from starlette.testclient import TestClient

from checklists.load import load_checklist
from checklists.merge import merge
from checklists.model import ElementFinding, Finding, Item, Outcome, Pointer, Verdict
from checklists.targets import digest
from crawler.archive import BlobKind, Exchange
from crawler.model import (
    Block,
    Candidate,
    CandidateState,
    PageVisit,
    StopReason,
    Target,
    TargetSet,
    TargetView,
    Unseen,
    Vantage,
    Visit,
    VisitRequest,
    VisitStatus,
)
from crawler.model import (
    Role as PageRole,
)
from crawler.visit_folder import open_writer
from output import reviews
from output.accounts import Role, create_account
from output.store import write_judged
from output.web.app import create_app
from output.workspace import init_workspace, open_workspace

NOW = datetime(2017, 3, 20, 2, tzinfo=UTC)
PASSWORD = "mật khẩu dùng để thử"
PEOPLE = {
    "chu": Role.ADMINISTRATOR,
    "an": Role.AUDITOR,
    "binh": Role.AUDITOR,
    "kiem": Role.INSPECTOR,
    "diem": Role.SCORER,
}
BARE = TargetSet(checklist="nd43-2011@1", targets=(Target(id="news"),))
TARGETS = msgspec.structs.replace(BARE, digest=digest(BARE))
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)><svg onload=alert(3)>\u202egnp.exe\x00{{ 7*7 }}</textarea></title>"
HTML = f"<html><title>{HOSTILE}</title><script>alert(4)</script></html>".encode()
CHECKLIST = load_checklist()
SEARCH = next(item for item in CHECKLIST.items if item.id == "search")
NEWS = next(item for item in CHECKLIST.items if item.id == "news")
PATHS = ("html > body:nth-child(2) > form:nth-child(1)", "html > body:nth-child(2) > div:nth-child(2)")


def picture() -> bytes:
    image = Image.new("RGB", (1024, 1800), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 1024, 120), fill=(20, 80, 140))
    pen.rectangle((600, 140, 960, 190), outline="black")
    pen.rectangle((60, 900, 960, 1400), outline="black")
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def layout() -> bytes:
    boxes = [[PATHS[0], 600, 140, 360, 50], [PATHS[1], 60, 900, 900, 500]]
    return msgspec.json.encode({"width": 1024, "height": 1800, "clipped_height": 1800, "scale": 1, "boxes": boxes})


def visit_of(agency: str, name: str, number: int, status: VisitStatus = VisitStatus.OK) -> Visit:
    request = VisitRequest(
        id=f"2016.{agency}.{number}", campaign="2016", agency=agency, agency_name=name, block=Block.TINH,
        portal=f"http://{agency}.gov.vn/", declared_address=f"http://{agency}.gov.vn/", now=NOW - timedelta(days=5 - number),
        number=number,
    )  # fmt: skip
    candidates = (
        Candidate(
            url="javascript:alert(5)",
            label=HOSTILE,
            place="menu",
            score=0.4,
            why="label",
            state=CandidateState.REJECTED,
        ),
        Candidate(
            url=f"http://{agency}.gov.vn/tim",
            label="Tìm",
            place="menu",
            score=0.9,
            why="label",
            state=CandidateState.CONFIRMED,
        ),
    )
    return Visit(
        request=request, targets_digest=TARGETS.digest, software="kiemcong 0.1.0", vantage=Vantage(user_agent="KiemCong/0.1"),
        started_at=request.now, finished_at=request.now, status=status, stop=StopReason.DONE, navigations=2, bytes_read=9,
        left_unseen=1, unseen=(Unseen(url=f"http://{agency}.gov.vn/ban-do", label=HOSTILE, target="news", score=0.71),),
        views=(TargetView(target="search", full=True, candidates=candidates), TargetView(target="news", full=False, gap="no-menu")),
    )  # fmt: skip


def seal(visits: Path, visit: Visit) -> tuple[str, ...]:
    """The folder of a visit with a page that has everything, and one that has neither picture nor layout; the hash of their source."""
    with open_writer(visits, visit.request.id, 1, started_at=NOW) as writer:
        for number, whole in enumerate((True, False)):
            url = f"{visit.request.portal}{number}"
            body = writer.exchange(Exchange(url=url, started_at=NOW, status=200, body=HTML))
            page = PageVisit(
                id=f"{number:04}", requested_url=url, final_url=url, status=VisitStatus.OK, started_at=NOW, body=body,
                role=PageRole.HOME if whole else PageRole.DETAIL,
            )  # fmt: skip
            if whole:
                page = msgspec.structs.replace(
                    page,
                    screenshot=writer.resource(url, NOW, picture(), BlobKind.PICTURE),
                    layout=writer.resource(url, NOW, layout(), BlobKind.LAYOUT),
                )
            writer.page(page)
        writer.seal(visit, TARGETS)
    return (body,)


def finding_of(visit: Visit, item: Item, outcomes: dict[str, Outcome], quote: str, url: str) -> Finding:
    """A finding with a pointer for each element: the first two with a picture, the third on the page without one, others with none."""
    pages = ("0000", "0000", "0001")
    elements = []
    for place, element in enumerate(item.elements):
        outcome = outcomes.get(element.id, Outcome.MET)
        seen = ()
        if place < 3 and outcome is not Outcome.NOT_OBSERVED:
            seen = (Pointer(sha256="a" * 64, url=url, selector=PATHS[place % 2], quote=quote, page=pages[place]),)
        verdict = Verdict(outcome=outcome, reason="thu", seen=seen)
        elements.append(ElementFinding(element=element.id, verdict=verdict, message=f"Máy thấy: {quote}", clicks=1))
    unsure = any(one.verdict.outcome is Outcome.UNSURE for one in elements)
    distinct = {one.verdict.outcome for one in elements}
    outcome = Outcome.UNSURE if unsure else distinct.pop() if len(distinct) == 1 else Outcome.PARTLY_MET
    return Finding(
        id=f"{visit.request.id}/{item.id}", visit=visit.request.id, campaign="2016", agency=visit.request.agency, item=item.id,
        checklist="nd43-2011@1", checklist_digest=CHECKLIST.digest, outcome=outcome, message=f"Kết luận: {quote}",
        elements=tuple(elements), needs_person=unsure, clicks=1, seen_at=visit.request.now.isoformat(),
    )  # fmt: skip


@dataclass
class Bench:
    """The workspace, the clock its page goes by, and its people logged in on demand."""

    path: Path
    now: datetime = NOW
    clients: dict[str, TestClient] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.app = create_app(self.path, clock=lambda: self.now, looks=1)

    def anyone(self) -> TestClient:
        return TestClient(self.app, base_url="http://127.0.0.1", follow_redirects=False)

    def client(self, login: str) -> TestClient:
        """The person's browser, logged in."""
        if login not in self.clients:
            client = self.anyone()
            sent = {"login": login, "password": PASSWORD, "csrf": csrf(client.get("/login").text), "next": "/"}
            answer = client.post("/login", data=sent)
            assert (answer.status_code, answer.headers["location"]) == (303, "/"), answer.text
            self.clients[login] = client
        return self.clients[login]

    def rejudge(self, quote: str = "Tìm kiếm", outcome: Outcome = Outcome.NOT_MET) -> None:
        """The claims as another judging leaves them: the second element of the first agency's search has this outcome."""
        judged(self.path, quote, outcome)


def judged(path: Path, quote: str, outcome: Outcome) -> None:
    visits = [visit_of("da-nang", "Đà Nẵng", 1), visit_of("da-nang", "Đà Nẵng", 2), visit_of("xau", HOSTILE, 1)]
    findings = [
        finding
        for visit in visits
        for finding in (
            finding_of(visit, SEARCH, {SEARCH.elements[1].id: outcome}, quote, "http://da-nang.gov.vn/tim?q=1"),
            finding_of(visit, NEWS, {NEWS.elements[1].id: Outcome.UNSURE}, quote, "http://da-nang.gov.vn/tin"),
        )
        if visit.request.agency == "da-nang"
    ]
    bad = visits[-1]
    findings.append(
        finding_of(
            bad, SEARCH, {SEARCH.elements[0].id: Outcome.NOT_MET}, HOSTILE + "x" * 1_000_000, "javascript:alert(6)"
        )
    )
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.agency, finding.item), []).append(finding)
    write_judged(path / "store.sqlite", "2016", visits, findings, [merge(group) for group in groups.values()])


def make(path: Path) -> Path:
    """The workspace, its visits sealed and judged, its people known."""
    with init_workspace(path, "an@example.vn", now=NOW) as workspace:
        for login, role in PEOPLE.items():
            create_account(workspace.conn, login, f"Người {login}", role, now=NOW, password=PASSWORD)
        for visit in (
            visit_of("da-nang", "Đà Nẵng", 1),
            visit_of("da-nang", "Đà Nẵng", 2),
            visit_of("xau", HOSTILE, 1),
        ):
            seal(workspace.visits, visit)
    judged(path, "Tìm kiếm", Outcome.NOT_MET)
    return path


def csrf(page: str) -> str:
    """The token of a page's forms."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found, page[:500]
    return found[1]


def hidden(page: str, action: str) -> dict[str, str]:
    """The hidden and chosen fields of the page's form with that action."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    assert form, f"no form for {action}"
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))
    return fields | dict(re.findall(r'<input type="radio" name="([^"]+)" value="([^"]*)" checked', form[0]))


CLAIM = "/claim/2016/da-nang/search"
FOUND = f"element.{SEARCH.elements[1].id}"


def send(bench: Bench, who: str, act: str, claim: str = CLAIM, **fields: str) -> int:
    """What the claim page's form gives when the person sends it; '.' in a field's name is written '__'."""
    client = bench.client(who)
    form = hidden(client.get(claim).text, f"{claim}/decide")
    path = f"{claim}/recheck" if act == "recheck" else f"{claim}/decide"
    return client.post(
        path, data=form | {"act": act} | {k.replace("__", "."): v for k, v in fields.items()}
    ).status_code


def entries(bench: Bench) -> list[reviews.Review]:
    with open_workspace(bench.path) as workspace:
        return list(reviews.reviews(workspace.conn))
