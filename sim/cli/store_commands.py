"""``bayah results``: status, verify, compact and export of the results of a sweep."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ._shared import EXIT_FAILED, EXIT_INCOMPLETE, LazyCommand, LazyGroup, echo_json, json_option
from .store_status import again, listed, ranges, size_text

if TYPE_CHECKING:
    from ..experiments.store.verify import Verdict

__all__ = ["compact", "export", "results", "verify"]

COMMANDS = {
    "status": LazyCommand("sim.cli.store_status:status", "Say how far a sweep has come and what it keeps."),
    "verify": LazyCommand("sim.cli.store_commands:verify", "Read every byte; put damaged files aside."),
    "compact": LazyCommand("sim.cli.store_commands:compact", "Merge the files of a whole sweep into few."),
    "export": LazyCommand(
        "sim.cli.store_commands:export", "Write one table as one CSV, Parquet or Feather file."
    ),
}

EPILOG = """\b
Examples:
  bayah results status results/omar
  bayah results verify results/omar
  bayah results compact results/omar
  bayah results export results/omar --table summary --to runs.csv
"""


@click.group(name="results", cls=LazyGroup, commands_by_name=COMMANDS, epilog=EPILOG)
def results() -> None:
    """Look after the results of a sweep.

    They are plain Parquet files: pandas, polars and DuckDB read DIR/summary as it is.
    """


@click.command()
@click.argument("folder", metavar="DIR")
@click.option("--dry-run", is_flag=True, help="Only say what is damaged; put nothing aside.")
@json_option
def verify(folder: str, dry_run: bool, as_json: bool) -> None:
    """Read every byte of a sweep and compare it with its plan: values, units, runs, seeds, months.

    Damaged files are put aside under a hidden name; the same bayah sweep makes them again. Exits with 0 where
    the sweep is sound and complete, with 1 where damage was found, with 3 where it is sound but incomplete.

    \b
    Examples:
      bayah results verify results/omar
      bayah results verify results/omar --dry-run --json
    """
    from ..experiments.store.verify import verify as verify_

    verdict = verify_(Path(folder), dry_run, False if as_json else None)
    if as_json:
        echo_json(_verdict(verdict))
    else:
        _print_verdict(folder, verdict, dry_run)
    if not verdict.sound:
        click.get_current_context().exit(EXIT_FAILED)
    if not verdict.complete:
        click.get_current_context().exit(EXIT_INCOMPLETE)


def _verdict(verdict: Verdict) -> dict[str, Any]:
    standing = verdict.standing
    return {
        "folder": verdict.folder,
        "sound": verdict.sound,
        "complete": verdict.complete,
        "files": verdict.files,
        "bytes": verdict.bytes,
        "runs": standing.runs + standing.failed if standing else None,
        "failed": standing.failed if standing else None,
        "chunks": verdict.plan.chunks if verdict.plan else None,
        "missing": ranges(verdict.missing),
        "unsettled_points": standing.unsettled if standing else None,
        "findings": [
            {"file": finding.file, "what": finding.what, "aside": finding.aside}
            for finding in verdict.findings
        ],
    }


def _print_verdict(folder: str, verdict: Verdict, dry_run: bool) -> None:
    for finding in verdict.findings:
        click.echo(f"{finding.file}: {finding.what}")
    plan, standing = verdict.plan, verdict.standing
    if plan is None or standing is None:
        click.echo("no part was looked at: the files that say which runs there are must be whole first")
        if any(finding.aside for finding in verdict.findings):
            click.echo("the same bayah sweep writes the files anew that were put aside; then verify again")
        return
    click.echo(f"{verdict.files:,} files, {size_text(verdict.bytes)} read")
    if verdict.missing:
        spans = ranges(verdict.missing)
        click.echo(f"missing: {len(verdict.missing):,} of {plan.chunks:,} chunks ({listed(spans)})")
    if standing.unsettled and not verdict.missing:
        click.echo(f"missing: quantiles of {standing.unsettled:,} points")
    if verdict.complete:
        click.echo(
            f"sound and complete: {standing.runs + standing.failed:,} runs, {standing.failed:,} failed"
        )
        return
    kept = sum(finding.aside is not None for finding in verdict.findings)
    if kept:
        click.echo(f"{kept:,} files were put aside under hidden names")
    elif verdict.findings:
        click.echo("nothing was put aside" + ("" if dry_run else ": the folder cannot be written"))
    click.echo(f"to make what is missing: {again(folder, plan)}")


@click.command()
@click.argument("folder", metavar="DIR")
@json_option
def compact(folder: str, as_json: bool) -> None:
    """Merge the files of a whole sweep into few, which are faster to read and easier to copy.

    The new files are built beside and take the place of the old ones in one step; interrupted by anything, the
    sweep stays whole. Replays, figures and resuming work as before. Exits with 3 where runs are missing.

    \b
    Examples:
      bayah results compact results/omar
    """
    from ..experiments.store.compact import compact as compact_

    report = compact_(Path(folder), False if as_json else None)
    if as_json:
        echo_json(
            {
                "folder": report.folder,
                "files_before": report.before,
                "files_after": report.after,
                "bytes_before": report.bytes_before,
                "bytes_after": report.bytes_after,
            }
        )
        return
    if report.before == report.after:
        click.echo(f"nothing to merge: {report.after:,} files, {size_text(report.bytes_after)}")
        return
    click.echo(
        f"{report.before:,} files ({size_text(report.bytes_before)}) are now {report.after:,} "
        f"({size_text(report.bytes_after)}) in {folder}"
    )


@click.command()
@click.argument("folder", metavar="DIR")
@click.option(
    "--table",
    type=click.Choice(["summary", "design", "trajectories", "quantiles", "allegiances", "failed"]),
    default="summary",
    show_default=True,
    help="What to write.",
)
@click.option("--to", metavar="FILE", required=True, help="The file.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "parquet", "feather"]),
    help="What it shall be [default: by the ending of the file].",
)
@click.option("--outcomes", metavar="A,B", help="Only these outcomes.")
@click.option("--points", metavar="0,3", help="Only these points of the design.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@json_option
def export(
    folder: str,
    table: str,
    to: str,
    kind: str | None,
    outcomes: str | None,
    points: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Write one table of a sweep as one file, in order of the runs.

    Parquet and Feather keep units and meanings in the notes of their columns. A CSV file has a line of names,
    months as YYYY-MM and nothing that is no data; units and meanings are in a second file beside it, such as
    runs.columns.csv.

    \b
    Examples:
      bayah results export results/omar --to runs.csv
      bayah results export results/omar --table trajectories --outcomes attacks --points 0,3 --to attacks.parquet
      bayah results export results/omar --table quantiles --to bands.feather
    """
    from ..experiments.results import Results
    from ..experiments.store.export import export as export_

    done = export_(
        Path(folder),
        table,
        Path(to),
        kind,
        None if outcomes is None else [name.strip() for name in outcomes.split(",")],
        None if points is None else _numbers(points),
        force,
    )
    opened = Results(folder)
    standing = opened.status()
    kept, runs = standing.runs + standing.failed, opened.plan.runs
    if kept < runs and table != "design":
        click.echo(f"the sweep is not complete: {kept:,} of {runs:,} runs are kept", err=True)
    if as_json:
        echo_json(
            {
                "file": done.file,
                "table": done.table,
                "format": done.format,
                "rows": done.rows,
                "columns": list(done.columns),
                "columns_file": done.also,
                "complete": kept == runs,
            }
        )
        return
    also = f"; units and meanings in {done.also}" if done.also is not None else ""
    click.echo(f"{done.rows:,} rows of {done.table} written to {done.file}{also}")


def _numbers(text: str) -> list[int]:
    words = [word.strip() for word in text.split(",")]
    if not all(word.isdigit() and word.isascii() for word in words):
        raise click.BadParameter(
            "write whole numbers with commas between them, as 0,3", param_hint="--points"
        )
    return [int(word) for word in words]
