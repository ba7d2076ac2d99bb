"""A folder of a calibration or validation, as figures and reports read it: its numbers and its tables."""

from __future__ import annotations

from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import Problem, StoreError
from sim.mechanisms import MECHANISMS
from sim.results.trust import as_written, checked_frame, read_json

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Study", "number", "predictor_name", "statement_title"]

_NAMES = {
    "model": "the model",
    "rule": "rule: not embedded",
    "not_embedded": "rule: not embedded",
    "logit": "ridge logit",
    "base_rate": "base rate",
    "prior": "the model before fitting",
    "random": "chance decides",
    "ideology_led": "doctrine decides",
    "patronage_led": "patronage decides",
    "threshold": "enough peers decide",
    "landscape": "landscape theory",
}


class Study:
    """What a calibration or validation left.

    Parameters
    ----------
    folder
        Its folder.
    kind
        ``calibration`` or ``validation``: the name of its file of numbers.

    Raises
    ------
    StoreError
        If the folder holds none, or it cannot be read.
    """

    def __init__(self, folder: Path, kind: str) -> None:
        self.folder, self.kind = Path(folder), kind
        self._frames: dict[str, pd.DataFrame | None] = {}
        file = self.folder / f"{kind}.json"
        try:
            data = read_json(file, kind)
        except FileNotFoundError:
            raise StoreError(Problem(f"holds no {kind}: {file.name} is missing", str(self.folder))) from None
        if not isinstance(data, dict):
            raise StoreError(Problem(f"is no {kind} of ours", str(file)))
        self.data: dict[str, Any] = data

    def frame(self, name: str) -> pd.DataFrame | None:
        """A table, or None where it was not made, or has no rows."""
        if name not in self._frames:
            self._frames[name] = self._read(name)
        return self._frames[name]

    def _read(self, name: str) -> pd.DataFrame | None:
        import pandas as pd

        file = self.folder / f"{name}.parquet"
        if not file.is_file():
            return None
        with as_written(file):
            found = checked_frame(pd.read_parquet(file), file)
        return found if len(found) else None

    def need(self, name: str) -> pd.DataFrame:
        """A table that a figure cannot do without.

        Raises
        ------
        StoreError
            If it was not made.
        """
        found = self.frame(name)
        if found is None:
            raise StoreError(Problem(f"has no table {name}.parquet", str(self.folder)))
        return found

    @cached_property
    def title(self) -> str:
        """Title, or the name of the folder."""
        return str(self.data.get("title") or self.data.get("name") or self.folder.name)

    def pattern_title(self, pattern: str) -> str:
        """A pattern with its title: ``SF3  Containment``; one named by a word by its title alone."""
        title = (self.data.get("patterns") or {}).get(pattern, {}).get("title")
        if not title:
            return pattern
        return f"{pattern}  {title}" if pattern.isupper() or pattern[:2].isupper() else str(title)


def predictor_name(name: str) -> str:
    """A predictor in plain words.

    Examples
    --------
    >>> predictor_name("base_rate"), predictor_name("nobody_pledges")
    ('base rate', 'nobody pledges')
    """
    return _NAMES.get(name) or name.replace("_", " ")


@cache
def _statements() -> dict[str, str]:
    return {one.id: one.title for one in MECHANISMS}


def statement_title(name: str) -> str:
    """Title of a statement by its number; empty where there is none."""
    return _statements().get(name, "")


def number(value: float | None, digits: int = 3) -> str:
    """A number to a few significant digits, without noughts at its end.

    Examples
    --------
    >>> number(0.1234), number(12345.6), number(2017.0), number(-0.5), number(None), number(float("nan")), number(0.0)
    ('0.123', '12,346', '2017', '−0.5', '–', '–', '0')
    """
    if value is None or value != value:
        return "–"
    if abs(value) >= 1000:
        # Years are numbers of four digits.
        return (f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.0f}").replace("-", "−")
    return f"{float(f'{value:.{digits}g}'):g}".replace("-", "−")
