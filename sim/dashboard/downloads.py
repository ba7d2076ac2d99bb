"""What can be taken home from the page: the scenario as YAML, the figures as PNG."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence

from sim.dashboard.setup import Arm
from sim.results.run import Run
from sim.scenario.load import resolved_yaml

__all__ = ["figures_zip", "file_name", "scenario_yaml"]

_EPOCH = (2000, 1, 1, 0, 0, 0)


def file_name(text: str) -> str:
    """A name for a file, of letters, digits and dashes."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower()[:80] or "scenario"


def scenario_yaml(arm: Arm) -> bytes:
    """The whole scenario of an arm as one file, levers that were moved included; it runs as it is."""
    return resolved_yaml(arm.loaded).encode()


def figures_zip(runs: Sequence[Run], faction: str | None = None, month: str | None = None) -> bytes:
    """All figures of the runs, as :mod:`sim.plots` draws them, in one archive.

    Parameters
    ----------
    runs
        The arms so far.
    faction, month
        Whose decision, and of when; by default the most telling one.

    Returns
    -------
    bytes
        A ZIP archive with a folder for each arm where there are several. The same runs give the same bytes.
    """
    from sim.plots.folder import FIGURES, figure_bytes

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for n, run in enumerate(runs, 1):
            folder = f"{n}-{file_name(run.name)}/" if len(runs) > 1 else ""
            for name, draw in FIGURES.items():
                if name == "decision" and faction is not None:
                    axes = run.plot.waterfall(faction if faction in _factions(run) else None, month)
                else:
                    axes = draw(run)
                archive.writestr(zipfile.ZipInfo(f"{folder}{name}.png", _EPOCH), figure_bytes(axes))
    return out.getvalue()


def _factions(run: Run) -> tuple[str, ...]:
    return run.data("factions").words("faction").words
