"""The working day in a real browser: found, judged and decided by keyboard; nothing asked of any other host, no error in the console."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from checklists.review import Act
from crawler import ledger
from output import reviews
from output.web.session import IDLE
from output.weighing import weigh_campaign
from output.workspace import open_workspace
from tests.output.probed import declared, evaluate, probe_all
from tests.output.web.bench import PASSWORD, SEARCH, Bench, hidden

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)  # a busy machine is no failure of the page

CLAIM = "/claim/2016/da-nang/search"
FOUND = SEARCH.elements[1].id
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4(01|03|09|00)")
"""What Chromium itself writes when a form is refused; the refusal is what is tested."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium here")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path)
        yield launched
        launched.close()


class Day:
    """The page served on loopback, and the people at it."""

    def __init__(self, bench: Bench, browser: Browser, base: str) -> None:
        self.bench, self.browser, self.base = bench, browser, base
        self.wrong: list[str] = []

    def sit_down(self, login: str, *, width: int = 1366, height: int = 768) -> Page:
        """A person's browser, logged in at the queue."""
        page = self.stranger(width=width, height=height)
        page.goto("/")
        page.get_by_label("Tên đăng nhập").fill(login)
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Hàng chờ")).to_be_visible()
        page.wait_for_load_state(
            "load"
        )  # the page's scripts listen only then: on a slow machine a filter chosen before would tell nobody
        return page

    def stranger(self, *, width: int = 1366, height: int = 768) -> Page:
        """A browser nobody has logged in with."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, base_url=self.base, reduced_motion="reduce"
        )
        context.set_default_timeout(30_000)
        context.on("request", lambda request: self.note(not request.url.startswith(self.base), f"asked {request.url}"))
        page = context.new_page()
        page.on("console", lambda said: self.note(said.type == "error" and not REFUSED.match(said.text), said.text))
        page.on("pageerror", lambda error: self.note(True, str(error)))
        return page

    def note(self, wrong: bool, what: str) -> None:
        if wrong:
            self.wrong.append(what)

    def entries(self) -> list[reviews.Review]:
        with open_workspace(self.bench.path) as workspace:
            return list(reviews.reviews(workspace.conn))


@contextmanager
def served(bench: Bench) -> Iterator[str]:
    """The page's address while it is served."""
    config = uvicorn.Config(bench.app, host="127.0.0.1", port=0, log_level="error", ws="none", lifespan="off")
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


@pytest.fixture
def day(pristine: Path, tmp_path: Path, browser: Browser) -> Iterator[Day]:
    bench = Bench(shutil.copytree(pristine, tmp_path / "ws"))
    with served(bench) as base:
        made = Day(bench, browser, base)
        yield made
        for context in browser.contexts:
            context.close()
    assert made.wrong == []


def test_filter_open_look_and_decide_by_keyboard(day: Day) -> None:
    page = day.sit_down("an")
    page.get_by_label("Mục").select_option("search")
    expect(page.locator("[data-row]")).to_have_count(2)
    page.get_by_label("Cơ quan").select_option("da-nang")
    expect(page.locator("[data-row]")).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(SEARCH.title)
    outline = page.locator("#outline")
    expect(outline).to_be_visible()
    expect(page.locator("#tag")).to_contain_text(SEARCH.elements[1].title)
    page.keyboard.press("1")
    expect(page.locator("#tag")).to_contain_text(SEARCH.elements[0].title)
    box, frame = outline.bounding_box(), page.locator("#stage").bounding_box()
    assert box
    assert frame
    assert frame["x"] <= box["x"] < frame["x"] + frame["width"], "scrolled to the element"
    assert frame["y"] <= box["y"] < frame["y"] + frame["height"]
    page.keyboard.press("z")
    expect(page.locator("#fit")).to_have_attribute("aria-pressed", "false")
    whole = outline.bounding_box()
    assert whole
    assert whole["width"] < box["width"], "the whole page is smaller"
    page.keyboard.press("+")
    larger = outline.bounding_box()
    assert larger
    assert larger["width"] > whole["width"]
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("c")
    expect(page.get_by_role("status").first).to_contain_text("xác nhận")
    (entry,) = day.entries()
    assert (entry.act, entry.reviewer, entry.address) == (Act.CONFIRM, "an", "127.0.0.1")


def overturn(page: Page, reason: str) -> None:
    """The second element is set to met and the reason given, all by keyboard."""
    page.keyboard.press("2")
    page.keyboard.press("m")
    expect(page.locator(f'input[name="element.{FOUND}"][value="met"]')).to_be_checked()
    page.keyboard.press("o")
    page.keyboard.type(reason)
    page.keyboard.press("Control+Enter")


