"""Claims on services on the review page: found in the queue, shown with their evidence, decided, checked again, drawn for the agency."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from checklists.model import Outcome as Judged
from checklists.review import Act
from crawler.services import batches
from crawler.services.model import Outcome, Service
from output.export.rows import finding_rows
from output.store import read_claims, read_findings, read_service_claims
from output.weighing import weigh_campaign
from output.workspace import open_workspace
from tests.output.probed import START, declared, evaluate, probe_all, shows
from tests.output.web.bench import HOSTILE, Bench, csrf, entries, hidden, send

DEAD = "/claim/2016/da-nang/dvc.chet"


@pytest.fixture
def served(bench: Bench) -> Bench:
    """The bench with five services probed and judged beside its portals, at the end of the last batch."""
    probe_all(bench.path, declared())
    evaluate(bench.path)
    bench.now = START + timedelta(days=5)
    return bench


def test_services_stand_in_the_queue_under_one_filter(served: Bench) -> None:
    client = served.client("an")
    page = client.get("/?item=dvctt").text
    assert page.count("data-row") == 5
    assert "Đăng ký kinh doanh" in page
    assert client.get("/?item=dvctt&state=open").text.count("data-row") == 2
    assert client.get("/?item=dvctt&reason=only-information").text.count("data-row") == 1
    assert "Dịch vụ công trực tuyến mức độ 3, 4 (5)" in page
    assert client.get("/campaign").text.count("item=dvctt&amp;block=tinh") == 1


def test_a_dead_service_shows_what_dead_looked_like(served: Bench) -> None:
    client = served.client("an")
    page = client.get(DEAD).text
    assert 'data-picture="/evidence/2016.probes.000/chet/picture"' in page
    assert 'data-box="40' in page
    assert "Lỗi máy chủ" in page
    assert "<svg" in page
    assert client.get("/evidence/2016.probes.000/chet/picture").headers["content-type"] == "image/png"
    assert client.get("/evidence/2016.probes.000/chet/source").headers["content-type"].startswith("text/plain")
    assert client.get("/evidence/2016.probes.000/khong/picture").status_code == 404
    assert client.get("/evidence/2016.probes.000.g/chet/picture").status_code == 404
    tries = client.get("/probe/2016.probes.000/chet").text
    assert "HTTP 500" in tries
    assert "tên miền 0,010" in tries
    assert client.get("/probe/2016.probes.001/chet").status_code == 200
    for path in ("/probe/2016.probes.999/chet", "/probe/%2e%2e/chet", "/probe/2016.probes.000/khong"):
        assert client.get(path).status_code == 404


def test_the_decisions_are_the_same_and_an_appeal_is_answered(served: Bench) -> None:
    assert send(served, "an", "confirm", DEAD) == 303
    assert "người đã kết luận" in served.client("an").get(DEAD).text
    kiem = served.client("kiem")
    form = hidden(kiem.get(DEAD).text, f"{DEAD}/appeal") | {"text": "Dịch vụ đã mở lại."}
    assert kiem.post(f"{DEAD}/appeal", data=form).status_code == 303
    an = served.client("an")
    assert "có kiến nghị" in an.get("/?item=dvctt").text
    assert send(served, "an", "confirm", DEAD) == 303
    answer = hidden(an.get(DEAD).text, f"{DEAD}/answer") | {"text": "Đã xem lại."}
    assert an.post(f"{DEAD}/answer", data=answer).status_code == 303
    number = next(one.number for one in entries(served) if one.act is Act.APPEAL)
    letter = an.get(f"{DEAD}/letter/{number}").text
    assert "Đăng ký kinh doanh" in letter
    assert "Đã xem lại." in letter


def test_a_recheck_takes_the_next_batch_or_plans_one_and_ends_when_it_was_probed(bench: Bench) -> None:
    probe_all(bench.path, declared(), numbers=range(10))
    evaluate(bench.path)
    bench.now = START + timedelta(hours=74)
    assert send(bench, "an", "recheck", DEAD, text="Hỏi lại.") == 303
    assert entries(bench)[-1].visit == "2016.probes.010"
    assert "chờ truy cập lại" in bench.client("an").get(DEAD).text
    probe_all(bench.path, declared(), numbers=[10, 11])
    evaluate(bench.path)
    assert "chờ truy cập lại" not in bench.client("an").get(DEAD).text
    bench.now = START + timedelta(days=9)
    bench.clients.clear()
    assert send(bench, "an", "recheck", DEAD, text="Hỏi lại lần nữa.") == 303
    wanted = entries(bench)[-1].visit
    with open_workspace(bench.path) as workspace:
        (planned,) = [one.batch for one in batches.batches(workspace.conn, "2016") if one.batch.id == wanted]
        assert (planned.group, planned.stratum, planned.at) == (1, "recheck", bench.now)
    # Nobody made it in time: the queue says so, and the claim says why.
    bench.now += timedelta(days=30)
    bench.clients.clear()
    page = bench.client("an").get("/?state=unmade").text
    assert page.count("data-row") == 1
    assert "không bắt đầu được trong thời hạn" in bench.client("an").get(DEAD).text


def test_a_service_that_came_alive_again_returns_to_the_queue_with_both_versions(bench: Bench) -> None:
    probe_all(bench.path, declared(), numbers=range(11))
    evaluate(bench.path)
    assert send(bench, "an", "confirm", DEAD) == 303
    probe_all(bench.path, declared(), lambda n, k: (Outcome.ALIVE, "nop") if n == "chet" else shows(n, k), [11])
    evaluate(bench.path)
    page = bench.client("an").get(DEAD).text
    assert "kết luận đã thay đổi" in page
    assert "Không lần nào hoạt động" in page
    assert "Hoạt động 1/12" in page


def test_the_schedule_tells_where_the_batches_stand(bench: Bench) -> None:
    probe_all(bench.path, declared(), numbers=range(10))
    bench.now = START + timedelta(hours=72)
    page = bench.client("kiem").get("/schedule").text
    row = re.search(r"Các mẻ kiểm tra dịch vụ theo đợt.*?</table>", page, re.DOTALL)
    assert row
    assert re.findall(r'<td class="num">(\d+)</td>', row[0]) == ["10", "0", "0", "2", "0"]
    assert "05/02/2017 17:00" in row[0]
    assert "<b>10</b>/12 mẻ đã xong" in bench.client("kiem").get("/campaign").text


def test_the_agencys_page_draws_its_services(served: Bench) -> None:
    page = served.client("diem").get("/agency/2016/da-nang").text
    assert page.count("<svg") >= 2
    services = page[page.index('id="services"') :]
    assert "Đăng ký kinh doanh" in services
    assert "<b>5</b> khai báo" in services


def test_probes_of_services_and_home_pages_speak_for_the_portal_too(bench: Bench) -> None:
    portal = Service(id="cong.da-nang", agency="da-nang", name="Cổng", level=3, url="http://da-nang.gov.vn/")
    down = lambda name, n: (Outcome.DOWN, "loi") if name.startswith("cong") and 2 <= n < 11 else shows(name, n)  # noqa: E731
    probe_all(bench.path, declared(), down, portals=[portal])
    evaluate(bench.path)
    with open_workspace(bench.path) as workspace:
        claims = {claim.item: claim for claim in read_claims(workspace.store_path, "2016") if claim.agency == "da-nang"}
        assert "dvc.cong.da-nang" not in {one.item for one in read_service_claims(workspace.store_path, "2016")}
        weighed = weigh_campaign(workspace, "2016", "btttt-2016")
        rows = finding_rows(weighed, read_findings(workspace.store_path, "2016"), workspace.evidence)
        (row,) = [
            one for one in rows if one["visit"] == "2016.probes.da-nang" and one["item"] == "continuous-operation"
        ]
        for column in ("evidence", "picture"):
            assert (workspace.visits / str(row[column])).resolve().is_file(), row[column]
    assert claims["continuous-operation"].outcome is Judged.NOT_MET
    functions = {one.element: one.verdict for one in claims["service-functions"].elements}
    assert functions["user-guide"].outcome is Judged.MET
    page = bench.client("an").get("/claim/2016/da-nang/continuous-operation").text
    assert 'data-picture="/evidence/2016.probes.002/cong.da-nang/picture"' in page
    assert "có đối chứng bên cạnh" in page
    assert "Hướng dẫn sử dụng dịch vụ" in bench.client("an").get("/claim/2016/da-nang/service-functions").text


def test_what_a_list_calls_its_services_is_only_ever_text(bench: Bench, tmp_path: Path) -> None:
    named = [Service(id="chet", agency="da-nang", name=HOSTILE, level=3, url="http://a.vn/")]
    probe_all(bench.path, named)
    evaluate(bench.path)
    client = bench.client("an")
    for path in ("/?item=dvctt", DEAD, "/agency/2016/da-nang", "/probe/2016.probes.000/chet"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "\x00" not in page
        assert "\u202e" not in page
    assert csrf(client.get(DEAD).text)
