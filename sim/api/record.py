"""The record: statistics that patterns are told in, and UCDP files that a user has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["read_ucdp", "statistic_rows"]


def read_ucdp(
    files: str | Path | Sequence[str | Path],
    focus: str = "234",
    incumbent: str = "303",
    splinter: str = "6252",
    government: str = "130",
    countries: Sequence[str] = ("Afghanistan", "Pakistan"),
) -> pd.DataFrame:
    """Years of the conflicts that the model is about, out of UCDP files.

    Parameters
    ----------
    files
        CSV files of the Uppsala Conflict Data Program: Battle-Related Deaths (dyadic), Non-State Conflict or
        events (GED); told apart by their columns.
    focus, incumbent, splinter, government
        Actors, by id or by name as the files have them.
    countries
        Where events count.

    Returns
    -------
    pandas.DataFrame
        A row for each year of each pair: best, low and high estimate of deaths, events where they are counted,
        and whether the year serves as a pattern (2013 to 2018). ``bayah data ucdp`` writes the patterns.

    Raises
    ------
    ExperimentError
        With everything that is wrong in the files, each with file and line.
    """
    from sim.experiments.patterns.ucdp.dyads import Actors
    from sim.experiments.patterns.ucdp.writing import read_ucdp as read

    paths = [files] if isinstance(files, str | Path) else list(files)
    return read(paths, Actors(focus, incumbent, splinter, government), countries).frame


def statistic_rows() -> list[dict[str, Any]]:
    """The named statistics of patterns as plain data."""
    from sim.experiments.patterns.statistics import STATISTICS

    return [
        {
            "name": name,
            "unit": one.unit,
            "meaning": one.meaning,
            "arguments": [
                {
                    "name": argument,
                    "required": known.default is known.empty,
                    "default": None if known.default is known.empty else known.default,
                }
                for argument, known in one.arguments.items()
            ],
            "outcomes": list(one.outcomes),
            "coded": one.coded,
        }
        for name, one in STATISTICS.items()
    ]