def test_two_people_overturn_and_one_takes_it_back(day: Day) -> None:
    an, binh = day.sit_down("an"), day.sit_down("binh")
    an.goto(CLAIM)
    overturn(an, "Ô tìm kiếm trả về bài đã đăng.")
    expect(an.get_by_role("status").first).to_contain_text("sửa kết luận")
    binh.goto("/?state=second")
    binh.locator("[data-row]").click()
    expect(binh.get_by_text("Ô tìm kiếm trả về bài đã đăng.").first).to_be_visible()
    binh.wait_for_load_state()  # text is there before keys are listened to
    binh.keyboard.press("o")
    binh.locator("#phrases").select_option(index=1)
    binh.keyboard.press("Control+Enter")
    expect(binh.get_by_role("status").first).to_contain_text("sửa kết luận")
    binh.goto(CLAIM)
    expect(binh.locator(".claimbar .state")).to_have_text("người đã kết luận")
    an.goto(CLAIM)
    an.locator("#history").get_by_role("button", name="rút lại").click()
    expect(an.locator(".claimbar .state")).to_have_text("chờ người thứ hai")
    assert [one.act for one in day.entries()] == [Act.OVERTURN, Act.OVERTURN, Act.UNDO]


def test_the_second_person_is_told_of_the_change_and_keeps_the_words_typed(day: Day) -> None:
    an, binh = day.sit_down("an"), day.sit_down("binh")
    an.goto(CLAIM)
    binh.goto(CLAIM)
    an.keyboard.press("c")
    expect(an.get_by_role("status").first).to_contain_text("xác nhận")
    overturn(binh, "Tôi thấy khác.")
    expect(binh.locator("#conflict")).to_contain_text("an vừa ghi “xác nhận”")
    expect(binh.locator("#text")).to_have_value("Tôi thấy khác.")
    expect(binh.locator(f'input[name="element.{FOUND}"][value="met"]')).to_be_checked()
    assert len(day.entries()) == 1


def test_appeal_answer_and_recheck(day: Day, tmp_path: Path) -> None:
    kiem, an = day.sit_down("kiem"), day.sit_down("an")
    enclosed = tmp_path / "trả lời.pdf"
    enclosed.write_bytes(b"%PDF-1.4")
    kiem.goto(CLAIM)
    form = kiem.locator("#appeal")
    form.get_by_label("Nội dung cơ quan trả lời").fill("Chức năng tìm kiếm đã có từ tháng 1.")
    form.get_by_label("Tệp kèm theo").set_input_files(enclosed)
    form.get_by_role("button", name="Ghi kiến nghị").click()
    expect(kiem.get_by_label("Kiến nghị đang chờ")).to_contain_text("hạn trả lời")
    an.goto("/")
    expect(an.locator(".state").first).to_have_text("có kiến nghị")
    an.goto(CLAIM)
    an.keyboard.press("c")
    expect(an.get_by_role("status").first).to_contain_text("xác nhận")
    an.goto(CLAIM)
    an.get_by_label("Nội dung trả lời").fill("Đã xem lại, giữ nguyên kết luận.")
    an.get_by_role("button", name="Ghi trả lời").click()
    expect(an.locator(".claimbar .state")).to_have_text("người đã kết luận")
    an.get_by_role("link", name="bản in cho cơ quan").click()
    expect(an.get_by_text("Đã xem lại, giữ nguyên kết luận.")).to_be_visible()
    kiem.goto(CLAIM)
    kiem.keyboard.press("r")
    kiem.keyboard.type("Cơ quan báo đã bổ sung.")
    kiem.keyboard.press("Control+Enter")
    expect(kiem.get_by_role("status").first).to_contain_text("yêu cầu truy cập lại")
    with open_workspace(day.bench.path) as workspace:
        assert [slot.id for slot in ledger.slots(workspace.conn)] == [day.entries()[-1].visit]


def test_roles_see_only_what_they_may_do_and_sessions_end(day: Day) -> None:
    diem = day.sit_down("diem")
    diem.goto(CLAIM)
    expect(diem.get_by_text("chỉ xem, không quyết định")).to_be_visible()
    expect(diem.locator("#confirm")).to_have_count(0)
    answer = diem.goto("/accounts")
    assert answer
    assert answer.status == 403
    day.bench.now += IDLE + timedelta(seconds=1)
    diem.goto(CLAIM)
    assert urlsplit(diem.url).path == "/login"
    expect(diem.get_by_text("Phiên làm việc đã hết hạn")).to_be_visible()
    diem.get_by_label("Tên đăng nhập").fill("diem")
    diem.get_by_label("Mật khẩu").fill(PASSWORD)
    diem.keyboard.press("Enter")
    expect(diem.locator("h1")).to_have_text(SEARCH.title)


def test_hostile_captures_leave_the_page_usable(day: Day) -> None:
    page = day.sit_down("an")
    page.on("dialog", lambda dialog: day.note(True, f"dialog {dialog.message}"))
    page.goto("/claim/2016/xau/search")
    expect(page.locator("#outline")).to_be_visible()
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, "a megabyte of text keeps within the page"
    source = page.context.request.get("/evidence/2016.xau.1/0000/source")
    assert source.headers["content-type"].startswith("text/plain")
    page.goto("/evidence/2016.xau.1/0000/source")
    assert page.title() == "", "no page was made of it"
    page.goto("/claim/2016/xau/search")
    page.keyboard.press("c")
    expect(page.get_by_role("status").first).to_contain_text("xác nhận")


