"""What docs/accuracy.md says is what comes out."""

from __future__ import annotations

import pytest

from tests.portals.accuracy import PRESENT, document, rows_of, table, tried
from tests.portals.model import names

FOUR = ("ban-hai-dang", "so-muoi-dong-khe", "tinh-an-phuoc", "vien-thuy-van")
"""Portals of four platforms that need no browser, tried in every check."""


def test_four_portals_come_out_as_documented() -> None:
    told = PRESENT.read_text(encoding="utf-8")
    for row in rows_of(tried(FOUR)):
        assert table(row, []).splitlines()[0] in told.splitlines()


@pytest.mark.long
@pytest.mark.browser
def test_every_portal_comes_out_as_documented() -> None:
    assert document(tried(names())) == PRESENT.read_text(encoding="utf-8")
