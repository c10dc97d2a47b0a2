"""An overturn as a case: pages as they were judged, files, pictures, what could not be read; and the case judges as a case does."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from checklists.load import load_checklist
from checklists.model import Claim, Outcome
from checklists.review import GENESIS, Act, Review, machine_outcomes
from crawler.archive import BlobKind, Exchange
from crawler.model import PageVisit, Role, TargetRole, VisitStatus
from crawler.visit_folder import open_writer
from output.case_folder import write_case
from output.exits import Stop
from output.judging import claims_of, judge
from tests.items.test_cases import case_of, dossier_of, judged
from tests.output.web.bench import NOW, TARGETS, picture, visit_of

CHECKLIST = load_checklist()
DOM = b"<html><head><meta charset=utf-8><title>Tin</title></head><body><h1>Tin t\xe1\xbb\xa9c</h1><p>T\xe1\xbb\xab http://mau-cu.gov.vn/</p></body></html>"


def sealed(visits: Path) -> Path:
    """A visit with a rendered and photographed home, a news page, a file that belongs to it, and one that could not be read."""
    visit = visit_of("da-nang", "Đà Nẵng", 1)
    portal = visit.request.portal.rstrip("/")
    of_news = (TargetRole("news", Role.LANDING),)
    with open_writer(visits, visit.request.id, 1, started_at=NOW) as writer:

        def row(number: int, path: str, **fields: object) -> PageVisit:
            url = f"{portal}{path}"
            base = {
                "requested_url": url,
                "final_url": url,
                "status": VisitStatus.OK,
                "started_at": NOW,
                "clicks": number,
            }
            return PageVisit(**{"id": f"{number:04}", **base, **fields})  # type: ignore[arg-type]

        body = writer.exchange(Exchange(url=portal, started_at=NOW, status=200, body=b"<html></html>"))
        dom = writer.resource(portal, NOW, DOM, BlobKind.DOM)
        shot = writer.resource(portal, NOW, picture(), BlobKind.PICTURE)
        writer.page(row(0, "/", role=Role.HOME, body=body, dom=dom, screenshot=shot))
        text = writer.exchange(
            Exchange(url=portal, started_at=NOW, status=200, body=f"<a href='{portal}/x'>Tin</a>".encode())
        )
        writer.page(row(1, "/tin", role=Role.LANDING, roles=of_news, body=text, content_type="text/html"))
        file = writer.exchange(Exchange(url=portal, started_at=NOW, status=200, body=b"%PDF-1.4"))
        attached = (TargetRole("news", Role.ATTACHMENT),)
        writer.page(
            row(
                2,
                "/tep.PDF?x=1",
                role=Role.ATTACHMENT,
                roles=attached,
                body=file,
                content_type="application/pdf",
                label="Tệp",
            )
        )
        writer.page(row(3, "/hong", roles=of_news, status=VisitStatus.SERVER_ERROR))
        writer.seal(visit, TARGETS)
    return visits / visit.request.id


def overturned(claim: Claim) -> list[Review]:
    """Two people agree on another outcome of the first element."""
    machine = machine_outcomes(claim)
    first = next(iter(machine))
    said = machine | {first: Outcome.NOT_MET if machine[first] is not Outcome.NOT_MET else Outcome.MET}
    return [
        Review(number=n, campaign=claim.campaign, agency=claim.agency, item=claim.item, claim=claim.digest, act=Act.OVERTURN,
               elements=said, text="đã xem", reviewer=who, reviewed_at=NOW, previous=GENESIS)
        for n, who in enumerate(("an", "binh"), 1)
    ]  # fmt: skip


def test_a_case_holds_what_was_judged_and_what_was_not_read(tmp_path: Path) -> None:
    folder = sealed(tmp_path / "visits")
    (claim,) = [one for one in claims_of(CHECKLIST, judge(CHECKLIST, [folder])) if one.item == "news"]
    made = write_case(tmp_path / "visits", CHECKLIST, claim, overturned(claim), tmp_path / "items")
    case, finding = case_of(made), judged(made)
    assert {path.name for path in made.iterdir()} == {"case.yml", "01.html", "01.png", "02.html", "03.pdf"}
    assert (made / "01.html").read_bytes() == DOM, "the DOM it was judged on, not the bytes that came"
    assert b"http://mau.gov.vn/x" in (made / "02.html").read_bytes()
    assert (made / "03.pdf").read_bytes() == b"%PDF-1.4"
    assert case["failures"] == [{"url": "http://mau.gov.vn/hong", "status": "server-error"}]
    assert finding.item == "news"
    dossier = dossier_of(made, case, CHECKLIST)
    assert [page.outline.title for page in dossier.pages][2] == "Tệp"
    assert [each.status for each in dossier.failures] == [VisitStatus.SERVER_ERROR]
    with pytest.raises(Stop, match="there already"):
        write_case(tmp_path / "visits", CHECKLIST, claim, overturned(claim), tmp_path / "items")


def test_what_rests_on_probes_has_no_form_as_a_case(tmp_path: Path) -> None:
    folder = sealed(tmp_path / "visits")
    (claim,) = [one for one in claims_of(CHECKLIST, judge(CHECKLIST, [folder])) if one.item == "news"]
    service = msgspec.structs.replace(claim, item="dvc.x")
    with pytest.raises(Stop, match="rests on weeks of probes"):
        write_case(tmp_path / "visits", CHECKLIST, service, overturned(service), tmp_path / "items")
