"""What a pointer leads to: a page stored by a visit, or by a probe of a service, in one form."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path

import msgspec

from checklists.model import Pointer
from crawler.archive import BlobKind
from crawler.model import PageVisit, Role
from crawler.problems import BadInput
from crawler.services.batch_folder import read_probes
from crawler.services.model import Probe
from crawler.visit_folder import read_blob, read_pages

PROBES = ".probes."
"""What the name of every batch of probes holds, and that of no visit."""


class StoredPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page in a sealed folder: the folder, its line there, and the hashes of what was kept of it, None where there is none. home: a visit's
    home page."""

    folder: Path
    line: str
    url: str
    taken_at: datetime
    note: str = ""
    picture: str | None = None
    layout: str | None = None
    dom: str | None = None
    body: str | None = None
    home: bool = False

    def read(self, name: str, kind: BlobKind) -> bytes:
        """One of the blobs; BadInput where it is gone or damaged."""
        return read_blob(self.folder, name, kind)

    @property
    def source(self) -> tuple[str, BlobKind] | None:
        """What the page was judged on."""
        if self.dom:
            return self.dom, BlobKind.DOM
        return (self.body, BlobKind.BODY) if self.body else None


class Evidence(msgspec.Struct, frozen=True):
    """Where sealed folders lie: those of visits, those of batches of probes."""

    visits: Path
    probes: Path

    def folder(self, name: str) -> Path:
        """The folder of that name."""
        return (self.probes if PROBES in name else self.visits) / name

    def page(self, folder: str, line: str) -> StoredPage | None:
        """A stored page; None where the folder is gone or damaged, or has no such line."""
        return pages_of(self.folder(folder)).get(line)

    def pointed(self, finding: str, pointer: Pointer) -> StoredPage | None:
        """The page a finding's pointer leads to."""
        return self.page(*place_of(finding, pointer)) if pointer.page else None

    def home(self, finding: str) -> StoredPage | None:
        """The photographed home page of a finding's visit."""
        pages = pages_of(self.folder(finding.rpartition("/")[0]))
        return next((page for page in pages.values() if page.home and page.picture), None)


def place_of(finding: str, pointer: Pointer) -> tuple[str, str]:
    """Folder and line a pointer names; the folder is that of its finding's visit where it names none."""
    folder, _, line = pointer.page.rpartition("/")
    return folder or finding.rpartition("/")[0], line


@lru_cache(maxsize=64)
def pages_of(folder: Path) -> dict[str, StoredPage]:
    """The pages of a sealed folder by their lines; none where it is gone or damaged."""
    try:
        if PROBES in folder.name:
            return {probe.service: probed_page(folder, probe) for probe in read_probes(folder)}
        return {page.id: visited_page(folder, page) for page in read_pages(folder)}
    except BadInput:
        return {}


def visited_page(folder: Path, page: PageVisit) -> StoredPage:
    """A page of a visit."""
    return StoredPage(
        folder=folder,
        line=page.id,
        url=page.final_url,
        taken_at=page.started_at,
        note=page.note,
        picture=page.screenshot,
        layout=page.layout,
        dom=page.dom,
        body=page.body,
        home=page.role is Role.HOME,
    )


def probed_page(folder: Path, probe: Probe) -> StoredPage:
    """What a probe kept: the try that spoke for it where the service's state changed."""
    made = probe.kept
    bare = StoredPage(folder=folder, line=probe.service, url=probe.url, taken_at=probe.at)
    if made is None:
        return bare
    return msgspec.structs.replace(
        bare,
        url=made.final_url or probe.url,
        taken_at=made.at,
        note=made.note,
        picture=made.picture or None,
        layout=made.layout or None,
        dom=made.dom or None,
        body=made.body or None,
    )
