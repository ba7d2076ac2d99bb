"""``bayah compare``: what if."""

from __future__ import annotations

import re
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import click

from ._shared import EXIT_FAILED, EXIT_INCOMPLETE, echo_json, json_option

if TYPE_CHECKING:
    from ..experiments.compare.comparison import Comparison

__all__ = ["compare", "directions"]


@click.command()
@click.argument("base", metavar="BASE")
@click.argument("alternatives", nargs=-1, metavar="[ALTERNATIVE]...")
@click.option("--all", "all_", is_flag=True, help="Compare with all bundled what-ifs of the base.")
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="PATH=VALUE[@YYYY-MM]",
    help="Change a value in every alternative (without any: in the base), from a month on if one is given.",
)
@click.option(
    "--runs", default=2000, metavar="N", show_default=True, help="Pairs of runs for each alternative."
)
@click.option("--seed", default="1", metavar="N", show_default=True, help="The first seed.")
@click.option("--until", metavar="YYYY-MM", help="Last month, instead of the scenarios'.")
@click.option(
    "--weights",
    metavar="DESIGN|FILE",
    help="Values of what nobody knows, over which the comparison is made: a design, a sweep's folder, a CSV or Parquet file.",
)
@click.option(
    "--parameters",
    metavar="posterior|FOLDER",
    help="Weights inferred from the record: the bundled posterior, or the folder of another calibration.",
)
@click.option("--draws", type=int, metavar="N", help="Take N points of the weights [default: all].")
@click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    metavar="NAME",
    help="Keep the spread over pairs of this monthly outcome, too; repeatable.",
)
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Threads [default: the processors there are]."
)
@click.option("--out", metavar="DIR", help="Folder for the results [default: results/BASE-or-ALTERNATIVE].")
@click.option(
    "--report", metavar="FILE", help="Also write one HTML file with the answer, all tables and figures."
)
@click.option("--no-figures", is_flag=True, help="Draw no figures.")
@click.option("--force", is_flag=True, help="Replace a comparison that is in the folder.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
@json_option
def compare(
    base: str, alternatives: tuple[str, ...], all_: bool, overrides: tuple[str, ...], runs: int, seed: str,
    until: str | None, weights: str | None, parameters: str | None, draws: int | None,
    outcomes: tuple[str, ...], workers: int | None, out: str | None, report: str | None, no_figures: bool,
    force: bool, quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    """Compare a scenario with others, run by run, under the same chance: what differs, who moved, and why.

    BASE and ALTERNATIVE are paths or names of bundled scenarios (see bayah list). Both runs of a pair meet the same
    draws, so that what differs comes from what was changed.

    \b
    Examples:
      bayah compare baseline omar-hidden-until-2018
      bayah compare baseline --set patrons.iskp.acceptance=0@2015-06 --runs 500
      bayah compare baseline no-resettlement no-waziristan-operation --report answer.html
      bayah compare baseline --all --no-figures --json
      bayah compare baseline no-doha-truce --weights weights-hypercube --draws 50
      bayah compare baseline no-doha-truce --parameters posterior
      bayah explain results/omar-hidden-until-2018 --faction imu
    """
    from ..api.comparing import varied_by
    from ..errors import UsageError
    from ..experiments.compare.folder import check_place
    from ..experiments.compare.making import make_comparison
    from ..results.making import seed_of_text
    from ..scenario.load import load

    names = [*alternatives, *(_what_ifs(base) if all_ else ())]
    if not names and not overrides:
        raise UsageError("name one or more alternatives, or --all, or what to --set (bayah list what-ifs)")
    first = load(base)
    others = [load(name, overrides) for name in names] or [load(base, overrides)]
    place = out if out is not None else str(Path("results") / _folder_name(base, names, overrides, all_))
    check_place(place, force)
    target = None if report is None else _check_report(report)
    varied = varied_by(weights, parameters, draws)
    if draws is not None and varied is None:
        raise UsageError("--draws needs --weights or --parameters")
    say = (lambda text: None) if quiet else (lambda text: click.echo(text, err=True))
    Thread(target=_import_ahead, args=(not no_figures,), daemon=True).start()
    told = make_comparison(
        first,
        others,
        runs,
        seed_of_text(seed),
        until,
        varied,
        outcomes,
        workers,
        False if quiet else None,
        say,
    )
    folder = told.save(place, force, figures=not no_figures)
    if target is not None:
        told.report(target)
    if as_json:
        echo_json({**as_dict(told), "folder": str(folder), "report": None if target is None else str(target)})
    elif not quiet:
        click.echo(told.text())
        click.echo(f"\nwritten to {place}" + ("" if report is None else f" and {report}"))
    if told.about["stopped"]:
        click.get_current_context().exit(EXIT_INCOMPLETE)


def _import_ahead(figures: bool) -> None:
    """Import what comes after the runs while compiled code, which needs no interpreter, makes them."""
    names = (
        "pandas",
        "scipy.special",
        *(("sim.plots.comparison_folder", "sim.plots.comparisons") if figures else ()),
    )
    for name in names:
        import_module(name)


def _what_ifs(base: str) -> list[str]:
    from ..api.discovery import scenario_rows
    from ..errors import UsageError
    from ..scenario.load import load

    title = load(base).scenario.meta.title
    found = [row["name"] for row in scenario_rows() if row["extends"] == title]
    if not found:
        raise UsageError(f"no bundled scenario extends '{base}'")
    return found


def _folder_name(base: str, names: list[str], overrides: tuple[str, ...], all_: bool) -> str:
    stem = Path(base).stem
    if all_:
        return f"{stem}-what-ifs"
    text = Path(names[0]).stem if len(names) == 1 and not overrides else ""
    if not names:
        text = f"{stem}-{'-'.join(overrides)}"
    elif not text:
        text = "-".join([*(Path(name).stem for name in names), *overrides])
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")[:80] or "comparison"


def _check_report(report: str) -> Path:
    from ..errors import Problem, UsageError

    target = Path(report)
    if target.is_dir() or (target.parent.exists() and not target.parent.is_dir()):
        raise UsageError(Problem("is a folder; name a file, as answer.html", report))
    if target.suffix.lower() not in (".html", ".htm"):
        raise UsageError(Problem("the report is an HTML file: its name ends in .html", report))
    return target


def as_dict(told: Comparison) -> dict[str, Any]:
    """The answer as plain data: readouts, who moved, reasons."""
    difference: Any = told.frame("difference")
    moved: Any = told.who_moved()
    reasons: Any = told.reasons()
    answers = {}
    for name in told.alternatives:
        movers = moved.loc[name]
        known = name in reasons.index.get_level_values("alternative")
        why = reasons.loc[name].reset_index() if known else reasons.iloc[:0].reset_index()
        answers[name] = {
            "title": told.titles[name],
            "question": told.questions[name],
            "levers_differ_from": told.lever_months[name] or None,
            "readouts": [
                {
                    "outcome": one.outcome, "month": one.month, "no_effect": one.no_effect,
                    **difference.loc[(name, one.outcome, one.month)].to_dict(),
                }
                for one in told.readouts[name]
            ],
            "who_moved": movers[movers["moved"] > 0].reset_index().to_dict("records"),
            "reasons": why.to_dict("records"),
        }  # fmt: skip
    keys = ("base", "pairs", "seed", "until", "weights", "face", "notes", "stopped", "code", "packages")
    return {**{key: told.about[key] for key in keys}, "alternatives": answers}


@click.command()
@click.option("--runs", default=400, metavar="N", show_default=True, help="Pairs of runs for each what-if.")
@click.option("--seed", default="1", metavar="N", show_default=True, help="The first seed.")
@click.option("--markdown", is_flag=True, help="Print the table of the documents.")
@click.option("--quiet", "-q", is_flag=True, help="Show no bar.")
@json_option
def directions(runs: int, seed: str, markdown: bool, quiet: bool, as_json: bool) -> None:
    """Compare the bundled what-ifs that state a direction, and say which directions show in the model.

    A direction is what an article or the record leads one to expect, stated in the file before it was run. Exits with
    1 where one does not show.

    \b
    Examples:
      bayah directions
      bayah directions --runs 2000 --json
    """
    from ..api.library import what_if_rows
    from ..experiments.compare.directions import directions as told_by
    from ..experiments.compare.directions import directions_markdown
    from ..experiments.compare.making import make_comparison
    from ..experiments.compare.words import signed
    from ..results.making import seed_of_text
    from ..scenario.load import load

    names = [row["name"] for row in what_if_rows() if any("direction" in one for one in row["readouts"])]
    told = make_comparison(
        load("baseline"), [load(name) for name in names], runs, seed_of_text(seed), progress=False if quiet else None,
        say=lambda text: click.echo(text, err=True),
    )  # fmt: skip
    found = list(told_by(told))
    if as_json:
        echo_json([{**asdict(one), "verdict": one.verdict} for one in found])
    elif markdown:
        click.echo(directions_markdown(found))
    else:
        for one in found:
            click.echo(
                f"{one.verdict:9}  {one.what_if}: {one.outcome} {one.month} {one.expected} ({one.stated}): "
                f"{signed(one.difference)} (95 % {signed(one.low)} to {signed(one.high)})"
            )
    if any(one.verdict != "shown" for one in found):
        click.get_current_context().exit(EXIT_FAILED)
