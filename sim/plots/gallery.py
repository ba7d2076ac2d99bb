"""The figures of the documents: ``python -m sim.plots.gallery`` writes them to ``docs/images``.

They show one run of the baseline, seed 1; sweeps of it: 400 runs, and a grid of 6 by 6 points with 50 runs each; and
comparisons: 2,000 pairs with one what-if, 400 with several. Give another folder as the only argument.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["GRID", "RUNS", "main"]

GRID: dict[str, Any] = {
    "name": "gallery",
    "meta": {
        "title": "Date of the revelation by recognition of the successor",
        "question": "How much hangs on when the death became known, how much on who followed?",
        "schema_version": 1,
    },
    "scenario": "baseline",
    "levers": [
        {
            "grid": {
                "events.omar_revealed.date": [
                    "2013-07",
                    "2014-03",
                    "2014-09",
                    "2015-01",
                    "2015-07",
                    "2016-03",
                ],
                "events.mansour_succession.recognition": {"low": 0.4, "high": 0.9, "count": 6},
            }
        }
    ],
    "replicates": 50,
    "trajectories": "quantiles",
}
"""The design behind the map and the bands."""
RUNS: dict[str, Any] = {
    "name": "runs",
    "meta": {
        "title": "Taliban or ISKP, 2013 to 2024: the baseline",
        "question": "How far do runs of the same scenario differ?",
        "schema_version": 1,
    },
    "scenario": "baseline",
    "replicates": 400,
    "allegiances": True,
}
"""The design behind the scatter matrix and the allegiances."""


WHAT_IF = "omar-hidden-until-2018"
"""The what-if behind the figures of one alternative."""
WHAT_IFS = (
    "omar-revealed-at-once", "omar-hidden-until-2018", "no-succession-dispute", "mansour-recognised-by-all",
    "is-invests-in-central-asia", "is-accepts-unity-plea", "imu-sole-franchise", "no-waziristan-operation",
)  # fmt: skip
"""The what-ifs behind the figure of many."""


def main(arguments: list[str]) -> int:
    """Run the baseline and draw all figures of it."""
    from sim.plots.folder import write_figures
    from sim.results.making import make_run
    from sim.scenario.load import load

    folder = Path(arguments[0]) if arguments else Path("docs/images")
    folder.mkdir(parents=True, exist_ok=True)
    for path in write_figures(make_run(load("baseline"), seed=1), folder):
        print(path)
    for path in _sweeps(folder):
        print(path)
    for path in _comparisons(folder):
        print(path)
    return 0


def _sweeps(folder: Path) -> Iterator[Path]:
    from tempfile import TemporaryDirectory

    from sim.experiments.planning import make_plan
    from sim.experiments.reading import read_design
    from sim.experiments.results import Results
    from sim.experiments.sweep import run_sweep
    from sim.plots.folder import land_figure

    with TemporaryDirectory() as place:
        made = []
        for design in (GRID, RUNS):
            store = Path(place) / design["name"]
            run_sweep(make_plan(read_design(design)), store, progress=False)
            made.append(Results(store))
        grid, runs = made
        figures = {
            "bands": grid.plot.bands("focus_fighters", [0, 12, 24]),
            "heat": grid.plot.heat(),
            "scatter": runs.plot.scatter(),
            "allegiances": runs.plot.allegiances(),
        }
        for name, axes in figures.items():
            yield land_figure(axes, folder / f"sweep-{name}.png")


def _comparisons(folder: Path) -> Iterator[Path]:
    from sim.experiments.compare.making import make_comparison
    from sim.plots.folder import land_figure
    from sim.scenario.load import load

    base = load("baseline")
    one = make_comparison(base, [load(WHAT_IF)], 2000, progress=False)
    many = make_comparison(base, [load(name) for name in WHAT_IFS], 400, progress=False)
    figures = {
        "difference": one.plot.difference("focus_fighters"),
        "who-moved": one.plot.who_moved(most=25),
        "pair": one.plot.pair(),
        "causes": one.plot.causes("imu"),
        "terms": one.plot.waterfall("imu"),
        "forest": many.plot.forest("pledged_units", "2015-12"),
    }
    for name, axes in figures.items():
        yield land_figure(axes, folder / f"compare-{name}.png")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
