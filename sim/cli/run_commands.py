"""``bayah run``, ``bayah explain`` and ``bayah list``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ._shared import echo_json, json_option

if TYPE_CHECKING:
    from ..results.explain import Explanation
    from ..results.run import Run

__all__ = ["explain", "list_", "run"]


@click.command()
@click.argument("scenario", metavar="SCENARIO")
@click.option("--seed", default="1", metavar="N", help="Run seed, 0 to 2**64 - 1 [default: 1].")
@click.option(
    "--set", "overrides", multiple=True, metavar="PATH=VALUE", help="Change a value first; repeatable."
)
@click.option(
    "--branch-at",
    metavar="YYYY-MM",
    help="Let every --set hold from this month on; the past stays as it was.",
)
@click.option("--until", metavar="YYYY-MM", help="Last month, instead of the scenario's.")
@click.option(
    "--driver", type=click.Choice(["engine", "mesa"]), default="engine", help="Compiled, or agent by agent."
)
@click.option("--out", metavar="DIR", help="Folder for the results [default: results/NAME].")
@click.option("--no-figures", is_flag=True, help="Draw no figures.")
@click.option("--force", is_flag=True, help="Replace a run that is in the folder.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
@json_option
def run(
    scenario: str,
    seed: str,
    overrides: tuple[str, ...],
    branch_at: str | None,
    until: str | None,
    driver: str,
    out: str | None,
    no_figures: bool,
    force: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Run a scenario once: print the summary, write the tables and figures.

    SCENARIO is a path or the name of a bundled scenario (see bayah list). The folder is written whole or not
    at all; a run that is there is replaced only with --force.

    \b
    Examples:
      bayah run baseline
      bayah run baseline --seed 7 --set events.omar_revealed.date=2014-07 --out results/early-news
      bayah run baseline --set patrons.iskp.acceptance=0@2015-06 --out results/no-more-oaths
      bayah run baseline --branch-at 2015-06 --set patrons.iskp.acceptance=0 --out results/no-more-oaths
    """
    from ..results.folder import check_target
    from ..results.making import make_run, months_until, seed_of_text
    from ..results.summary import summary_dict
    from ..scenario.load import load

    number = seed_of_text(seed)
    if branch_at is not None:
        overrides = _from_month(overrides, branch_at)
    loaded = load(scenario, overrides)
    if until is not None:
        months_until(loaded.scenario, until)
    place = out if out is not None else str(Path("results") / loaded.name)
    check_target(place, force)
    say: Callable[[str], None] = lambda text: None if quiet else click.echo(text, err=True)  # noqa: E731
    # Mesa brings scipy, which needs its BLAS.
    with nullcontext() if driver == "mesa" else _light_numba():
        made = make_run(loaded, number, "mesa" if driver == "mesa" else "engine", until, say=say)
    telling = not (as_json or quiet)
    if telling:
        # The figures take longer than the run: something to read meanwhile.
        click.echo(made.summary_text())
    folder = made.save(place, force, figures=not no_figures)
    if as_json:
        echo_json({**summary_dict(made), "folder": str(folder)})
    elif telling:
        click.echo(f"\nwritten to {place}")
        say(_next(made, place, not no_figures))


def _from_month(overrides: tuple[str, ...], month: str) -> tuple[str, ...]:
    """Overrides that hold from a month on."""
    from ..errors import Problem, UsageError
    from ..scenario.overrides import parse_overrides
    from ..scenario.quantities import month_index

    try:
        month_index(month)
    except ValueError as error:
        raise UsageError(Problem(str(error), "--branch-at")) from None
    if not overrides:
        raise UsageError(Problem("say what changes then: --set path=value", "--branch-at"))
    dated = [str(one) for one in parse_overrides(overrides) if one.month is not None]
    if dated:
        raise UsageError(Problem(f"{dated[0]} has a month of its own", "--branch-at"))
    # Beside the path, as the value may be in quotes.
    return tuple(f"{path}@{month[:7]}{equals}{value}" for path, equals, value in map(_parts, overrides))


def _parts(override: str) -> tuple[str, str, str]:
    return override.partition("=")


@contextmanager
def _light_numba() -> Iterator[None]:
    """Keep numba from importing what no rule needs, which would take a tenth of the time of this command.

    It asks scipy for BLAS on first use, to multiply matrices, and coverage for a measurement under way. Both are
    optional to it. Only where the process is ours.
    """
    absent = [name for name in ("scipy.linalg.cython_blas", "coverage") if name not in sys.modules]
    for name in absent:
        # To Python an entry of None is a module that cannot be imported.
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in absent:
            sys.modules.pop(name, None)


