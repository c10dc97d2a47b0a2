"""Services with twelve sealed batches of probes over four days, evidence stored at every change of state: one of each kind a person meets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import msgspec
from PIL import Image

from checklists.load import load_checklist
from crawler.archive import BlobKind, Exchange
from crawler.model import Vantage, VisitStatus
from crawler.services import batches
from crawler.services.batch_folder import open_batch
from crawler.services.model import Batch, Layer, Outcome, PlannedBatch, Probe, Service, Try
from output.commands.judge import evaluate_campaign
from output.services import store_services
from output.workspace import open_workspace

START = datetime(2017, 2, 2, 2, tzinfo=UTC)
GRACE = timedelta(hours=3)
BATCHES = 12
SELECTOR = "html > body:nth-child(2) > h1:nth-child(1)"

PAGES = {
    "nop": (
        "<h1>Cấp phép xây dựng</h1><p>Trình tự thực hiện</p><p>Thời hạn giải quyết: 5 ngày</p><p>Lệ phí: không</p>"
        "<a href='/don.doc'>Mẫu đơn</a><a href='/nop'>Nộp hồ sơ trực tuyến</a><a href='/tra'>Tra cứu hồ sơ</a>"
        "<form><label>Họ tên<input name=a></label><label>Số nhà<input name=b></label><label>Điện thoại<input name=c></label>"
        "<input type=file name=d></form>"
        "<form><label>Mã hồ sơ<input name=m></label></form><a href='/hd.pdf'>Hướng dẫn sử dụng dịch vụ</a>"
    ),
    "tin": "<h1>Đăng ký hộ tịch</h1><p>Trình tự thực hiện: đến trụ sở</p><p>Thành phần hồ sơ: đơn</p><p>Thời hạn giải quyết: 5 ngày</p>",
    "loi": "<h1>Lỗi máy chủ</h1><p>Server Error in '/' Application.</p>",
}  # fmt: skip


def html(body: str) -> bytes:
    return f"<!DOCTYPE html><html><head><title>Dịch vụ công</title></head><body>{body}</body></html>".encode()


def shows(name: str, number: int) -> tuple[Outcome, str]:
    """What a service shows in the batch of that number, and the page it gives."""
    if name == "chan":
        return Outcome.BLOCKED, ""
    if name.startswith("chet") or (name == "lac" and 3 <= number < 9):
        return Outcome.DOWN, "loi"
    return Outcome.ALIVE, "tin" if name == "thieu" else "nop"


NAMES = {
    "song": "Cấp phép xây dựng",
    "lac": "Cấp giấy phép lái xe",
    "chet": "Đăng ký kinh doanh",
    "thieu": "Đăng ký hộ tịch",
    "chan": "Cấp đổi thẻ",
}


def declared(names: Iterable[str] = NAMES, agency: str = "da-nang") -> list[Service]:
    return [
        Service(id=n, agency=agency, name=NAMES.get(n, n), level=3 + (n == "chet"), url=f"http://{n}.gov.vn/dv") for n in names
    ]  # fmt: skip


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (1024, 700), "white").save(out, "PNG")
    return out.getvalue()


def layout() -> bytes:
    boxes = [[SELECTOR, 40, 60, 500, 40]]
    return msgspec.json.encode({"width": 1024, "height": 700, "clipped_height": 700, "scale": 1, "boxes": boxes})


def planned(number: int) -> PlannedBatch:
    at = START + timedelta(hours=8 * number)
    return PlannedBatch(id=f"2016.probes.{number:03d}", campaign="2016", group=1, stratum="x", part=1, at=at)


def probe_all(
    folder: Path,
    services: Iterable[Service],
    shown: Callable[[str, int], tuple[Outcome, str]] = shows,
    numbers: Iterable[int] = range(BATCHES),
    portals: Iterable[Service] = (),
) -> None:
    """The services declared, planned and probed, portals probed beside them; each batch sealed and booked."""
    found = list(services)
    with open_workspace(folder) as opened:
        store_services(opened.conn, found, file="test", now=START)
        found += portals
        plan = [planned(number) for number in range(BATCHES)]
        batches.store_plan(opened.conn, "2016", {one.id: 1 for one in found}, plan, now=START, grace=GRACE)
        opened.probes.mkdir(exist_ok=True)
        for number in numbers:
            batch = planned(number)
            last = batches.last_states(opened.conn, "2016", [one.id for one in found])
            seal(opened.probes, batch, {one: shown(one.id, number) for one in found}, last)
            held = batches.lease(opened.conn, now=batch.at, owner="x", ttl=GRACE)
            assert held
            states = {one.id: (batch.at, shown(one.id, number)[0]) for one in found}
            telling = {name: state for name, state in states.items() if state[1] in (Outcome.ALIVE, Outcome.DOWN)}
            batches.finish(opened.conn, held, telling, now=batch.at)


def seal(
    probes: Path, batch: PlannedBatch, showing: Mapping[Service, tuple[Outcome, str]], last: Mapping[str, Outcome]
) -> None:
    with open_batch(probes, batch.id, 1, started_at=batch.at) as writer:
        for service, (outcome, page) in showing.items():
            layer = Layer.HTTP if outcome is Outcome.DOWN else Layer.NONE
            status = {Outcome.DOWN: VisitStatus.SERVER_ERROR, Outcome.BLOCKED: VisitStatus.CAPTCHA}.get(
                outcome, VisitStatus.OK
            )
            changed = page != "" and last.get(service.id) is not outcome
            made = Try(at=batch.at, outcome=outcome, status=status, layer=layer, http_status=500 if outcome is Outcome.DOWN else 200,
                       phases={"dns": 0.01, "connect": 0.02}, address="127.0.0.1")  # fmt: skip
            if changed:
                body = html(PAGES[page])
                made = msgspec.structs.replace(
                    made,
                    body=writer.exchange(Exchange(url=service.url, started_at=batch.at, status=made.http_status or 0, body=body)),
                    headers=(("Content-Type", "text/html; charset=utf-8"),),
                    dom=writer.resource(service.url, batch.at, body, BlobKind.DOM),
                    picture=writer.resource(service.url, batch.at, picture(), BlobKind.PICTURE),
                    layout=writer.resource(service.url, batch.at, layout(), BlobKind.LAYOUT),
                )  # fmt: skip
            writer.probe(Probe(service=service.id, url=service.url, at=batch.at, outcome=outcome, layer=layer, changed=changed,
                               tries=(made,)))  # fmt: skip
        writer.seal_batch(
            Batch(id=batch.id, campaign="2016", group=1, stratum="x", planned_at=batch.at, started_at=batch.at,
                  finished_at=batch.at, probes=len(showing), controls=(), rules_digest="0", software="kiemcong test",
                  vantage=Vantage())
        )  # fmt: skip


def evaluate(folder: Path) -> None:
    """The campaign's claims as they are now stand in the store."""
    with open_workspace(folder) as opened:
        evaluate_campaign(opened, load_checklist(), "2016")
