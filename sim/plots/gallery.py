"""The figures of the documents: ``python -m sim.plots.gallery`` writes them to ``docs/images``.

They show one run of the baseline, seed 1. Give another folder as the only argument.
"""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Run the baseline and draw all figures of it."""
    from sim.plots.folder import write_figures
    from sim.results.making import make_run
    from sim.scenario.load import load

    folder = Path(arguments[0]) if arguments else Path("docs/images")
    folder.mkdir(parents=True, exist_ok=True)
    for path in write_figures(make_run(load("baseline"), seed=1), folder):
        print(path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
