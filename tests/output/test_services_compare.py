"""`kiemcong services compare` over a sealed visit."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from crawler.archive import Exchange
from crawler.model import PageVisit, Role, TargetSet, VisitStatus
from crawler.services.model import Service
from crawler.visit_folder import open_writer
from output.cli import run
from output.services import store_services
from output.workspace import init_workspace, open_workspace
from tests.output.judged import NOW, visit_of

URL = "http://da-nang.gov.vn/dvc"
HTML = (
    "<html><head><title>DVC</title></head><body><h1>Dịch vụ công trực tuyến</h1><ul><li>Cấp phép xây dựng - mức độ 3</li>"
    "<li>Đăng ký kinh doanh - mức độ 4</li></ul></body></html>"
).encode()


def seal(folder: Path) -> None:
    visit = visit_of("2016", "da-nang")
    name = visit.request.id
    with open_workspace(folder) as opened, open_writer(opened.visits, name, 1, started_at=NOW) as writer:
        kind = (("Content-Type", "text/html; charset=utf-8"),)
        body = writer.exchange(Exchange(url=URL, started_at=NOW, status=200, body=HTML, headers=kind))
        writer.page(
            PageVisit(id="0001", requested_url=URL, final_url=URL, status=VisitStatus.OK, started_at=NOW, role=Role.HOME,
                      http_status=200, content_type="text/html; charset=utf-8", body=body)
        )  # fmt: skip
        writer.seal(visit, TargetSet(checklist="nd43-2011", targets=(), digest="t"))


def test_declared_against_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "ws"
    init_workspace(folder, "kiem-cong@coquan.gov.vn", now=NOW).close()
    command = ["services", "compare", "--workspace", str(folder), "--campaign", "2016", "--format", "csv"]
    assert run(command) == 2
    seal(folder)
    with open_workspace(folder) as opened:
        store_services(
            opened.conn,
            [Service(id="a", agency="da-nang", name="Cấp phép xây dựng", level=4),
             Service(id="b", agency="da-nang", name="Đổi giấy phép lái xe", level=3),
             Service(id="c", agency="ha-noi", name="Chưa ai xem", level=3)],
            file="test", now=NOW,
        )  # fmt: skip
    capsys.readouterr()
    assert run(command) == 0
    told = capsys.readouterr()
    rows = [
        (row["difference"], row["service"], row["declared_level"], row["stated_level"])
        for row in csv.DictReader(told.out.splitlines())
    ]
    assert rows == [
        ("level-differs", "Cấp phép xây dựng", "4", "3"),
        ("not-found", "Đổi giấy phép lái xe", "3", ""),
        ("not-declared", "Đăng ký kinh doanh", "", "4"),
    ]
    assert "da-nang: 2 services listed" in told.err
