"""``bayah calibrate`` and ``bayah validate``: weights from the record, and the model held against it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ._shared import echo_json, json_option

__all__ = ["calibrate", "validate"]

_WORKERS = click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Threads [default: the processors there are]."
)
_QUIET = click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
_NO_FIGURES = click.option("--no-figures", is_flag=True, help="Draw no figures.")


def _say(quiet: bool) -> Any:
    return (lambda text: None) if quiet else (lambda text: click.echo(text, err=True))


@click.command()
@click.argument("experiment", default="calibration")
@click.option("--out", metavar="DIR", help="Folder for the results [default: results/EXPERIMENT].")
@click.option(
    "--step",
    "steps",
    multiple=True,
    type=click.Choice(["table", "smc", "rivals", "choice", "recovery"]),
    help="Take only this step (and the table); repeatable [default: all].",
)
@_WORKERS
@_NO_FIGURES
@_QUIET
@json_option
def calibrate(
    experiment: str, out: str | None, steps: tuple[str, ...], workers: int | None, no_figures: bool, quiet: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Infer weights from patterns of the record: EXPERIMENT is a YAML file or the name of a bundled one.

    A table of draws from the prior is made and kept; runs nearest to the record are accepted from it, and sequential
    Monte Carlo (pyABC) refines them. Rival models get tables of their own. Known parameters are recovered from synthetic
    records. Ctrl-C, kill, power cut: the same command goes on.

    \b
    Examples:
      bayah calibrate
      bayah calibrate calibration --out results/mine --step smc
      bayah calibrate my-calibration.yaml --workers 8
    """
    from ..experiments.calibration.making import STEPS
    from ..experiments.calibration.making import calibrate as make

    folder = make(
        experiment,
        None if out is None else Path(out),
        steps or STEPS,
        workers,
        False if quiet else None,
        _say(quiet),
    )
    files = []
    if not no_figures:
        from ..plots.calibration_folder import draw_calibration

        files = draw_calibration(folder, folder / "figures")
    told = json.loads((folder / "calibration.json").read_text())
    if as_json:
        echo_json({**told, "folder": folder, "figures": files})
    elif not quiet:
        _print_calibration(told, folder, len(files))


def _print_calibration(told: dict[str, Any], folder: Path, figures: int) -> None:
    table = told["table"]
    click.echo(told["title"])
    click.echo(
        f"  table: {table['draws']:,} draws, {table['runs']:,} runs, {table['failed']:,} failed; "
        f"{table['accepted']:,} accepted"
    )
    if "smc" in told:
        smc = told["smc"]
        click.echo(
            f"  SMC: {smc['particles']:,} particles, {len(smc['generations'])} generations, "
            f"effective number {smc['effective']:.0f}"
        )
    chosen = told["posterior"]
    click.echo(
        f"  posterior: {chosen['draws']} draws, by {chosen['way']}, effective number {chosen['effective']:.0f}"
    )
    rows = [row for row in told["parameters"] if row["way"] == chosen["way"]]
    click.echo(f"  {'':<26}{'prior':>16}{'posterior':>16}{'contraction':>13}")
    for row in rows:
        prior, found = (
            f"{row[a]:.3g} ± {row[b]:.2g}" for a, b in (("prior_mean", "prior_sd"), ("mean", "sd"))
        )
        mark = "  outside the prior's 99 %" if row["outside_99"] else ""
        click.echo(f"  {row['path']:<26}{prior:>16}{found:>16}{row['contraction']:>13.2f}{mark}")
    if "choice" in told:
        shares = sorted(told["choice"]["probability"].items(), key=lambda item: -item[1])
        click.echo("  decision rules: " + ", ".join(f"{name} {share:.2f}" for name, share in shares))
    if "recovery" in told:
        whole = next(row for row in told["recovery"]["coverage"] if row["path"] == "all")
        click.echo(
            f"  recovery: of {told['recovery']['truths']} truths the 50 % interval held {whole['held_50']:.2f}, "
            f"the 90 % interval {whole['held_90']:.2f}"
        )
    click.echo(f"  kept in {folder}" + (f", {figures} figures" if figures else ""))


@click.command()
@click.argument("experiment", default="validation")
@click.option("--out", metavar="DIR", help="Folder for the results [default: results/EXPERIMENT].")
@click.option(
    "--calibration", metavar="DIR", help="Folder of the calibration [default: results/calibration]."
)
@click.option(
    "--document",
    metavar="DIR",
    help="Also write the page on fit and failure, with its JSON and figures, into a folder of documents.",
)
@click.option(
    "--quick", is_flag=True, help="A little of everything, without a calibration: shows that it runs."
)
@_WORKERS
@_NO_FIGURES
@_QUIET
@json_option
def validate(
    experiment: str, out: str | None, calibration: str | None, document: str | None, quick: bool,
    workers: int | None, no_figures: bool, quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    """Hold the calibrated model against the record: EXPERIMENT is a YAML file or the name of a bundled one.

    Scores every pattern beside simple predictors and rival decision rules, predicts every unit without its own outcome,
    takes out each statement in turn, moves the shock to placebo dates, turns coding calls round, and writes unscored
    predictions for the years after the fit. One JSON, one HTML report.

    \b
    Examples:
      bayah calibrate && bayah validate
      bayah validate --calibration results/mine --out results/mine-validated
      bayah validate --quick
    """
    from ..errors import UsageError
    from ..experiments.validation.making import validate as make

    if quick and document is not None:
        raise UsageError("--document takes the whole validation, not the quick one")
    folder = make(
        experiment, None if out is None else Path(out), None if calibration is None else Path(calibration), quick,
        workers, False if quiet else None, _say(quiet),
    )  # fmt: skip
    report = None
    if not no_figures:
        from ..plots.validation_folder import draw_validation
        from ..report.validation import write_validation_report

        draw_validation(folder, folder / "figures")
        report = folder / "report.html"
        write_validation_report(folder, report)
    if document is not None:
        from ..report.document import write_document

        write_document(Path(calibration or "results/calibration"), folder, Path(document))
    told = json.loads((folder / "validation.json").read_text())
    if as_json:
        echo_json({**told, "folder": folder, "report": report})
    elif not quiet:
        _print_validation(told, folder, report)


def _print_validation(told: dict[str, Any], folder: Path, report: Path | None) -> None:
    summary = told["summary"]
    click.echo(told["title"])
    for note in told["notes"]:
        click.echo(f"  {note}")
    click.echo(
        f"  patterns: {summary['inside']} of {summary['fitted']} inside the central 80 % of runs, "
        f"{summary['inside_and_skilled']} of them with more skill than the best null"
    )
    if summary["outside"]:
        click.echo(f"  outside: {', '.join(summary['outside'])}")
    rows = {(row["predictor"], row["subset"]): row for row in summary["held_out"]}
    for (predictor, subset), row in rows.items():
        if predictor != "model":
            continue
        rule = rows["rule", subset]
        click.echo(
            f"  held out, {subset.replace('_', ' ')}: Brier score {row['brier']:.3f} "
            f"[{row['low']:.3f}, {row['high']:.3f}], the one-variable rule {rule['brier']:.3f}; difference "
            f"{row['against_rule']:+.3f} [{row['against_rule_low']:+.3f}, {row['against_rule_high']:+.3f}]"
        )
    click.echo(f"  split {told['split_sha256'][:12]}; kept in {folder}")
    if report is not None:
        click.echo(f"  report: {report}")
