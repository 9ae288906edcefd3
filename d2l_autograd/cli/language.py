"""The option ``--lang``, the same for every command."""

from __future__ import annotations

import click

from d2l_autograd.course.chapters import LANGUAGES, default_language

language_option = click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    default=default_language,
    show_default="zh in a Chinese locale (LC_ALL, LC_MESSAGES or LANG), else en",
    help="Language of the chapters.",
)
