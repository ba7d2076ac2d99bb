"""The three UCDP files that are read, told apart by their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.scenario.wording import listed, nearest

__all__ = ["KINDS", "Kind", "kind_flaws", "kind_of"]


@dataclass(frozen=True)
class Kind:
    """One of the datasets."""

    name: str
    title: str
    row: str
    """What one of its rows is."""
    columns: Mapping[str, str]
    """Column of the file by what it is here."""
    key: tuple[str, ...]
    """What two rows cannot share."""
    cite: str
    extra: Mapping[str, str]
    """Columns that are read where they are there."""


_SIDES = {"a": "side_a", "a_id": "side_a_id", "b": "side_b", "b_id": "side_b_id"}

KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "battle",
            "UCDP Battle-Related Deaths Dataset",
            "dyad-year",
            {
                **_SIDES, "dyad": "dyad_id", "year": "year", "best": "bd_best", "low": "bd_low", "high": "bd_high",
                "version": "version",
            },
            ("dyad", "year"),
            "Uppsala Conflict Data Program, ucdp.uu.se",
            {},
        ),
        Kind(
            "nonstate",
            "UCDP Non-State Conflict Dataset",
            "dyad-year",
            {
                "a": "side_a_name", "a_id": "side_a_id", "b": "side_b_name", "b_id": "side_b_id", "dyad": "dyad_id",
                "year": "year", "best": "best_fatality_estimate", "low": "low_fatality_estimate",
                "high": "high_fatality_estimate", "version": "version",
            },
            ("dyad", "year"),
            "Sundberg, Eck and Kreutz 2012, Journal of Peace Research 49(2)",
            {"a_parts": "side_a_components", "b_parts": "side_b_components"},
        ),
        Kind(
            "events",
            "UCDP Georeferenced Event Dataset",
            "event",
            {
                "a": "side_a", "a_id": "side_a_new_id", "b": "side_b", "b_id": "side_b_new_id", "dyad": "dyad_new_id",
                "id": "id", "year": "year", "best": "best", "low": "low", "high": "high", "country": "country",
                "date": "date_start",
            },
            ("id",),
            "Sundberg and Melander 2013, Journal of Peace Research 50(4)",
            {"precision": "date_prec"},
        ),
    )
}  # fmt: skip
"""By name."""

_MARKS = {
    "battle": ("bd_best", "bd_low", "bd_high"),
    "nonstate": ("best_fatality_estimate", "low_fatality_estimate", "high_fatality_estimate"),
    "events": ("side_a_new_id", "side_b_new_id", "date_start", "type_of_violence"),
}
"""Columns that no other of the three has."""


def kind_of(columns: Sequence[str]) -> Kind | None:
    """Which of the three a file looks like, whole or not; None where it is none of them."""
    marked = {name: sum(mark in columns for mark in marks) for name, marks in _MARKS.items()}
    held = {name: sum(c in columns for c in kind.columns.values()) for name, kind in KINDS.items()}
    best = max(KINDS, key=lambda name: (marked[name], held[name]))
    return KINDS[best] if marked[best] or held[best] >= len(KINDS[best].columns) - 3 else None


def kind_flaws(columns: Sequence[str]) -> list[str]:
    """What is wrong with the columns of a file."""
    twice = sorted({name for name in columns if columns.count(name) > 1})
    flaws = [f"column '{name}' stands twice" for name in twice]
    if len(columns) == 1 and any(sign in columns[0] for sign in ";\t|"):
        return [*flaws, "one column only; save it with commas between the columns"]
    kind = kind_of(columns)
    if kind is None:
        titles = ", ".join(known.title for known in KINDS.values())
        return [*flaws, f"is none of the files that are read ({titles}); it has {listed(columns)}"]
    missing = [name for name in kind.columns.values() if name not in columns]
    spare = [name for name in columns if name not in {*kind.columns.values(), *kind.extra.values()}]
    flaws += [f"{kind.title}: no column '{name}'{nearest(name, spare)}" for name in missing]
    if kind.name == "battle" and "dyad_id" in missing and "conflict_id" in columns:
        flaws.append("of the battle-related deaths the dyadic form is read, not the one by conflict")
    return flaws
