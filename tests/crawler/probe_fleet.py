"""Probes a fleet over a simulated window, in a process of its own, as Twisted's reactor starts only once.

Arguments: folder, number of services, number of hosts, number of days. Prints what went wrong as JSON: rows whose outcome is not the truth.
"""

from __future__ import annotations

import json
import re
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

from checklists.liveness import LOCAL
from crawler.netguard import World
from crawler.plan import Window
from crawler.services import batches
from crawler.services.batch_folder import read_probes
from crawler.services.model import Outcome, probe_rules
from crawler.services.plan import groups, plan_batches, probed
from crawler.services.work import probe
from crawler.spiders.service import ProbeOptions
from output.probing import LedgerBatches, ProbeRound
from output.services import store_services
from output.services_seen import batches_seen
from output.workspace import init_workspace
from tests.crawler.service_fleet import Fleet, clock_of, host_names, kind_of, running, services, truth

FIRST = date(2017, 2, 2)


def main(folder: Path, count: int, hosts: int, days: int) -> None:
    start = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=LOCAL)
    evening = start + timedelta(hours=18)
    fleet = Fleet(start, cuts=((evening, evening + timedelta(hours=6)),))
    found = services(count, hosts, ("da-nang", "ha-noi"))
    rules = probe_rules()
    with init_workspace(folder / "ws", "a@b.gov.vn") as opened, running(fleet, folder, host_names(found)) as resolve:
        store_services(opened.conn, found, file="fleet", now=start)
        placed = groups(probed(found), rules.batch_services, 1)
        window = Window(FIRST, FIRST + timedelta(days=days - 1))
        planned = plan_batches("2016", placed.values(), window, rules, 1)
        batches.store_plan(opened.conn, "2016", placed, planned, now=start, grace=rules.grace)
        options = ProbeOptions(
            probes=opened.probes, pace=opened.pace_path, user_agent="KiemCong/test", rules=rules,
            controls=("http://control.vn/",), world=World(only_networks=("127.0.0.0/8",), resolve=resolve),
            gap=0.0, concurrency=1, spacing=0.0,
        )  # fmt: skip
        feed = LedgerBatches(
            ProbeRound(database=opened.database, options=options, replay=True),
            lambda event: print(event.visit, event.what, event.detail, file=sys.stderr),
            clock_of(fleet),
        )
        probe(feed, options)
        feed.close()
        seen = batches_seen(opened.probes, "2016")
        wrong, rows, tries, changes = [], 0, 0, 0
        hosts_of = {each.id: each.url.split("/")[2] for each in found}
        for batch, place in zip(seen.batches, seen.folders, strict=True):
            for row in read_probes(place):
                rows += 1
                tries += len(row.tries)
                changes += row.changed
                wanted = truth(
                    fleet, kind_of(hosts_of[row.service]), "/" + "/".join(row.url.split("/")[3:]), batch.planned_at
                )
                if batch.void:
                    continue
                if (row.outcome, row.layer) != wanted:
                    wrong.append(
                        [row.service, row.url, str(batch.planned_at), row.outcome, row.layer, *map(str, row.tries)]
                    )
                if row.outcome is Outcome.DOWN and len(row.tries) != 1 + len(rules.retry_seconds):
                    wrong.append([row.service, "was called down after too few tries"])
        print(
            json.dumps(
                {
                    "wrong": wrong, "rows": rows, "tries": tries, "changes": changes, "batches": len(seen.batches),
                    "void": [str(batch.planned_at) for batch in seen.batches if batch.void],
                    "left": [each.batch.id for each in batches.batches(opened.conn) if each.state != "done"],
                    "asked_of_busy": sum(host.startswith("busy") and re.fullmatch(r"/dich-vu/\d+", path) is not None for host, path in fleet.asked),
                    "asked_of_robots": sum(host.startswith("robots") and path != "/robots.txt" for host, path in fleet.asked),
                }
            )
        )  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
