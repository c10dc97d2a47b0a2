"""`kiemcong services import|template|list|decisions`: what agencies declare, and what persons decided about removals."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from crawler.problems import BadInput
from crawler.registry import resolve
from crawler.services.register import changes, read_services, synonyms
from crawler.sheets import read_sheet
from crawler.yaml_text import load_text
from output.commands.place_and_time import workspace_option
from output.exits import Exit
from output.services import load_services, store_services
from output.services_sheets import refuse_suffix, write_form, write_rejects
from output.tables import format_option, print_table
from output.workspace import open_workspace

FILE = click.Path(path_type=Path)


@click.command("import")
@click.argument("file", type=FILE)
@workspace_option
@click.option(
    "--rejects", type=FILE, metavar="FILE", help="Import the good rows and write the bad ones here, with reasons."
)
@click.option("--mapping", type=FILE, metavar="FILE", help="YAML lines `field: heading` for columns called otherwise.")
@click.option("--agency", metavar="NAME", help="Whose list it is, where it has no column for the agency.")
@format_option
def import_services(
    file: Path, workspace: Path, rejects: Path | None, mapping: Path | None, agency: str | None, form: str
) -> None:
    """Bring the register up to date from a CSV or XLSX list of services.

    A service is known again by its id, else by agency, unit and name. Prints every change. With mistakes nothing is imported, unless
    --rejects says where to put the bad rows; then the command ends with 1.
    """
    if rejects is not None:
        refuse_suffix(rejects)
    words = synonyms(load_text(mapping)[0], file=str(mapping)) if mapping else None
    with open_workspace(workspace) as opened:
        registry = opened.registry
        owner = resolve(registry, agency, file="--agency").id if agency else ""
        before = {service.id: service for service in load_services(opened.conn)}
        sheet = read_sheet(file)
        read = read_services(sheet, registry, before.values(), words=words, agency=owner)
        if read.problems and rejects is None:
            raise BadInput(read.problems)
        services = tuple(read.services.values())
        made = changes(before, services)
        store_services(opened.conn, services, file=file.name, now=datetime.now(UTC))
    if rejects is not None and read.problems:
        write_rejects(rejects, sheet, read.problems)
    new = sum(service.id not in before for service in services)
    altered = len({change.service for change in made}) - new
    refused = len({problem.line for problem in read.problems})
    untouched = sum(service.agency in {each.agency for each in services} for service in before.values()) - sum(
        service.id in before for service in services
    )
    click.echo(f"{new} new, {altered} changed, {len(services) - new - altered} as before, {refused} refused", err=True)
    if untouched:
        click.echo(
            f"note: {untouched} services of these agencies are not in the list; they stay in the register", err=True
        )
    rows = [(change.service, change.field, change.before, change.after) for change in made]
    print_table(("service", "field", "before", "after"), rows, form, "Thay đổi")
    if refused:
        raise click.exceptions.Exit(Exit.FINDINGS)


@click.command("template")
@click.argument("file", type=FILE)
def template(file: Path) -> None:
    """Write the form to send to agencies, XLSX or CSV by the file's ending."""
    write_form(file)


@click.command("list")
@workspace_option
@click.option("--agency", metavar="NAME", help="This agency's services only.")
@click.option("--level", type=click.IntRange(1, 4), multiple=True, help="This declared level only; may be repeated.")
@format_option
def list_services(workspace: Path, agency: str | None, level: tuple[int, ...], form: str) -> None:
    """List the services of the register."""
    with open_workspace(workspace) as opened:
        owner = resolve(opened.registry, agency, file="--agency").id if agency else None
        found = load_services(opened.conn, owner)
    columns = ("id", "agency", "unit", "name", "field", "level", "url", "dossiers_total", "dossiers_online")
    rows = [tuple(getattr(each, column) for column in columns) for each in found if not level or each.level in level]
    print_table(columns, rows, form, f"Dịch vụ công trực tuyến ({len(rows)})")
