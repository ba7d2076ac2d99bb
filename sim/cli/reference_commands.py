"""``bayah reference``."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import Problem, UsageError

__all__ = ["reference"]

_OWN = "commands"


@click.command()
@click.argument("pages", nargs=-1, metavar="[PAGE...]")
@click.option(
    "--out", type=click.Path(file_okay=False), metavar="FOLDER", help="Write PAGE.md into a folder instead."
)
def reference(pages: tuple[str, ...], out: str | None) -> None:
    """Print pages of the reference, as Markdown.

    PAGE is scenario or experiments (every field of a file), mechanisms (the statements of the articles), evidence
    (every number of the baseline and its source) or commands; all of them where none is given. Links are relative to
    docs/reference/.

    \b
    Examples:
      bayah reference scenario | less
      bayah reference --out docs/reference
    """
    from ..reference import PAGES
    from ..scenario.wording import nearest

    known = (*PAGES, _OWN)
    unknown = [
        Problem(f"there is no page '{name}'{nearest(name, known)}") for name in pages if name not in known
    ]
    if unknown:
        raise UsageError(unknown)
    for name in pages or known:
        text = _page(name)
        if out is None:
            click.echo(text, nl=False)
        else:
            Path(out).mkdir(parents=True, exist_ok=True)
            Path(out, f"{name}.md").write_text(text, encoding="utf-8", newline="\n")


def _page(name: str) -> str:
    if name != _OWN:
        from ..reference import page

        return page(name)
    from . import cli
    from .commands_page import commands_page

    return commands_page(cli)
