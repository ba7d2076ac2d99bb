"""From UCDP files to a file of patterns, and to a table of what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import ExperimentError, Problem
from sim.experiments.patterns.schema import PatternFile
from sim.experiments.patterns.ucdp.dyads import COUNTRIES, LAST, Actors, Series, find_series
from sim.experiments.patterns.ucdp.files import read_sources
from sim.experiments.patterns.ucdp.making import make_patterns
from sim.scenario.wording import one_line

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "Ucdp", "check_free", "read_ucdp", "write_patterns"]

COLUMNS = ("dataset", "version", "what", "sides", "year", "events", "best", "low", "high", "serves")


@dataclass(frozen=True, eq=False)
class Ucdp:
    """What some UCDP files tell of the actors of the model."""

    rows: tuple[dict[str, Any], ...]
    """Each year of each dyad, in the columns of :data:`COLUMNS`."""
    patterns: dict[str, Any] = field(repr=False)
    """In the form of their file."""
    remarks: tuple[str, ...]
    """What was left out, and why."""
    files: tuple[str, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """The rows as a table."""
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(COLUMNS))

    @property
    def text(self) -> str:
        """The file of patterns, as YAML.

        Raises
        ------
        ExperimentError
            If the files gave no pattern.
        """
        import yaml

        if not self.patterns:
            told = "gave no pattern: " + ("; ".join(self.remarks) or "nothing in them is one")
            raise ExperimentError(Problem(told, ", ".join(self.files)))
        form = {
            "meta": {
                "title": "Patterns out of files of the Uppsala Conflict Data Program",
                "schema_version": 1,
                "until": f"{LAST}-12",
                "notes": [
                    one_line(f"Written by bayah data ucdp from {', '.join(self.files)}.", 2000),
                    *self.remarks,
                ],
            },
            "patterns": self.patterns,
        }
        # What is written is held against the format before it is.
        PatternFile.model_validate(_tuples(form), strict=True)
        return yaml.dump(form, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=110)


def _dumper() -> Any:
    """Writes what a statistic is given, and ranges, in one line, as a hand would."""
    import yaml

    class Dumper(yaml.SafeDumper):
        pass

    def short(value: Any) -> bool:
        items = value.values() if isinstance(value, dict) else value
        plain = all(
            not isinstance(item, dict) and (not isinstance(item, list) or short(item)) for item in items
        )
        return plain and len(str(value)) < 100 and "statistic" not in value and "schema_version" not in value

    Dumper.add_representer(
        dict, lambda dumper, value: dumper.represent_mapping("tag:yaml.org,2002:map", value, short(value))
    )
    Dumper.add_representer(
        list, lambda dumper, value: dumper.represent_sequence("tag:yaml.org,2002:seq", value, short(value))
    )
    return Dumper


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def read_ucdp(
    paths: Sequence[str | Path],
    actors: Actors | None = None,
    countries: Sequence[str] = COUNTRIES,
    role: str = "report",
) -> Ucdp:
    """Read UCDP files.

    Parameters
    ----------
    paths
        Battle-Related Deaths (dyadic), Non-State Conflict or events (GED), as CSV; told apart by their columns.
    actors
        Who is meant; by default as the baseline has them.
    countries
        Where events count.
    role
        ``report``, or ``fit`` for patterns that calibration is to be held to.

    Returns
    -------
    Ucdp
        What they tell.

    Raises
    ------
    ExperimentError
        With everything that is wrong in the files, each with file and line.
    """
    sources = read_sources(paths)
    series, left_out = find_series(sources, actors or Actors(), countries)
    patterns, remarks = make_patterns(series, role)
    rows = [row for one in series for row in _rows(one)]
    files = tuple(one_line(Path(source.file).name) for source in sources)
    return Ucdp(tuple(rows), patterns, tuple(one_line(told, 500) for told in (*left_out, *remarks)), files)


def _rows(one: Series) -> list[dict[str, Any]]:
    return [
        {
            "dataset": one.source.kind.title,
            "version": one.source.version,
            "what": one.what,
            "sides": one.name,
            "year": year.year,
            "events": year.events,
            "best": year.best,
            "low": year.low,
            "high": year.high,
            "serves": year in one.years,
        }
        for year in sorted((*one.years, *one.left_out), key=lambda year: year.year)
    ]


def write_patterns(found: Ucdp, path: str | Path, force: bool = False) -> Path:
    """Write the patterns, whole or not at all.

    Raises
    ------
    ExperimentError
        If there are none, or a file is there and ``force`` is not given.
    """
    from sim.experiments.store.files import create_once, land

    target, data = Path(path), found.text.encode()
    check_free(target, force)
    if force:
        land(target, data)
    elif not create_once(target, data):
        check_free(target, force)
    return target


def check_free(path: Path, force: bool) -> None:
    """Whether a file may be written there."""
    file = one_line(str(path))
    if path.is_dir():
        raise ExperimentError(Problem("is a folder; name a file", file))
    if path.exists() and not force:
        raise ExperimentError(Problem("is there already; --force replaces it", file))
    if not path.parent.is_dir():
        raise ExperimentError(Problem("its folder is not there", file))
