"""``bayah odd``."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["odd"]


@click.command()
@click.argument("scenario", default="baseline")
@click.option("--out", type=click.Path(dir_okay=False), metavar="FILE", help="Write it to a file instead.")
def odd(scenario: str, out: str | None) -> None:
    """Print the description of the model after the ODD+D protocol.

    It is Markdown: purpose, entities, scheduling, decisions, every formula; and, of SCENARIO, every number with
    its unit, prior and class of source, and how many of them are inferred. Links are relative to docs/.

    \b
    Examples:
      bayah odd | less
      bayah odd --out docs/odd.md
      bayah odd my-scenario.yaml --out my-model.md
    """
    from ..odd import document
    from ..scenario.load import load

    text = document(load(scenario))
    if out is None:
        click.echo(text, nl=False)
    else:
        Path(out).write_text(text, encoding="utf-8", newline="\n")
