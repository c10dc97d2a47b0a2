"""Lists of services as agencies send them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.problems import BadInput
from crawler.registry import embedded_registry
from crawler.services.model import VisitStatus, probe_rules, reported_number
from crawler.services.register import changes, id_of, key_of, read_services, synonyms
from crawler.sheets import read_csv

REGISTRY = embedded_registry()


def sheet(tmp_path: Path, text: str):  # type: ignore[no-untyped-def]
    path = tmp_path / "list.csv"
    path.write_text(text, "utf-8")
    return read_csv(path)


def test_headings_levels_and_agencies_as_people_write_them(tmp_path: Path) -> None:
    read = read_services(
        sheet(
            tmp_path,
            "STT,Tỉnh/Thành phố,Đơn vị cung cấp,TÊN DỊCH VỤ CÔNG,Lĩnh vực,Mức độ,Địa chỉ truy cập,Tổng số hồ sơ,Số hồ sơ trực tuyến\n"
            "1,UBND TP. Đà Nẵng,Sở Tư pháp,Cấp phiếu lý lịch tư pháp,Tư pháp,mức độ 3,dvc.danang.gov.vn/a?x=1,1.234,98%\n"
            "2,tỉnh Thừa Thiên - Huế,,Đăng ký kinh doanh,,IV,https://a.gov.vn:8443/x,,\n"
            "3,Bộ Y tế,,Không có địa chỉ,,1,,,\n",
        ),
        REGISTRY,
    )
    assert read.problems == ()
    one, two, three = read.services.values()
    assert (one.agency, one.unit, one.level, one.url) == ("da-nang", "Sở Tư pháp", 3, "http://dvc.danang.gov.vn/a?x=1")
    assert (one.dossiers_total, one.dossiers_online) == ("1.234", "98%")
    assert (two.agency, two.level, two.url) == ("thua-thien-hue", 4, "https://a.gov.vn:8443/x")
    assert (three.level, three.url, three.checked) == (1, "", False)
    assert (reported_number("1.234"), reported_number("98%"), reported_number("12,5")) == (1234, None, None)


def test_all_mistakes_at_once_each_with_its_row_and_mend(tmp_path: Path) -> None:
    read = read_services(
        sheet(
            tmp_path,
            "agency,name,level,url,dossiers_online\n"
            "Đà Nẵng,Một,5,http://a.gov.vn/,\n"
            "Đà Nắng X,Hai,3,không có,-4\n"
            "Đà Nẵng,,3,http://a.gov.vn/,\n"
            "Đà Nẵng,Bốn,3,http://a.gov.vn/,7\n"
            "đà nẵng,BỐN,4,http://b.gov.vn/,\n",
        ),
        REGISTRY,
    )
    told = {(problem.line, problem.field) for problem in read.problems}
    assert told == {(2, "level"), (3, "agency"), (3, "url"), (3, "dossiers_online"), (4, "name"), (6, "name")}
    assert all(problem.mend for problem in read.problems)
    assert list(read.services) == [5]


def test_a_list_read_again_changes_only_what_changed(tmp_path: Path) -> None:
    text = "agency,unit,name,level,url\nĐà Nẵng,Sở Y tế,Cấp giấy,3,http://a.gov.vn/1\nĐà Nẵng,Sở Y tế,Hòa giải,3,http://a.gov.vn/2\n"
    first = {each.id: each for each in read_services(sheet(tmp_path, text), REGISTRY).services.values()}
    again = read_services(
        sheet(tmp_path, text.replace("Hòa giải,3", "Hoà  Giải,4")), REGISTRY, first.values()
    ).services.values()
    assert {each.id for each in again} == set(first)
    made = changes(first, again)
    assert [(each.field, each.before, each.after) for each in made if each.field != "name"] == [("level", "3", "4")]
    assert changes(first, first.values()) == ()


def test_an_id_keeps_a_renamed_service_the_same(tmp_path: Path) -> None:
    first = read_services(sheet(tmp_path, "id,agency,name,level\nx1,Đà Nẵng,Cũ,3\n"), REGISTRY).services.values()
    again = read_services(sheet(tmp_path, "id,agency,name,level\nx1,Đà Nẵng,Mới,3\n"), REGISTRY, first)
    assert [each.id for each in again.services.values()] == ["x1"]
    other = read_services(sheet(tmp_path, "id,agency,name,level\nx1,Hà Nội,Mới,3\n"), REGISTRY, first)
    assert [problem.field for problem in other.problems] == ["id"]


def test_columns_called_otherwise_need_a_mapping(tmp_path: Path) -> None:
    table = sheet(tmp_path, "Tên lạ,Mức độ,Chỗ,Linh tinh\nMột,3,a.gov.vn,x\n")
    with pytest.raises(BadInput) as refused:
        read_services(table, REGISTRY, agency="da-nang")
    assert len(refused.value.problems) == 3
    words = synonyms({"name": "Tên lạ", "url": ["Chỗ"], "ignored": "Linh tinh"})
    (service,) = read_services(table, REGISTRY, words=words, agency="da-nang").services.values()
    assert (service.name, service.url) == ("Một", "http://a.gov.vn/")
    with pytest.raises(BadInput, match="no field"):
        synonyms({"nonsense": "x"})
    with pytest.raises(BadInput, match="agency"):
        read_services(sheet(tmp_path, "name,level\nMột,3\n"), REGISTRY)


@given(st.text(), st.text())
def test_the_id_follows_from_the_key_alone(unit: str, name: str) -> None:
    made = id_of(key_of("da-nang", unit, name))
    assert made == id_of(key_of("da-nang", unit.upper().lower(), name)) or unit.upper().lower() != unit.lower()
    assert made.startswith("da-nang-")


@given(st.integers(min_value=0, max_value=10**12))
def test_thousands_are_read_as_vietnamese_write_them(number: int) -> None:
    assert reported_number(f"{number:,}".replace(",", ".")) == number
    assert reported_number(str(number)) == number


def test_every_status_means_something() -> None:
    assert set(probe_rules().statuses) == set(VisitStatus)
