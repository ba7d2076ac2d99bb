"""``bayah plot``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ._shared import EXIT_FAILED, EXIT_INCOMPLETE, echo_json, json_option

if TYPE_CHECKING:
    from ..experiments.results import Results

__all__ = ["plot"]

FIGURES = ("bands", "heat", "scatter", "allegiances")


@dataclass
class _Wanted:
    """What the command was asked for."""

    outcomes: tuple[str, ...]
    points: tuple[int, ...]
    x: str | None
    y: str | None
    only: tuple[str, ...]


@dataclass
class _Album:
    """Figures drawn one after the other, each written whole."""

    folder: Path
    form: str
    say: Callable[[str], None]
    files: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[dict[str, str]] = field(default_factory=list)

    def add(self, figure: str, name: str, draw: Callable[[], Any]) -> None:
        """Draw a figure and write it; what does not apply is noted with the reason."""
        from ..errors import UsageError
        from ..plots.folder import land_figure

        try:
            axes = draw()
        except UsageError as error:
            self.skip(figure, error.problems[0].message)
            return
        file = land_figure(axes, self.folder / f"{name}.{self.form}")
        self.files.append({"figure": figure, "file": file})
        self.say(str(file))

    def skip(self, figure: str, reason: str) -> None:
        """Note why there is no such figure."""
        self.left_out.append({"figure": figure, "reason": reason})
        self.say(f"no {figure}: {reason}")


@click.command()
@click.argument("folder", metavar="DIR")
@click.option("--out", metavar="FOLDER", help="Where the figures go [default: DIR/figures].")
@click.option("--outcome", "outcomes", multiple=True, metavar="NAME", help="Outcome to draw; repeatable.")
@click.option(
    "--point", "points", multiple=True, type=int, metavar="N", help="Point to draw; repeat it to compare."
)
@click.option("--x", metavar="PATH", help="What the map has across [default: the first that is varied].")
@click.option("--y", metavar="PATH", help="What the map has upwards [default: the second].")
@click.option(
    "--only", multiple=True, type=click.Choice(FIGURES), help="Only this kind of figure; repeatable."
)
@click.option(
    "--format", "form", type=click.Choice(["png", "svg", "pdf"]), default="png", help="[default: png]"
)
@json_option
def plot(
    folder: str,
    out: str | None,
    outcomes: tuple[str, ...],
    points: tuple[int, ...],
    x: str | None,
    y: str | None,
    only: tuple[str, ...],
    form: str,
    as_json: bool,
) -> None:
    """Draw every figure that the results of a sweep have something for.

    DIR is the folder of a sweep, finished or not. Bands show monthly outcomes over time, the map an outcome by
    two parameters, the scatter matrix outcomes against each other, and the allegiances how likely each faction
    is to hold one. What does not apply is named with the reason. Exits with 1 if there was nothing to draw, with
    3 if there is nothing yet.

    \b
    Examples:
      bayah plot results/omar
      bayah plot results/omar --only heat --outcome peak_fighters --x events.omar_revealed.date
      bayah plot results/omar --only bands --outcome focus_fighters --point 0 --point 40
      bayah plot results/omar --format pdf --out paper/figures
    """
    from ..experiments.results import Results

    results = Results(folder)
    wanted = _Wanted(outcomes, points, x, y, only or FIGURES)
    _check(results, wanted)
    place = Path(out) if out is not None else Path(folder) / "figures"
    place.mkdir(parents=True, exist_ok=True)
    data = results.dataset("summary")
    rows = 0 if data is None else data.count_rows()
    album = _Album(place, form, (lambda text: None) if as_json else click.echo)
    for figure in FIGURES:
        if figure in wanted.only and rows:
            for name, draw in _DRAWN[figure](results, wanted):
                album.add(figure, name, draw)
    if as_json:
        echo_json({"folder": place, "files": album.files, "left_out": album.left_out})
    if not rows and not as_json:
        failed = results.status().failed
        click.echo(f"nothing to draw: no run has come out{f', {failed:,} failed' if failed else ' yet'}")
    if not album.files:
        over = rows or results.status().failed
        click.get_current_context().exit(EXIT_FAILED if over else EXIT_INCOMPLETE)


def _check(results: Results, wanted: _Wanted) -> None:
    """Refuse what the sweep does not know, before anything is drawn."""
    from ..errors import UsageError
    from ..plots.sweep_record import check_parameter, check_points
    from ..scenario.wording import listed, nearest, one_line

    kept = dict.fromkeys([*results.monthly, *results.outcomes])
    for name in wanted.outcomes:
        if name not in kept:
            raise UsageError(
                f"this sweep keeps no outcome '{one_line(name, 60)}'{nearest(name, kept)}; it keeps {listed(kept)}"
            )
    for path in (wanted.x, wanted.y):
        if path is not None:
            check_parameter(results, path)
    if wanted.points:
        check_points(results, wanted.points)


Figure = tuple[str, Callable[[], Any]]


def _points(results: Results, wanted: _Wanted) -> tuple[int, ...]:
    """The points asked for, or the first that has runs."""
    if wanted.points:
        return tuple(dict.fromkeys(wanted.points))
    data = results.dataset("summary")
    first = data.head(1, columns=["point"]).column("point").to_pylist() if data is not None else []
    return (int(first[0]),) if first else (0,)


def _suffix(points: tuple[int, ...], asked: bool) -> str:
    return "-point-" + "-".join(map(str, points)) if asked else ""


def _bands(results: Results, wanted: _Wanted) -> Iterator[Figure]:
    points = _points(results, wanted)
    names: list[str | None] = [name for name in wanted.outcomes if name in results.monthly]
    if not wanted.outcomes or (not names and not results.monthly):
        names = [*results.monthly[:2]] or [None]
    for name in names:
        file = f"bands-{name}{_suffix(points, bool(wanted.points))}"
        yield file, lambda name=name: results.plot.bands(name, points)  # type: ignore[misc]


def _heat(results: Results, wanted: _Wanted) -> Iterator[Figure]:
    names = [name for name in wanted.outcomes if name in results.outcomes]
    if not wanted.outcomes:
        names = [*results.outcomes[:1]]
    for name in names:
        yield f"heat-{name}", lambda name=name: results.plot.heat(wanted.x, wanted.y, name)  # type: ignore[misc]


def _scatter(results: Results, wanted: _Wanted) -> Iterator[Figure]:
    names = [name for name in dict.fromkeys(wanted.outcomes) if name in results.outcomes]
    if len(names) != 1:
        yield "scatter", lambda: results.plot.scatter(names or None)


def _allegiances(results: Results, wanted: _Wanted) -> Iterator[Figure]:
    for point in _points(results, wanted):
        file = f"allegiances{_suffix((point,), bool(wanted.points))}"
        yield file, lambda point=point: results.plot.allegiances(point=point)  # type: ignore[misc]


_DRAWN: dict[str, Callable[[Results, _Wanted], Iterator[Figure]]] = {
    "bands": _bands,
    "heat": _heat,
    "scatter": _scatter,
    "allegiances": _allegiances,
}
