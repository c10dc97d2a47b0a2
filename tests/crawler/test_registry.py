"""The registry that ships, and which agency a written name means."""

from __future__ import annotations

import unicodedata
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.model import Agency, AgencyPortal, Block
from crawler.problems import BadInput
from crawler.registry import (
    Registry,
    embedded_registry,
    look_up,
    nearest,
    official_portal,
    portals_of,
    read_registry,
    resolve,
    resolve_all,
    spelling,
    spoken,
)
from scoring.published import PublishedTable, published_tables

REGISTRY = embedded_registry()
BY_ID = {agency.id: agency for agency in REGISTRY.agencies}


def test_three_blocks_of_93_agencies_three_of_them_not_assessed() -> None:
    assert [sum(agency.block is block for agency in REGISTRY.agencies) for block in Block] == [22, 8, 63, 0, 0]
    left_out = {agency.id for agency in REGISTRY.agencies if not agency.assessed}
    assert left_out == {"bo-quoc-phong", "bo-cong-an", "van-phong-chinh-phu"}
    assert all(official_portal(REGISTRY, agency.id) for agency in REGISTRY.agencies if agency.assessed)


def test_no_two_agencies_share_a_spelling() -> None:
    keys = {agency.id: {spoken(name) for name in (agency.name, *agency.aliases)} for agency in REGISTRY.agencies}
    assert not [pair for pair in combinations(keys, 2) if keys[pair[0]] & keys[pair[1]]]
    for agency in REGISTRY.agencies:
        written = [spelling(name) for name in (agency.name, *agency.aliases)]
        assert len(written) == len(set(written)), agency.id


def test_34_provinces_are_left_after_the_mergers_and_heirs_outlive_them() -> None:
    provinces = [agency for agency in REGISTRY.agencies if agency.block is Block.TINH]
    assert sum(agency.valid_to is None for agency in provinces) == 34
    for agency in REGISTRY.agencies:
        assert bool(agency.successor) == (agency.valid_to is not None), agency.id
        if agency.successor in BY_ID:
            assert BY_ID[agency.successor].valid_to is None


@pytest.mark.parametrize("table", published_tables("2016"), ids=lambda table: f"{table.table}")
def test_every_name_of_the_published_tables_resolves_within_its_block(table: PublishedTable) -> None:
    assert table.rows
    for row in table.rows:
        assert resolve(REGISTRY, row["agency"]).block == table.block


@pytest.mark.parametrize(
    ("written", "agency"),
    [
        ("Thừa Thiên Huế", "thua-thien-hue"),
        ("Thừa Thiên – Huế", "thua-thien-hue"),
        ("UBND tỉnh Thừa Thiên-Huế", "thua-thien-hue"),
        ("Tp. Đà Nẵng", "da-nang"),
        ("Thành phố Hồ Chí Minh", "ho-chi-minh"),
        ("UBND TP.HCM", "ho-chi-minh"),
        ("Ủy ban nhân dân thành phố Cần Thơ", "can-tho"),
        ("Tỉnh Thanh Hoá", "thanh-hoa"),
        ("Khánh Hoà", "khanh-hoa"),
        ("Hung Yên", "hung-yen"),
        ("Hƣng Yên", "hung-yen"),
        ("BẮC KẠN", "bac-kan"),
        ("Bà Rịa–Vũng Tàu", "ba-ria-vung-tau"),
        ("Hà Tĩnh", "ha-tinh"),
        ("Bộ Lao động, Thương binh và Xã Hội", "bo-lao-dong-thuong-binh-va-xa-hoi"),
        ("Bộ NN&PTNT", "bo-nong-nghiep-va-phat-trien-nong-thon"),
        ("www.agroviet.gov.vn", "bo-nong-nghiep-va-phat-trien-nong-thon"),
        ("https://www.mard.gov.vn/Pages/default.aspx", "bo-nong-nghiep-va-phat-trien-nong-thon"),
        ("danang.gov.vn", "da-nang"),
        ("WWW.DANANG.GOV.VN", "da-nang"),
        ("vinh-phuc", "vinh-phuc"),
    ],
)
def test_spellings(written: str, agency: str) -> None:
    assert resolve(REGISTRY, written).id == agency


PREFIXES = st.sampled_from(["", "UBND ", "UBND tỉnh ", "Tỉnh ", "TP. ", "Tp ", "Thành phố ", "Uỷ ban nhân dân tỉnh "])


@given(st.sampled_from([a for a in REGISTRY.agencies if a.block is Block.TINH]), PREFIXES, st.booleans(), st.data())
def test_a_province_is_known_however_it_is_dressed(
    agency: Agency, prefix: str, decomposed: bool, data: st.DataObject
) -> None:
    name = prefix + agency.name.removeprefix("TP. ")
    name = data.draw(st.sampled_from([name, name.upper(), name.lower(), name.replace(" - ", " "), f"  {name} "]))
    assert resolve(REGISTRY, unicodedata.normalize("NFD", name) if decomposed else name) == agency


