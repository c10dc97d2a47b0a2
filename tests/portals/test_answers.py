"""What sample portals answer beyond their pages: archives made when asked for, forms sent back to themselves, boxes fetched by script, saved copies."""

from __future__ import annotations

import json
import re
from functools import cache
from urllib.parse import quote, urlencode

import pytest

from tests.portals.archive import archived
from tests.portals.build import Built, build
from tests.portals.model import Articles, load
from tests.portals.truth import truth


@cache
def site(name: str) -> Built:
    return build(load(name))[""]


def test_archived_titles_are_many_and_no_two_alike() -> None:
    words = {"who": ["a", "b", "c"], "what": ["1", "2", "3", "4"]}
    given = Articles(archive=21, patterns=["{who} - {what}", "{what}: {who}"])
    titles = list(archived(given, words))
    assert len(titles) == len(set(titles)) == 21
    assert titles == list(archived(given, words))
    with pytest.raises(ValueError, match="too few words"):
        list(archived(Articles(archive=13, patterns=["{who} - {what}"]), words))


def test_an_archive_lies_behind_its_pager() -> None:
    built = site("bo-hai-van")
    path = built.paths["tin"]
    turned = built.answer("POST", path, urlencode({"__EVENTARGUMENT": "Page$3"}).encode()).body.decode()
    first = built.answer("GET", path).body.decode()
    links = re.compile(r'class="tieu-de-tin" href="([^"]+)"')
    assert len(links.findall(turned)) == 10
    assert not set(links.findall(turned)) & set(links.findall(first))
    address = links.findall(turned)[0].replace("&amp;", "&")
    assert built.at(address) in built.late
    assert built.answer("GET", address).status == 200


def test_a_page_sent_back_to_itself_searches() -> None:
    built = site("bo-hai-van")
    path = built.paths["vbqppl"]
    sent = {"ctl00$cphNoiDung$txtTuKhoa": "neo đậu", "ctl00$cphNoiDung$btnTimVB": "Tìm văn bản"}
    found = built.answer("POST", path, urlencode(sent).encode()).body.decode()
    assert "03/2016/TT-BHV" in found
    assert "05/2016/TT-BHV" not in found
    sent = {"ctl00$txtTimKiem": "hội thao", "ctl00$btnTimKiem": "TÌM"}
    reply = built.answer("POST", path, urlencode(sent).encode())
    assert (reply.status, reply.headers["Location"]) == (302, "/TimKiem.aspx?key=h%E1%BB%99i+thao")


def test_lists_come_in_boxes_of_their_own() -> None:
    built = site("dai-thien-van")
    sent = built.answer("GET", built.paths["su-kien"]).body.decode()
    boxes = [built.answer("GET", path) for path in re.findall('data-url="([^"]+)"', sent)]
    assert "Bàn giao kính phản xạ" not in sent
    assert any("Bàn giao kính phản xạ" in json.loads(box.body)["Data"] for box in boxes)


def test_a_saved_copy_answers_its_pages_and_nothing_else() -> None:
    built = site("huyen-kim-giang")
    assert built.answer("GET", built.paths["vb"]).status == 200
    files = re.findall(r'href="(/uploads/[^"]+)"', built.answer("GET", built.paths["vb"]).body.decode())
    assert [built.answer("GET", path).status for path in files] == [404] * 4
    assert built.answer("GET", f"/index.php/seek/?q={quote('trường mầm non')}").status == 404
    assert built.answer("POST", built.paths["gui"], b"f1=x").status == 404
    assert {built.answer("GET", path).status for path in built.late} == {404}
    assert truth(built.portal)["items"]["search"]["artefact"] == ["finds-existing-article"]


def test_a_file_says_what_it_is_attached_for() -> None:
    built = site("huyen-kim-giang")
    assert built.files["qh-thi-tran-kim-giang.pdf"][0].startswith("Công bố Quy hoạch chung")
    assert not [path for path in built.replies if path.endswith(".pdf")]
    built = site("so-nghe-ca-vinh-loc")
    weeks = [reply.body for path, reply in built.replies.items() if "lich-tuan" in path]
    assert len(weeks) == 3
    assert all(body.startswith(b"%PDF") for body in weeks)
