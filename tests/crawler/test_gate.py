"""The pace of one worker, as far as it is not the pace file's own."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from crawler.gate import PaceGate, running
from crawler.netguard import World

URL = "http://mau.gov.vn/"
DAY = 86_400.0


async def test_setting_the_clock_neither_cuts_a_rest_short_nor_draws_it_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(only_networks=("127.0.0.1/32",), resolve={"mau.gov.vn": "127.0.0.1:9"})
    gate = PaceGate(tmp_path / "pace.sqlite", world, gap=0.0)
    other = PaceGate(tmp_path / "pace.sqlite", world, gap=0.0)
    set_by = [0.0]
    clock = time.time
    monkeypatch.setattr(time, "time", lambda: clock() + set_by[0])
    try:
        began = running()
        await gate.rest(URL, 1_000.0)
        for seconds in (DAY, -DAY):
            set_by[0] = seconds
            for one in (gate, other):
                left = await one.resting(URL)
                assert 1_000.0 - (running() - began) <= left <= 1_000.0
    finally:
        gate.close()
        other.close()
