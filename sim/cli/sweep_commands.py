"""``bayah sweep`` and ``bayah replay``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ._shared import EXIT_FAILED, EXIT_INCOMPLETE, echo_json, json_option

if TYPE_CHECKING:
    from ..experiments.plan import Plan
    from ..experiments.sweep import SweepReport

__all__ = ["replay", "sweep"]


@click.command()
@click.argument("experiment", metavar="EXPERIMENT")
@click.option("--out", metavar="DIR", help="Folder of the results [default: results/NAME].")
@click.option("--workers", type=int, metavar="N", help="Threads [default: the processors there are].")
@click.option("--runs", type=int, metavar="N", help="Runs at each point, instead of the design's.")
@click.option(
    "--trajectories",
    type=click.Choice(["all", "quantiles", "none"]),
    help="What is kept by month, instead of what the design says.",
)
@click.option("--shard", metavar="I/N", help="Only the I-th of N shares of the work, from 1: for job arrays.")
@click.option("--dask", metavar="ADDRESS", help="Run on a Dask cluster: tcp://host:port, or local.")
@click.option(
    "--slurm", is_flag=True, help="Print a file for sbatch that runs this as a job array; run nothing."
)
@click.option("--dry-run", is_flag=True, help="Say how many runs, how long and how large; write nothing.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
@json_option
def sweep(
    experiment: str,
    out: str | None,
    workers: int | None,
    runs: int | None,
    trajectories: str | None,
    shard: str | None,
    dask: str | None,
    slurm: bool,
    dry_run: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Run a design, or go on with one that was begun.

    EXPERIMENT is a design file or the name of a bundled one (see bayah list). Results are kept chunk by chunk,
    whole or not at all: interrupted by anything, the same command goes on from there. Exits with 1 where runs
    failed (they are kept apart, with the reason), with 3 where runs are still to be made.

    \b
    Examples:
      bayah sweep omar-by-successor --dry-run
      bayah sweep omar-by-successor --out results/omar
      bayah sweep my-design.yaml --workers 8 --trajectories quantiles
      bayah sweep my-design.yaml --out /shared/mine --shard 3/20
      bayah sweep my-design.yaml --out /shared/mine --dask tcp://scheduler:8786
      bayah sweep my-design.yaml --out /shared/mine --slurm > sweep.sbatch
    """
    from ..api.sweeping import plan_sweep
    from ..errors import UsageError
    from ..experiments.sweep import Shard, run_sweep

    if slurm and (as_json or dry_run or shard is not None or dask is not None):
        raise UsageError(
            "--slurm prints a file for sbatch; --json, --dry-run, --shard and --dask do not go with it"
        )
    plan = plan_sweep(experiment, runs, trajectories)
    share = None if shard is None else Shard.parse(shard)
    place = Path(out) if out is not None else Path("results") / plan.name
    if slurm:
        from ..experiments.execute.slurm import sbatch_text

        words = {"--runs": runs, "--trajectories": trajectories}
        click.echo(
            sbatch_text(plan, experiment, place, {k: v for k, v in words.items() if v is not None}), nl=False
        )
        return
    if dry_run:
        _print_estimate(plan, place, workers, as_json)
        return
    say = _nothing if quiet else lambda text: click.echo(text, err=True)
    report = run_sweep(plan, place, workers, share, dask, progress=False if quiet else None, say=say)
    left = report.stopped or report.mine_left > 0
    resume = f"bayah sweep {experiment}{'' if out is None else f' --out {out}'} (with the same options)"
    if as_json:
        echo_json({**_as_dict(report), "resume": resume if left else None})
    elif not quiet:
        _print_report(report, plan, resume if left else "")
    elif left:
        click.echo(f"stopped; to go on: {resume}", err=True)
    if left:
        click.get_current_context().exit(EXIT_INCOMPLETE)
    if report.failed:
        click.get_current_context().exit(EXIT_FAILED)


def _nothing(text: str) -> None:
    """Say nothing."""


