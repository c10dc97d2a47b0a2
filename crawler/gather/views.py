"""How thoroughly each target was looked for, in the end. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from crawler.frontier import CANDIDATE
from crawler.gather.pursuit import Pursuit, SeenPage
from crawler.model import Candidate, CandidateState, Role, StopReason, Target, TargetView, Unseen, VisitStatus

FEWEST_LINKS = 3
"""Links in scope a portal must show for it to be believed that there are no more: fewer mean its menu was not seen."""
SHOWN_CANDIDATES = 20
"""Candidates a view keeps, the best first."""


def home_view(target: Target, home: SeenPage | None) -> TargetView:
    """Home is seen in full as soon as it was read."""
    if home is None:
        return TargetView(target=target.id, full=False, gap="home-not-read")
    return TargetView(target=target.id, full=True, landings=(home.final_url,))


def search_view(target: Target, pages: Iterable[SeenPage], gap: str) -> TargetView:
    """The search box is seen in full where no query failed on its way."""
    asked = [page for page in pages if page.ask.role in (Role.SEARCH_KNOWN, Role.SEARCH_NONSENSE)]
    if any(page.status is not VisitStatus.OK for page in asked):
        gap = gap or "search-failed"
    return TargetView(target=target.id, full=not gap, gap=gap, landings=tuple(page.final_url for page in asked))


def section_view(pursuit: Pursuit, stop: StopReason, gap: str, *, cut: bool = False) -> TargetView:
    """A section is seen in full where its landing pages were found, or where nothing worth following was left unread. cut: the visit had to leave
    pages unread that menus name a little like it, which matters where no landing page was confirmed."""
    candidates = tuple(sorted(pursuit.candidates.values(), key=lambda c: (-c.score, c.url)))
    if not pursuit.satisfied:
        gap = gap or candidate_gap(candidates) or ("menus-unread" if cut and pursuit.doubtful else "")
    elif stop is not StopReason.DONE and not pursuit.details_open:
        gap = ""
    return TargetView(
        target=pursuit.target.id,
        full=not gap,
        gap=gap,
        landings=tuple(pursuit.landings),
        details=tuple(pursuit.details),
        samples_full=pursuit.details_open == 0 and pursuit.details_failed == 0,
        candidates=candidates[:SHOWN_CANDIDATES],
    )


def common_gap(home: SeenPage | None, stop: StopReason, links: int, *, sitemap_failed: bool) -> str:
    """What kept the visit from seeing any section in full, or ''."""
    if home is None or home.outline is None:
        return "home-not-read"
    if stop is not StopReason.DONE:
        return f"stopped-{stop.value}"
    if links < FEWEST_LINKS:
        return "no-menu"
    return "site-map-failed" if sitemap_failed else ""


def candidate_gap(candidates: Iterable[Candidate]) -> str:
    """What is wanting in the candidates worth following: one that failed, one never read, or ''."""
    states = {candidate.state for candidate in candidates if candidate.score >= CANDIDATE}
    if CandidateState.FAILED in states:
        return "candidates-failed"
    return "candidates-unvisited" if CandidateState.UNVISITED in states else ""


def unseen(pursuits: Iterable[Pursuit]) -> tuple[Unseen, ...]:
    """Links worth following that no one followed, each for the target it promised most to, the most promising first."""
    best: dict[str, Unseen] = {}
    for pursuit in pursuits:
        for candidate in pursuit.candidates.values() if not pursuit.satisfied else ():
            known = best.get(candidate.url)
            if candidate.state is CandidateState.UNVISITED and (known is None or known.score < candidate.score):
                best[candidate.url] = Unseen(
                    url=candidate.url, label=candidate.label, target=pursuit.target.id, score=candidate.score
                )
    return tuple(sorted(best.values(), key=lambda each: (-each.score, each.url)))
