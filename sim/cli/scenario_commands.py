"""``bayah check``, ``bayah schema`` and ``bayah evidence``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import BayahError, Problem, UsageError
from ._shared import EXIT_FAILED, EXIT_USAGE, echo_json, json_option

if TYPE_CHECKING:
    from ..scenario.evidence import Row
    from ..scenario.load import Loaded

__all__ = ["check", "evidence", "schema"]


def _as_dict(problem: Problem) -> dict[str, Any]:
    names = ("file", "line", "column", "path", "message")
    return {name: getattr(problem, name) for name in names}


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--set", "overrides", multiple=True, metavar="PATH=VALUE", help="Change a value first; repeatable."
)
@click.option("--strict", is_flag=True, help="Exit with 1 where there are warnings.")
@json_option
def check(files: tuple[str, ...], overrides: tuple[str, ...], strict: bool, as_json: bool) -> None:
    """Check scenario and experiment files and warn about what should give pause.

    FILE is a path, or the name of a bundled scenario or experiment: a design, patterns, a sensitivity analysis, a
    calibration, a validation. Of a design the points and runs are counted too.
    Exits with 2 where a file does not hold.

    \b
    Example:
      bayah check baseline scenarios/what-if/*.yaml --strict
      bayah check my-design.yaml patterns
    """
    results = [_check_one(file, overrides) for file in files]
    if as_json:
        echo_json({"files": results})
    else:
        for result in results:
            _print_result(result)
    if not all(result["holds"] for result in results):
        click.get_current_context().exit(EXIT_USAGE)
    if strict and any(result["warnings"] for result in results):
        click.get_current_context().exit(EXIT_FAILED)


def _check_one(file: str, overrides: tuple[str, ...]) -> dict[str, Any]:
    from ..api.advising import experiment_kind
    from ..scenario.lint import lint, notes
    from ..scenario.load import load

    try:
        kind = experiment_kind(file)
        if kind is not None:
            return _check_experiment(file, kind, overrides)
        loaded = load(file, overrides)
    except BayahError as error:
        problems = [_as_dict(problem) for problem in error.problems]
        return {"file": file, "holds": False, "errors": problems, "warnings": [], "notes": []}
    warnings = [_as_dict(problem) for problem in lint(loaded)]
    return {"file": file, "holds": True, "errors": [], "warnings": warnings, "notes": notes(loaded)}


def _check_experiment(file: str, kind: str, overrides: tuple[str, ...]) -> dict[str, Any]:
    from ..api.checking import CHECKS

    if overrides:
        raise UsageError(Problem("--set is for scenarios; a design has set: for it", file))
    if kind not in CHECKS:
        return _check_design(file)
    return {
        "file": file,
        "kind": kind,
        "holds": True,
        "errors": [],
        "warnings": [],
        "notes": CHECKS[kind](file),
    }


def _check_design(file: str) -> dict[str, Any]:
    from ..api.advising import advice
    from ..api.sweeping import plan_sweep

    plan = plan_sweep(file)
    skipped = f", {plan.skipped:,} that cannot be left out" if plan.skipped else ""
    runs = f"{plan.points:,} points{skipped}, {plan.replicates:,} runs at each: {plan.runs:,} runs"
    return {
        "file": file,
        "kind": "design",
        "holds": True,
        "errors": [],
        "warnings": [_as_dict(problem) for problem in advice(file, plan)],
        "notes": [runs],
        "points": plan.points,
        "runs": plan.runs,
    }


def _print_result(result: dict[str, Any]) -> None:
    from ..scenario.lint import label
    from ..scenario.wording import one_line

    for problem in result["errors"]:
        click.echo(str(Problem(**problem)), err=True)
    for problem in result["warnings"]:
        click.echo(label(Problem(**problem)))
    file = one_line(result["file"], 1000)
    for note in result["notes"]:
        click.echo(f"{file}: note: {note}")
    if result["holds"]:
        count = len(result["warnings"])
        click.echo(f"{file}: holds, {count} warning{'' if count == 1 else 's'}")


@click.command()
@click.option("--out", type=click.Path(dir_okay=False), metavar="FILE", help="Write to a file.")
@click.option("--experiment", "kind", flag_value="design", help="Of designs of many runs.")
@click.option("--patterns", "kind", flag_value="patterns", help="Of patterns of the record.")
@click.option("--sensitivity", "kind", flag_value="sensitivity", help="Of sensitivity analyses.")
@click.option("--calibration", "kind", flag_value="calibration", help="Of calibrations.")
@click.option("--validation", "kind", flag_value="validation", help="Of validations.")
def schema(out: str | None, kind: str | None) -> None:
    """Print the JSON Schema of scenario files, or of a kind of experiment, for editors.

    \b
    Example:
      bayah schema --out scenario.schema.json
      bayah schema --experiment --out experiment.schema.json
    """
    text = _schema_text(kind)
    if out is None:
        click.echo(text, nl=False)
        return
    with open(out, "w", encoding="utf-8") as stream:
        stream.write(text)


def _schema_text(kind: str | None) -> str:
    if kind is None:
        from ..scenario.format import file_schema_text

        return file_schema_text()
    from ..experiments.format import SCHEMAS

    return SCHEMAS[kind]()


@click.command()
@click.argument("file", metavar="FILE")
@click.option(
    "--set", "overrides", multiple=True, metavar="PATH=VALUE", help="Change a value first; repeatable."
)
@click.option("--json", "form", flag_value="json", help="Print JSON.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV.")
@click.option(
    "--summary", "form", flag_value="summary", help="Print count and share of each class of source."
)
def evidence(file: str, overrides: tuple[str, ...], form: str | None) -> None:
    """Print where the numbers of a scenario are from.

    FILE is a path or the name of a bundled scenario. Classes: article, literature, data, coding, record,
    judgement, override (laid over a cited number), none.

    \b
    Example:
      bayah evidence baseline --summary
    """
    from ..scenario.evidence import evidence as table
    from ..scenario.load import load

    loaded = load(file, overrides)
    rows = table(loaded)
    {"json": _print_json, "csv": _print_csv, "summary": _print_summary}.get(form or "", _print_table)(
        rows, loaded
    )


def _print_json(rows: list[Row], loaded: Loaded) -> None:
    echo_json([row.as_dict() for row in rows])


def _print_csv(rows: list[Row], loaded: Loaded) -> None:
    import csv
    import io

    text = io.StringIO()
    writer = csv.DictWriter(text, ["path", "value", "unit", "prior", "source", "class"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(row.as_dict() for row in rows)
    click.echo(text.getvalue(), nl=False)


def _print_summary(rows: list[Row], loaded: Loaded) -> None:
    from ..scenario.evidence import summary

    click.echo(f"{'class':12}{'numbers':>8}{'share':>9}")
    for kind, count, share in summary(rows):
        click.echo(f"{kind:12}{count:>8}{share:>9.1%}")


def _print_table(rows: list[Row], loaded: Loaded) -> None:
    wide = max((len(row.path) for row in rows), default=4)
    prior = max((len(row.prior) for row in rows), default=5)
    click.echo(f"{'path':{wide}}  {'value':>10}  {'unit':16}  {'prior':{prior}}  {'class':10}  source")
    for row in rows:
        cells = f"{row.path:{wide}}  {row.value:>10.6g}  {row.unit:16}  {row.prior:{prior}}  {row.kind:10}"
        click.echo(f"{cells}  {row.source}")