DEAD = "/claim/2016/da-nang/dvc.chet"
PAGES = {
    "": ("/login",),
    "an": (
        "/",
        DEAD,
        "/claim/2016/da-nang/dvc.thieu",
        "/probe/2016.probes.000/chet",
        CLAIM,
        "/claim/2016/xau/search",
        "/claim/2016/da-nang/news",
        "/agency/2016/da-nang",
        "/campaign",
        "/method",
        "/password",
    ),
    "kiem": (CLAIM, "/schedule", f"{DEAD}/letter/1"),
    "chu": ("/accounts", "/nowhere"),
}


@pytest.fixture
def full(day: Day) -> Day:
    """The day with services probed and judged beside the portals, and an appeal to print."""
    probe_all(day.bench.path, declared())
    evaluate(day.bench.path)
    with open_workspace(day.bench.path) as workspace:
        weigh_campaign(workspace, "2016", "btttt-2016")
    kiem = day.bench.client("kiem")
    form = hidden(kiem.get(DEAD).text, f"{DEAD}/appeal") | {"text": "Dịch vụ đã mở lại."}
    assert kiem.post(f"{DEAD}/appeal", data=form).status_code == 303
    return day


@pytest.mark.parametrize("who", PAGES)
def test_axe_finds_nothing_serious(full: Day, who: str) -> None:
    day = full
    page = day.sit_down(who) if who else day.stranger()
    found = []
    for path in PAGES[who]:
        page.goto(path)
        told = Axe().run(page).response["violations"]
        serious = [one for one in told if one["impact"] in ("serious", "critical")]
        found += [(path, one["id"], [node["target"] for node in one["nodes"]][:3]) for one in serious]
    day.wrong = [what for what in day.wrong if "404" not in what]
    assert found == []


def test_a_dead_service_is_confirmed_by_keyboard_with_what_dead_looked_like_in_view(full: Day) -> None:
    page = full.sit_down("an")
    page.goto("/claim/2016/da-nang/dvc.thieu")
    expect(page.locator(".element.here .num")).to_have_text("3")
    tag, stage = page.locator("#tag").bounding_box(), page.locator("#stage").bounding_box()
    assert stage
    assert tag is None or tag["x"] >= stage["x"], "the name of the outline begins within the picture"
    page.goto(DEAD)
    expect(page.locator(".element.here .num")).to_have_text("1")
    expect(page.locator("#outline")).to_be_visible()
    page.keyboard.press("4")
    expect(page.locator(".signs .element.here .num")).to_have_text("4")
    page.keyboard.press("c")
    expect(page.get_by_role("status").first).to_contain_text("xác nhận")
    assert [(one.act, one.item) for one in full.entries()][-1] == (Act.CONFIRM, "dvc.chet")


SAID_BY_COLOUR = """
() => [...document.querySelectorAll('.outcome, .state, .seen, .calendar .has, .heat td')]
  .filter((one) => !/[\\p{L}\\p{N}–]/u.test(one.textContent)).map((one) => one.outerHTML.slice(0, 120))
"""


def test_nothing_is_said_by_colour_alone(full: Day) -> None:
    page = full.sit_down("an")
    for path in PAGES["an"]:
        page.goto(path)
        assert page.evaluate(SAID_BY_COLOUR) == [], path
    page.goto("/agency/2016/da-nang")
    page.locator("#services details").evaluate("(one) => { one.open = true; }")
    drawn = page.locator("#services svg rect title").evaluate_all(
        "(titles) => titles.map((one) => [one.textContent.split(':')[0], one.parentNode.getAttribute('height')])"
    )
    heights = {(word, height) for word, height in drawn}
    assert len({word for word, _ in heights}) == len({height for _, height in heights}) == len(heights) == 3
    bars = page.locator(".bar-svg").evaluate_all("(bars) => bars.map((one) => one.getAttribute('aria-label'))")
    assert bars
    assert all(re.fullmatch(r"đạt \d+ %, chưa rõ \d+ %, thiếu \d+ %", each) for each in bars)
    assert page.locator(".bar-svg pattern").count() == len(bars), "what is open is hatched, what is lost stays empty"


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (820, 1180)])
def test_nothing_runs_out_of_the_window(full: Day, width: int, height: int) -> None:
    page = full.sit_down("an", width=width, height=height)
    for path in PAGES["an"]:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.goto(CLAIM)
    expect(page.locator("#confirm")).to_be_visible()
    if width == 1366:
        button = page.locator("#confirm").bounding_box()
        assert button
        assert button["y"] + button["height"] <= height, "deciding takes no scrolling"
