"""Registry editions made from tables of changes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from crawler.model import Agency, Block
from crawler.problems import BadInput
from crawler.registry import Registry, embedded_registry, portals_of, resolve
from crawler.registry_changes import Change, amend
from crawler.sheets import read_sheet

REGISTRY = embedded_registry()


def amended(tmp_path: Path, text: str) -> tuple[Registry, tuple[Change, ...]]:
    path = tmp_path / "changes.csv"
    path.write_text(text, encoding="utf-8")
    return amend(REGISTRY, read_sheet(path))


def agency(registry: Registry, id_: str) -> Agency:
    return next(one for one in registry.agencies if one.id == id_)


def test_a_new_address_leaves_the_old_one_as_former(tmp_path: Path) -> None:
    registry, changes = amended(tmp_path, "Tên cơ quan,Địa chỉ\nThừa Thiên Huế,hue.gov.vn; congbao.hue.gov.vn\n")
    assert [(portal.url, portal.sibling, portal.former) for portal in portals_of(registry, "thua-thien-hue")] == [
        ("http://hue.gov.vn/", "", False),
        ("http://congbao.hue.gov.vn/", "congbao.hue.gov.vn", False),
        ("http://thuathienhue.gov.vn/", "", True),
    ]
    assert resolve(registry, "thuathienhue.gov.vn").id == resolve(registry, "hue.gov.vn").id == "thua-thien-hue"
    assert {change.field for change in changes} == {"portal", "siblings", "former"}
    back, _ = amend(registry, read_sheet(tmp_path / "changes.csv"))
    assert back == registry


def test_a_new_name_beside_the_id_leaves_the_old_one_as_alias(tmp_path: Path) -> None:
    registry, _ = amended(tmp_path, "id,name,aliases\nthua-thien-hue,Thành phố Cố Đô,Kinh thành\n")
    found = agency(registry, "thua-thien-hue")
    assert found.name == "Thành phố Cố Đô"
    assert "Thừa Thiên - Huế" in found.aliases
    assert resolve(registry, "Thừa Thiên Huế") == resolve(registry, "kinh thành") == found


def test_empty_cells_leave_and_a_dash_empties(tmp_path: Path) -> None:
    registry, changes = amended(
        tmp_path, "id,valid_to,successor,not_assessed\nha-giang,-,-,\nda-nang,31/12/2030,,đang chuyển\n"
    )
    assert (agency(registry, "ha-giang").valid_to, agency(registry, "ha-giang").successor) == (None, "")
    assert agency(registry, "da-nang").valid_to == date(2030, 12, 31)
    assert agency(registry, "da-nang").not_assessed == "đang chuyển"
    assert Change("ha-giang", "successor", "tuyen-quang", "") in changes
    assert len(changes) == 4


def test_an_unknown_id_with_block_and_name_is_a_new_agency(tmp_path: Path) -> None:
    registry, _ = amended(tmp_path, "id,name,block,portal\nhuyen-que-son,Huyện Quế Sơn,huyen,queson.quangnam.gov.vn\n")
    assert len(registry.agencies) == 94
    assert resolve(registry, "queson.quangnam.gov.vn") == Agency(
        id="huyen-que-son", block=Block.HUYEN, name="Huyện Quế Sơn"
    )


def test_a_table_that_says_nothing_new_changes_nothing(tmp_path: Path) -> None:
    registry, changes = amended(tmp_path, "Cơ quan,Khối,Địa chỉ\nTp Hà Nội,tinh,hanoi.gov.vn\n")
    assert (registry, changes) == (REGISTRY, ())


def test_every_mistake_of_a_table_is_told_at_once(tmp_path: Path) -> None:
    rows = [
        "id,name,block,portal,valid_from,valid_to",
        ",Hà Nooi,zz,hanoi gov,31/02/2025,",
        ",Hà Nội,,,,",
        "ha-noi,,,,,",
        "da-nang,Hải Phòng,,,,",
        "moi,Cơ quan mới,,,,",
        ",,bo,,,",
        "Sai Id,Huế,,,,",
        "hai-phong,,,,2030-01-02,2030-01-01",
        "moi-hai,Bạc  liêu,tinh,x.vn,,",
        "moi-ba,Cơ quan ba,bo,,,",
    ]
    with pytest.raises(BadInput) as refused:
        amended(tmp_path, "\n".join(rows) + "\n")
    told = [(problem.line, problem.field) for problem in refused.value.problems]
    assert told == [
        (2, "block"), (2, "portal"), (2, "valid_from"), (2, "name"), (4, ""), (5, "name"), (6, "id"), (7, "id"), (8, "id"), (9, ""),
        (10, "name"), (11, ""),
    ]  # fmt: skip
    assert all(problem.mend for problem in refused.value.problems)


@pytest.mark.parametrize("text", ["màu,tên\nđỏ,Huế\n", "khối\nbo\n"])
def test_headings_that_say_nothing(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        amended(tmp_path, text)
