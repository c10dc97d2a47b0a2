"""`kiemcong`: the command line, a thin skin over the rooms."""

from __future__ import annotations

import errno
import sys
from importlib import import_module

import click

from crawler.database import Busy
from crawler.problems import BadInput
from crawler.process import collect_seldom
from output.exits import Exit, Stop

COMMANDS = {
    "accuracy": "output.commands.accuracy:accuracy",
    "agencies": "output.commands.agencies:agencies",
    "allow-list": "output.commands.allow_list:allow_list",
    "backup": "output.commands.backup:backup_command",
    "evaluate": "output.commands.judge:evaluate_command",
    "explain": "output.commands.judge:explain_command",
    "export": "output.commands.export:export",
    "init": "output.commands.workspace:init",
    "measures": "output.commands.measures:measures",
    "migrate": "output.commands.workspace:migrate",
    "plan": "output.commands.plan:plan",
    "rank": "output.commands.rank:rank",
    "review": "output.commands.review:review",
    "run": "output.commands.run:run_command",
    "score": "output.commands.score:score",
    "serve-saved": "output.commands.serve_saved:serve_saved_command",
    "services": "output.commands.services:services",
    "status": "output.commands.status:status",
    "verify": "output.commands.verify:verify",
    "visit": "output.commands.visit:visit_command",
}
"""Where each command stands. Imported when it is asked for: ranking a file need not wait for the crawler."""


class Commands(click.Group):
    """The commands of COMMANDS."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names of all commands, in order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="kiemcong")
def kiemcong() -> None:
    """Check Vietnam's government portals against the decree, with evidence, and rank them."""


def main() -> None:
    """Run `kiemcong` and exit with a documented code; a failure prints one clear message on standard error."""
    collect_seldom()
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
