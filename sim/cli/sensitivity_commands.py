"""``bayah sensitivity``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ._shared import EXIT_INCOMPLETE, echo_json, json_option

if TYPE_CHECKING:
    from ..experiments.sensitivity.findings import Sensitivity
    from ..experiments.sensitivity.reading import Inquiry

__all__ = ["sensitivity"]


@click.command()
@click.argument("experiment", metavar="[EXPERIMENT]", required=False)
@click.option("--out", metavar="DIR", help="Folder of the results [default: results/NAME; none with --pawn].")
@click.option("--workers", type=int, metavar="N", help="Threads [default: the processors there are].")
@click.option("--pawn", metavar="DIR", help="PAWN on the runs of a sweep, in the place of an experiment.")
@click.option(
    "--output", "outputs", multiple=True, metavar="NAME", help="With --pawn: an outcome; repeatable."
)
@click.option("--dry-run", is_flag=True, help="Say how many runs there are to make; make none.")
@click.option("--no-figures", is_flag=True, help="Draw no figures.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
@json_option
def sensitivity(
    experiment: str | None,
    out: str | None,
    workers: int | None,
    pawn: str | None,
    outputs: tuple[str, ...],
    dry_run: bool,
    no_figures: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Find out which numbers matter: Morris, then Sobol on those that survive; or PAWN on any sweep.

    EXPERIMENT is a file, or the name of a bundled analysis (see bayah list experiments). Runs are kept part by part:
    interrupted by anything, the same command goes on from there, and exits with 3 until all are made. Failed runs are
    counted and never made up for. Needs SALib: pip install 'bayah[analysis]'.

    \b
    Examples:
      bayah sensitivity sensitivity --dry-run
      bayah sensitivity sensitivity --out results/weights
      bayah sensitivity --pawn results/weights-hypercube --output pledged_ever
    """
    from ..errors import UsageError

    if (experiment is None) == (pawn is None):
        raise UsageError("give an experiment, or --pawn and the folder of a sweep")
    if workers is not None and workers < 1:
        raise UsageError(f"--workers should be 1 or more, not {workers}")
    if pawn is not None:
        if dry_run or workers is not None:
            raise UsageError("--pawn makes no runs; --dry-run and --workers do not go with it")
        _pawn(pawn, out, outputs, no_figures, quiet, as_json)
        return
    if outputs:
        raise UsageError("--output goes with --pawn; an experiment names its own outputs")
    assert experiment is not None
    _run(experiment, out, workers, dry_run, no_figures, quiet, as_json)


def _run(
    experiment: str, out: str | None, workers: int | None, dry_run: bool, no_figures: bool, quiet: bool,
    as_json: bool,
) -> None:  # fmt: skip
    from ..api.sensing import make_analysis
    from ..errors import IncompleteError
    from ..experiments.sensitivity.reading import read_sensitivity

    inquiry = read_sensitivity(experiment)
    place = Path("results") / inquiry.name if out is None else Path(out)
    if dry_run:
        _told(inquiry, place, as_json)
        return
    try:
        found = make_analysis(
            inquiry, place, workers, not no_figures, False if quiet else None, _nothing if quiet else _say
        )
    except IncompleteError as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        click.echo(
            f"to go on: bayah sensitivity {experiment}{'' if out is None else f' --out {out}'}", err=True
        )
        click.get_current_context().exit(EXIT_INCOMPLETE)
    _report(found, quiet, as_json)


def _pawn(
    source: str, out: str | None, outputs: tuple[str, ...], no_figures: bool, quiet: bool, as_json: bool
) -> None:
    from ..api.sensing import sensitivity as analyse

    _report(analyse(pawn=source, out=out, outputs=outputs, figures=not no_figures), quiet, as_json)


def _say(text: str) -> None:
    click.echo(text, err=True)


def _nothing(text: str) -> None:
    """Say nothing."""


def _told(inquiry: Inquiry, place: Path, as_json: bool) -> None:
    if as_json:
        echo_json({"folder": place, "title": inquiry.form.meta.title, "parts": inquiry.told()})
        return
    click.echo(inquiry.form.meta.title)
    for line in (*inquiry.told(), f"results in {place}"):
        click.echo(f"  {line}")


def _report(found: Sensitivity, quiet: bool, as_json: bool) -> None:
    if as_json:
        echo_json({**found.about, "folder": found.folder})
        return
    if quiet:
        return
    click.echo(found.text())
    if found.folder is not None:
        click.echo(f"\nkept in {found.folder}")