def _as_dict(report: SweepReport) -> dict[str, Any]:
    return {
        "folder": report.folder,
        "runs": report.runs,
        "kept": report.kept,
        "made": report.made,
        "failed": report.failed,
        "complete": report.complete,
        "stopped": report.stopped,
        "repaired": list(report.repaired),
        "seconds": round(report.seconds, 3),
    }


def _print_report(report: SweepReport, plan: Plan, resume: str) -> None:
    rate = f" in {_time(report.seconds)}, {report.made / report.seconds:,.0f} a second" if report.made else ""
    click.echo(f"{plan.title}")
    skipped = f" ({plan.skipped:,} that cannot be were left out)" if plan.skipped else ""
    click.echo(f"  {plan.points:,} points{skipped}, {plan.replicates:,} runs at each: {plan.runs:,} runs")
    click.echo(f"  {report.made:,} runs made{rate}; {report.kept:,} kept in {report.folder}")
    for file in report.repaired:
        click.echo(f"  was damaged, and is made again: {file}")
    if report.failed:
        click.echo(f"  {report.failed:,} runs failed: see {report.folder / 'failed'}")
    if resume:
        click.echo(f"  stopped; to go on: {resume}")
    elif not report.complete:
        click.echo(f"  this share is done; {report.runs - report.kept:,} runs are left to others")
    elif report.kept:
        click.echo(f"  look at it: bayah plot {report.folder}, or sim.open_results({str(report.folder)!r})")


def _print_estimate(plan: Plan, place: Path, workers: int | None, as_json: bool) -> None:
    from ..experiments.estimate import estimate

    guess = estimate(plan, workers)
    if as_json:
        echo_json({"folder": place, **guess})
        return
    click.echo(plan.title)
    click.echo(f"  points     {plan.points:,}" + (f", {plan.skipped:,} left out" if plan.skipped else ""))
    click.echo(f"  runs       {plan.runs:,} ({plan.replicates:,} at each point)")
    click.echo(f"  chunks     {plan.chunks:,} of {plan.chunk:,} runs")
    click.echo(f"  time       about {_time(guess['seconds'])} with {guess['workers']} workers")
    click.echo(f"  disk       about {_size(guess['bytes'])} in {place}")


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


@click.command()
@click.argument("folder", metavar="DIR")
@click.argument("run", type=int, metavar="RUN")
@click.option(
    "--driver", type=click.Choice(["engine", "mesa"]), default="engine", help="Compiled, or agent by agent."
)
@click.option("--out", metavar="DIR", help="Also keep the whole run here: tables, scenario, figures.")
@click.option("--no-figures", is_flag=True, help="Draw no figures.")
@click.option("--force", is_flag=True, help="Replace a run that is in the folder.")
@json_option
def replay(
    folder: str, run: int, driver: str, out: str | None, no_figures: bool, force: bool, as_json: bool
) -> None:
    """Make one run of a sweep again, with its full record, and compare it with what the sweep kept.

    DIR is the folder of a sweep, RUN the position of a run: the column run of the summary. Exits with 2 where
    the run comes out otherwise, and says which versions differ.

    \b
    Examples:
      bayah replay results/omar 17
      bayah replay results/omar 17 --driver mesa --out results/omar-17
    """
    from ..experiments.results import Results
    from ..results.folder import check_target

    if out is not None:
        check_target(out, force)
    results = Results(folder)
    made = results.replay(run, driver)
    kept = made.save(out, force, figures=not no_figures) if out is not None else None
    point, replicate = results.plan.place(run)
    about = {
        "run": run,
        "point": point,
        "replicate": replicate,
        "seed": made.seed,
        "driver": driver,
        "values": results.plan.values(point),
        "folder": kept,
        "summary": made.manifest["summary"],
    }
    if as_json:
        echo_json(about)
        return
    values = ", ".join(f"{path}={value}" for path, value in results.plan.values(point).items())
    click.echo(f"run {run}: point {point} ({values or 'nothing varied'}), replicate {replicate}")
    click.echo(made.summary_text())
    if kept is not None:
        click.echo(f"kept in {kept}")
