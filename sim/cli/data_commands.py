"""``bayah data``: files that a user has, read into what the program works with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ._shared import LazyCommand, LazyGroup, echo_json, json_option

if TYPE_CHECKING:
    from ..experiments.patterns.ucdp.writing import Ucdp

__all__ = ["data", "ucdp"]

COMMANDS = {
    "ucdp": LazyCommand(
        "sim.cli.data_commands:ucdp", "Read files of the Uppsala Conflict Data Program into patterns."
    ),
}

EPILOG = """\b
Examples:
  bayah data ucdp --help
  bayah data ucdp Nonstate_v23_1.csv BattleDeaths_v24_1.csv --out my-patterns.yaml
"""


@click.group(name="data", cls=LazyGroup, commands_by_name=COMMANDS, epilog=EPILOG)
def data() -> None:
    """Read data that you have into patterns, which runs are held against."""


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--out",
    default="ucdp-patterns.yaml",
    show_default=True,
    metavar="FILE",
    help="File of patterns to write.",
)
@click.option(
    "--role",
    type=click.Choice(["report", "fit"]),
    default="report",
    show_default=True,
    help="Tell them beside runs, or hold calibration to them; battle deaths are always told only.",
)
@click.option(
    "--focus", default="234", metavar="ACTOR", help="The patron in question: id or name [default: 234, IS]."
)
@click.option(
    "--incumbent", default="303", metavar="ACTOR", help="Its rival: id or name [default: 303, Taleban]."
)
@click.option(
    "--splinter",
    default="6252",
    metavar="ACTOR",
    help="Who left the rival: id or name [default: 6252, High Council of Afghanistan Islamic Emirate].",
)
@click.option(
    "--government",
    default="130",
    metavar="ACTOR",
    help="Whom it fights in battle: id or name [default: 130, Government of Afghanistan].",
)
@click.option(
    "--country",
    "countries",
    multiple=True,
    metavar="NAME",
    help="Where events count; repeatable [default: Afghanistan, Pakistan].",
)
@click.option("--force", is_flag=True, help="Replace a file of patterns that is there.")
@json_option
def ucdp(
    files: tuple[str, ...],
    out: str,
    role: str,
    focus: str,
    incumbent: str,
    splinter: str,
    government: str,
    countries: tuple[str, ...],
    force: bool,
    as_json: bool,
) -> None:
    """Read files of the Uppsala Conflict Data Program (UCDP) into patterns.

    FILE is a CSV from ucdp.uu.se: Battle-Related Deaths in the dyadic form, Non-State Conflict, or events (GED).
    Which of them it is, its columns tell. Years from 2013 to 2018 become patterns; later ones are named and left
    out. The data are under CC BY 4.0: cite UCDP, as each pattern written does, with its version.

    UCDP has "Taleban" for the Taliban, and "IS" for the Islamic State wherever it is. Another actor is named as
    the file has it, or by its id. Prints the years of each pair, best with low and high, and what was left out.

    \b
    Examples:
      bayah data ucdp Nonstate_v23_1.csv
      bayah data ucdp Nonstate_v23_1.csv BattleDeaths_v24_1.csv --out my-patterns.yaml
      bayah data ucdp GEDEvent_v24_1.csv --role fit
      bayah data ucdp Nonstate_v23_1.csv --focus IS --incumbent JNIM --splinter "Katiba Macina"
    """
    from ..experiments.patterns.ucdp.dyads import COUNTRIES, Actors
    from ..experiments.patterns.ucdp.writing import check_free, read_ucdp, write_patterns

    check_free(Path(out), force)
    actors = Actors(focus, incumbent, splinter, government)
    found = read_ucdp(files, actors, countries or COUNTRIES, role)
    write_patterns(found, out, force)
    if as_json:
        echo_json(_answer(found, out))
    else:
        _print(found, out)


def _answer(found: Ucdp, out: str) -> dict[str, Any]:
    return {
        "written": out,
        "files": found.files,
        "rows": found.rows,
        "patterns": found.patterns,
        "left_out": found.remarks,
    }


def _print(found: Ucdp, out: str) -> None:
    for name in dict.fromkeys((row["dataset"], row["version"], row["sides"]) for row in found.rows):
        rows = [row for row in found.rows if (row["dataset"], row["version"], row["sides"]) == name]
        counted = rows[0]["events"] is not None
        dataset, version, sides = name
        click.echo(f"{sides} ({dataset}, {f'version {version}' if version else 'version unknown'})")
        click.echo(f"  year{'  events' if counted else ''}    best     low    high")
        for row in rows:
            events = f"{row['events']:>8,}" if counted else ""
            estimates = "".join(f"{row[end]:>8,}" for end in ("best", "low", "high"))
            click.echo(f"  {row['year']}{events}{estimates}{'' if row['serves'] else '  left out'}")
    for remark in found.remarks:
        click.echo(f"note: {remark}")
    parts = sum(len(pattern["parts"]) for pattern in found.patterns.values())
    count = len(found.patterns)
    click.echo(f"{count} pattern{'s' * (count != 1)} of {parts} number{'s' * (parts != 1)} written to {out}")
