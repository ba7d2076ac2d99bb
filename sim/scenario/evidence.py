"""Where the numbers of a scenario are from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from .load import Loaded
from .merge import OVERRIDE
from .quantities import Prior
from .schema import Citation, Tie
from .walk import Path_, numbers
from .wording import dotted

__all__ = ["CLASSES", "Row", "classify", "evidence", "keys_in", "prior_text", "summary"]

CLASSES = ("article", "literature", "data", "coding", "record", "judgement", "override", "none")
"""Classes of sources, the firmest first."""

_JUDGEMENT = re.compile(r"judge?ment\b", re.IGNORECASE)
_KEY = re.compile(r"\b[A-Z]{1,3}\d{1,3}[a-z]?\b|(?<![\w.'-])[CDM](?![\w.'-])")
_STATEMENT = re.compile(r"M(?:0[1-9]|[1-7]\d|80)|F\d+")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Row:
    """A number that the files of a scenario give."""

    path: str
    value: float
    unit: str
    prior: str
    """The prior in short, empty where there is none."""
    source: str
    kind: str
    """One of :data:`CLASSES`."""

    def as_dict(self) -> dict[str, Any]:
        """The row under the column names of the printed table."""
        return {
            "path": self.path,
            "value": self.value,
            "unit": self.unit,
            "prior": self.prior,
            "source": self.source,
            "class": self.kind,
        }


def keys_in(source: str, known: Collection[str]) -> tuple[list[str], list[str]]:
    """Keys that a source names: those in the table of sources, and what only looks like one.

    Statements (M61) and codes of factions (F30) are no keys.
    """
    found = [word for word in _WORD.findall(source) if word in known]
    strange = [key for key in _KEY.findall(source) if key not in known and not _STATEMENT.fullmatch(key)]
    return list(dict.fromkeys(found)), list(dict.fromkeys(strange))


def classify(source: str | None, sources: Mapping[str, Citation]) -> str:
    """The class of a source: that of the first key it names, unless it says that it is a judgement."""
    if source is None:
        return "none"
    if source == OVERRIDE:
        return "override"
    if _JUDGEMENT.match(source):
        return "judgement"
    found, _ = keys_in(source, sources)
    return sources[found[0]].kind if found else "none"


def prior_text(prior: Prior | None) -> str:
    """A prior in short, ``uniform(0, 1)``; empty where there is none."""
    if prior is None:
        return ""
    names = {"uniform": ("low", "high"), "beta": ("a", "b")}.get(prior.dist, ("mean", "sd"))
    text = f"{prior.dist}({', '.join(f'{getattr(prior, name):g}' for name in names)})"
    if prior.dist != "uniform" and (prior.low is not None or prior.high is not None):
        low = "" if prior.low is None else f"{prior.low:g}"
        high = "" if prior.high is None else f"{prior.high:g}"
        text += f" in [{low}, {high}]"
    return text


def is_given(path: Path_, data: Any) -> bool:
    """Whether the files say something at a path, rather than the schema's default."""
    for part in path:
        in_list = isinstance(data, list) and isinstance(part, int) and part < len(data)
        if not in_list and not (isinstance(data, dict) and part in data):
            return False
        data = data[part]
    return True


def evidence(loaded: Loaded) -> list[Row]:
    """A row for every number that the files and overrides give, in the order of the schema.

    The strength of a tie takes the source of the tie where it has none of its own.
    """
    scenario = loaded.scenario
    rows = []
    for path, number, unit in numbers(scenario):
        if not is_given(path, loaded.tree):
            continue
        source = number.source
        if source is None and path[0] == "ties" and isinstance(path[1], int):
            tie: Tie = scenario.ties[path[1]]
            source = tie.source
        kind = classify(source, scenario.sources)
        rows.append(Row(dotted(path), number.value, unit, prior_text(number.prior), source or "", kind))
    return rows


def summary(rows: list[Row]) -> list[tuple[str, int, float]]:
    """Count and share of each class of source; the last row is the sum."""
    counts = Counter(row.kind for row in rows)
    total = len(rows)
    table = [(kind, counts[kind], counts[kind] / total if total else 0.0) for kind in CLASSES]
    return [*table, ("all", total, 1.0 if total else 0.0)]
