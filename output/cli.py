"""`kiemcong`: the command line, a thin skin over the rooms."""

from __future__ import annotations

import errno
import sys

import click

from crawler.database import Busy
from crawler.problems import BadInput
from output.commands.agencies import agencies
from output.commands.export import export
from output.commands.judge import evaluate_command, explain_command
from output.commands.plan import plan, status
from output.commands.rank import rank
from output.commands.score import score
from output.commands.serve_saved import serve_saved_command
from output.commands.services import services
from output.commands.verify import verify
from output.commands.visit import run_command, visit_command
from output.commands.workspace import init, migrate
from output.exits import Exit, Stop


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="kiemcong")
def kiemcong() -> None:
    """Check Vietnam's government portals against the decree, with evidence, and rank them."""


def main() -> None:
    """Run `kiemcong` and exit with a documented code; a failure prints one clear message on standard error."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """The exit code of one command line, its failures already told on standard error."""
    try:
        # Outside its standalone mode click hands back the code of a command that ended with click's Exit.
        ended = kiemcong.main(args=arguments, prog_name="kiemcong", standalone_mode=False)
    except click.Abort:
        return tell("stopped", Exit.INTERRUPTED)
    except click.ClickException as problem:
        problem.show()
        return Exit.BAD_INPUT
    except BadInput as problem:
        return tell(str(problem), Exit.BAD_INPUT)
    except Stop as problem:
        return tell(str(problem), problem.code)
    except Busy as problem:
        return tell(f"{problem} — end that one, or run the command again", Exit.WORKSPACE)
    except KeyboardInterrupt:
        return tell("stopped", Exit.INTERRUPTED)
    except OSError as problem:
        if problem.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        return tell(
            f"the disk is full: {problem.filename or 'workspace'} — free space and run the command again", Exit.DISK
        )
    return ended if isinstance(ended, int) else Exit.DONE


def tell(message: str, code: Exit) -> int:
    """Print a failure and return its exit code."""
    click.echo(f"kiemcong: {message}", err=True)
    return code


kiemcong.add_command(services)
kiemcong.add_command(verify)
kiemcong.add_command(agencies)
kiemcong.add_command(init)
kiemcong.add_command(migrate)
kiemcong.add_command(plan)
kiemcong.add_command(status)
kiemcong.add_command(rank)
kiemcong.add_command(score)
kiemcong.add_command(evaluate_command)
kiemcong.add_command(explain_command)
kiemcong.add_command(visit_command)
kiemcong.add_command(run_command)
kiemcong.add_command(export)
kiemcong.add_command(serve_saved_command)