def test_unknown_names_say_what_is_near() -> None:
    with pytest.raises(BadInput) as refused:
        resolve(REGISTRY, "Hà Nooi", file="diem.csv", line=4, field="agency")
    (problem,) = refused.value.problems
    assert (problem.file, problem.line, problem.field) == ("diem.csv", 4, "agency")
    assert "TP. Hà Nội" in problem.mend
    assert nearest(REGISTRY, "Bộ Nông nghiệp")[0] == "Bộ Nông nghiệp và Phát triển nông thôn"
    assert nearest(REGISTRY, "zzzz") == ()


@pytest.mark.parametrize("empty", ["", " ", "UBND", "Tỉnh", "-", "www", "gov.vn"])
def test_words_that_name_nobody(empty: str) -> None:
    assert look_up(REGISTRY, empty) == ()


def test_all_unknown_names_of_a_file_are_told_at_once() -> None:
    with pytest.raises(BadInput) as refused:
        resolve_all(REGISTRY, {2: "Đà Nẵng", 3: "Atlantis", 5: "Hà Giangg"}, file="a.csv")
    assert [problem.line for problem in refused.value.problems] == [3, 5]
    assert resolve_all(REGISTRY, {2: "Đà Nẵng"}, file="a.csv")[2].id == "da-nang"


def two(first: str, second: str) -> Registry:
    agencies = tuple(Agency(id=f"a{n}", block=Block.HUYEN, name=name) for n, name in enumerate((first, second)))
    return Registry(
        agencies, (AgencyPortal(agency="a0", url="http://a.vn/"), AgencyPortal(agency="a1", url="http://b.vn/"))
    )


def test_names_that_differ_in_marks_alone_are_told_apart_by_them_or_refused() -> None:
    registry = two("Cẩm Thủy", "Cẩm Thụy")
    assert resolve(registry, "Cẩm Thụy").id == "a1"
    assert resolve(registry, "cẩm thuỷ").id == "a0"
    with pytest.raises(BadInput, match="may mean several") as refused:
        resolve(registry, "Cam Thuy")
    assert "a0" in refused.value.problems[0].mend
    assert "a1" in refused.value.problems[0].mend


AGENCIES = "id,block,name,not_assessed,aliases,valid_from,valid_to,successor,source\n"
PORTALS = "agency,url,sibling,former,source\n"


def write(folder: Path, agencies: str, portals: str) -> tuple[Path, Path]:
    paths = folder / "agencies.csv", folder / "portals.csv"
    paths[0].write_text(AGENCIES + agencies, encoding="utf-8")
    paths[1].write_text(PORTALS + portals, encoding="utf-8")
    return paths


def test_every_problem_of_both_files_is_told_with_its_line(tmp_path: Path) -> None:
    paths = write(
        tmp_path,
        "da-nang,tinh,Đà Nẵng,,,,,,\nĐN,thanh,,,,2017-13-01,,,\nhue,tinh,Huế,,Đà  nẵng,,,,\nhue,tinh,Huế 2,,,2020-01-02,2020-01-01,,\n",
        "da-nang,danang.gov.vn,,0,\nhue,not an address,,0,\nnobody,x.gov.vn,,2,\nnoone,x.gov.vn,,0,\n",
    )
    with pytest.raises(BadInput) as refused:
        read_registry(*paths)
    told = {(Path(problem.file).name, problem.line, problem.field) for problem in refused.value.problems}
    assert told >= {
        ("agencies.csv", 3, "id"),
        ("agencies.csv", 3, "block"),
        ("agencies.csv", 3, "name"),
        ("agencies.csv", 3, "valid_from"),
        ("portals.csv", 3, "url"),
        ("portals.csv", 4, "former"),
        ("portals.csv", 5, "agency"),
    }
    messages = "\n".join(map(str, refused.value.problems))
    assert "“Đà nẵng” also names da-nang" in messages
    assert "the id “hue” stands twice" in messages
    assert "valid_to comes before valid_from" in messages
    assert "an assessed agency has no portal" in messages
    assert all(problem.mend for problem in refused.value.problems)


def test_the_official_portal_comes_first_wherever_it_stands(tmp_path: Path) -> None:
    registry = read_registry(
        *write(
            tmp_path, "hue,tinh,Huế,,,,,,\n", "hue,old.vn,,1,\nhue,law.hue.vn,law,0,\nhue,https://hue.gov.vn/vi,,0,\n"
        )
    )
    assert [portal.url for portal in portals_of(registry, "hue")] == [
        "https://hue.gov.vn/vi",
        "http://law.hue.vn/",
        "http://old.vn/",
    ]
