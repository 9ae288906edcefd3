"""The command line ``notebook-check``, and the commands that other programs take from it."""

from __future__ import annotations

import io
import sys


def main() -> int:
    """Run the command line on ``sys.argv`` and return the exit status.

    0 is success, 1 a failure, 2 a wrong argument, 130 an interruption from the keyboard.
    """
    import click

    from notebook_check.cli.group import cli

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal without some character shows "?" rather than end the command.
            stream.reconfigure(errors="replace")
    try:
        status = cli.main(prog_name="notebook-check", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo("Interrupted.", err=True)
        return 130
    return status if isinstance(status, int) else 0