def _next(made: Run, place: str, figures: bool) -> str:
    """What there is to look at now."""
    import shlex

    from ..results.summary import first_times

    first = next(iter(first_times(made)), None)
    faction = next(iter(made.scenario.factions)) if first is None else first.faction
    seen = f"figures in {place}/figures; " if figures else ""
    return f"{seen}why a faction chose so: bayah explain {shlex.quote(place)} --faction {faction}"


@click.command()
@click.argument("results", metavar="RESULTS")
@click.option("--faction", "-f", required=True, metavar="NAME", help="Id, code (F30), name or alias.")
@click.option("--month", "-m", metavar="YYYY-MM", help="One decision; without it, all in short.")
@click.option(
    "--alternative", metavar="NAME", help="Of a comparison with several alternatives, the one meant."
)
@json_option
def explain(results: str, faction: str, month: str | None, alternative: str | None, as_json: bool) -> None:
    """Say why a faction of a run chose as it did, or why it stands elsewhere in a comparison.

    RESULTS is the folder of a run or of a comparison.

    \b
    Examples:
      bayah explain results/baseline --faction imu
      bayah explain results/baseline --faction F30 --month 2015-07
      bayah explain results/omar-hidden-until-2018 --faction imu
    """
    told = _told(results, faction, month, alternative)
    if as_json:
        echo_json(told.as_dict())
        return
    click.echo(str(told))
    if told.data["kind"] == "decision":
        click.echo("\n" + "\n".join(_terms(told.data)))


def _told(results: str, faction: str, month: str | None, alternative: str | None) -> Explanation:
    from ..errors import UsageError
    from ..experiments.compare.folder import is_comparison, read_comparison
    from ..results.run import open_run

    if not is_comparison(results):
        if alternative is not None:
            raise UsageError("--alternative is for comparisons; this is no folder of one")
        return open_run(results).explain(faction, month)
    if month is not None:
        raise UsageError("--month is for single runs; a comparison is explained over all its pairs")
    return read_comparison(results).explain(faction, alternative)


def _terms(data: dict[str, Any]) -> list[str]:
    """The terms of every option as a table, without pandas."""
    options = [option for option in data["options"] if option["available"]]
    wide = max(len(name) for name in options[0]["terms"])
    cell = max(9, 2 + max(len(option["option"]) for option in options))
    lines = [f"{'term':{wide}}" + "".join(f"{option['option']:>{cell}}" for option in options)]
    for name in options[0]["terms"]:
        values = [option["terms"][name] for option in options]
        if any(abs(value) >= 0.005 for value in values):
            lines.append(f"{name:{wide}}" + "".join(f"{value:>{cell}.2f}" for value in values))
    total = "".join(f"{option['utility']:>{cell}.2f}" for option in options)
    return ["Terms by option, log-odds:", *lines, f"{'utility':{wide}}{total}"]


@click.command("list")
@click.argument(
    "what",
    type=click.Choice(["scenarios", "what-ifs", "experiments", "levers", "outcomes", "statistics"]),
    required=False,
    metavar="[scenarios|what-ifs|experiments|levers|outcomes|statistics]",
)
@click.option("--scenario", default="baseline", metavar="SCENARIO", help="Whose levers [default: baseline].")
@click.option("--search", default="", metavar="WORDS", help="Only what holds all these words.")
@click.option("--markdown", is_flag=True, help="What-ifs as the table of docs/what-ifs.md.")
@json_option
def list_(what: str | None, scenario: str, search: str, markdown: bool, as_json: bool) -> None:
    """List the bundled scenarios, what-ifs and designs, the levers of a scenario, outcomes, or statistics.

    \b
    Examples:
      bayah list
      bayah list what-ifs --search doha
      bayah list experiments
      bayah list levers --search omar
      bayah list outcomes --search legitimacy
      bayah list statistics --search ratio
    """
    from ..api.discovery import experiment_rows, lever_rows, outcome_rows, scenario_rows
    from ..api.library import what_if_markdown, what_if_rows
    from ..api.record import statistic_rows
    from ..scenario.load import load

    if markdown:
        if what != "what-ifs" or search or as_json:
            raise click.UsageError("--markdown is for all what-ifs: bayah list what-ifs --markdown")
        click.echo(what_if_markdown(), nl=False)
        return
    find: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "scenarios": scenario_rows,
        "what-ifs": what_if_rows,
        "experiments": lambda: experiment_rows(counted=what == "experiments"),
        "outcomes": outcome_rows,
        "statistics": statistic_rows,
    }
    if what == "levers":
        found = {what: list(lever_rows(load(scenario), search))}
    else:
        names = ("scenarios", "experiments") if what is None else (what,)
        found = {name: [row for row in find[name]() if _holds(row, search)] for name in names}
    if as_json:
        echo_json(found)
        return
    if search and not any(found.values()):
        click.echo(f"nothing holds all of: {search}", err=True)
        return
    for name, rows in found.items():
        if what is None:
            click.echo(_HEADS[name])
        for line in _LINES[name](rows):
            click.echo(line)


