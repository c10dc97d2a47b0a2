"""What holds for every test."""

import sys

import pytest
from hypothesis import settings

# A busy machine is no failure of the code: time is measured by ./bench, not by properties.
settings.register_profile("kiemcong", deadline=None)
settings.load_profile("kiemcong")


@pytest.fixture
def spawns_lightly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that multiprocessing spawns do not import pytest itself anew, which costs more than what most of them do."""
    main = sys.modules["__main__"]
    monkeypatch.setattr(main, "__spec__", None)
    monkeypatch.delattr(main, "__file__")
