"""The command line ``d2l-autograd``."""

from __future__ import annotations

import io
import sys


def main() -> int:
    """Run the command line on ``sys.argv`` and return the exit status.

    0 is success, 1 a failure, 2 a wrong argument, 130 an interruption from the keyboard.
    """
    import click

    from d2l_autograd.cli.group import cli

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal without Chinese or a tick shows "?" rather than end the command.
            stream.reconfigure(errors="replace")
    try:
        status = cli.main(prog_name="d2l-autograd", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo("Interrupted.", err=True)
        return 130
    return status if isinstance(status, int) else 0