def _holds(row: dict[str, Any], search: str) -> bool:
    text = " ".join(map(str, row.values())).casefold()
    return all(word in text for word in search.casefold().split())


_COMMANDS = {
    "design": "sweep",
    "sensitivity": "sensitivity",
    "calibration": "calibrate",
    "validation": "validate",
    "patterns": "check",
}


def _experiment_lines(rows: list[dict[str, Any]]) -> list[str]:
    wide = max((len(row["name"]) for row in rows), default=0)
    lines = []
    for row in rows:
        size = f", {row['points']:,} points, {row['runs']:,} runs" if row.get("points") is not None else ""
        lines.append(f"{row['name']:{wide}}  {row['title']}")
        if row["question"]:
            lines.append(f"{'':{wide}}  {row['question']}")
        lines.append(f"{'':{wide}}  {row['kind']}{size}: bayah {_COMMANDS[row['kind']]} {row['name']}")
    return lines


def _asking_lines(rows: list[dict[str, Any]]) -> list[str]:
    wide = max((len(row["name"]) for row in rows), default=0)
    lines = []
    for row in rows:
        lines += [f"{row['name']:{wide}}  {row['title']}", f"{'':{wide}}  {row['question']}"]
    return lines


def _scenario_lines(rows: list[dict[str, Any]]) -> list[str]:
    """Whole scenarios with their questions; those that extend one by title, under it."""
    whole = [row for row in rows if not row["extends"]]
    lines = _asking_lines(whole)
    wide = max((len(row["name"]) for row in rows), default=0)
    for base in dict.fromkeys(row["extends"] for row in rows if row["extends"]):
        lines += ["", f"What if, against '{base}' (bayah list what-ifs):"]
        lines += [f"{row['name']:{wide}}  {row['title']}" for row in rows if row["extends"] == base]
    return lines


def _what_if_lines(rows: list[dict[str, Any]]) -> list[str]:
    lines = []
    for row in rows:
        main = row["readouts"][0]
        when = f" in {main['month']}" if main["month"] else ""
        read = f"{main['outcome']}{when}; less than {main['no_effect']:g} is no effect ({main['unit']})"
        lines += [row["name"], f"  {row['question']}", f"  changes: {row['changes']}", f"  read in: {read}"]
    return lines


def _lever_lines(rows: list[dict[str, Any]]) -> list[str]:
    wide = max((len(row["path"]) for row in rows), default=0)
    cell = max((len(_value(row["value"])) for row in rows), default=0)
    return [
        f"{row['path']:{wide}}  {_value(row['value']):>{cell}}  {row['unit']:16}  {row['kind']:11}  "
        f"{row['prior']}".rstrip()
        for row in rows
    ]


def _value(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _outcome_lines(rows: list[dict[str, Any]]) -> list[str]:
    wide = max((len(row["name"]) for row in rows), default=0)
    return [f"{row['name']:{wide}}  {row['of']:5}  {row['unit']:8}  {row['meaning']}" for row in rows]


def _statistic_lines(rows: list[dict[str, Any]]) -> list[str]:
    lines = []
    for row in rows:
        given = [
            one["name"] if one["required"] else f"{one['name']}={'none' if one['default'] is None else one['default']}"
            for one in row["arguments"]
        ]  # fmt: skip
        lines += [f"{row['name']}  ({row['unit']})", f"  {row['meaning']}"]
        lines += [f"  with: {', '.join(given)}"] if given else []
        lines += ["  may be worked out from coded units (observed: coded)"] if row["coded"] else []
    return lines


_LINES: dict[str, Callable[[list[dict[str, Any]]], list[str]]] = {
    "scenarios": _scenario_lines,
    "what-ifs": _what_if_lines,
    "experiments": _experiment_lines,
    "levers": _lever_lines,
    "outcomes": _outcome_lines,
    "statistics": _statistic_lines,
}
_HEADS = {
    "scenarios": "Scenarios, one run each (bayah run NAME):",
    "experiments": "\nExperiments, many runs each:",
}
