"""The group of commands, and how a failure of any of them reads."""

from __future__ import annotations

import traceback

import click

from d2l_autograd import __version__
from d2l_autograd.cli.check import check
from d2l_autograd.cli.doctor import doctor
from d2l_autograd.cli.grade import grade
from d2l_autograd.cli.lab import lab
from d2l_autograd.cli.language import language_option
from d2l_autograd.cli.python import unsupported_python
from d2l_autograd.cli.record import record
from d2l_autograd.cli.run import run
from d2l_autograd.cli.slides import slides
from d2l_autograd.cli.student import student
from d2l_autograd.course.chapters import ChapterError, chapters


class _Group(click.Group):
    """Tells a failure in a sentence, and where it happened only under ``--debug``."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.Abort, click.UsageError, BrokenPipeError):
            raise
        except Exception as error:
            if ctx.params["debug"]:
                # Jupyter's tracebacks have colours, which click leaves out of a file.
                click.echo(traceback.format_exc(), err=True)
            if isinstance(error, click.ClickException):
                raise
            if isinstance(error, ChapterError):
                raise click.ClickException(str(error)) from error
            raise click.ClickException(
                f"{type(error).__name__}: {error}\n"
                "To see where, write --debug before the name of the command."
            ) from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the traceback of a failure.")
@click.version_option(__version__, prog_name="d2l-autograd")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """A course on automatic differentiation with MindSpore."""
    # The doctor works on any Python: a wrong one is for it to diagnose.
    if ctx.invoked_subcommand != "doctor" and (sentence := unsupported_python()):
        raise click.ClickException(sentence)


@cli.command(name="list")
@language_option
def list_chapters(lang: str) -> None:
    """List the chapters and their titles."""
    titles = {chapter.id: chapter.title for chapter in chapters(lang)}
    width = max(map(len, titles))
    for name, title in titles.items():
        click.echo(f"{name:{width}}  {title}")


cli.add_command(lab)
cli.add_command(run)
cli.add_command(student)
cli.add_command(slides)
cli.add_command(grade)
cli.add_command(check)
cli.add_command(record)
cli.add_command(doctor)
