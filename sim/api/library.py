"""The bundled what-ifs: what each asks, what it changes, where its answer is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.scenario.bundled import bundled_scenarios
from sim.scenario.reader import read_tree

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["changes_told", "what_if_markdown", "what_if_rows", "what_ifs"]

_TOLD_APART = frozenset({"extends", "meta", "report", "sources", "what_if"})
_ASIDE = frozenset({"kind", "note", "requires", "source", "title", "unit", "voids"})
_TABLE = (
    "name", "question", "changes", "statements", "outcome", "month", "no_effect", "unit", "expects",
)  # fmt: skip
_MOST = 4
"""Removed events that are named; the rest is counted."""


def what_ifs() -> pd.DataFrame:
    """The bundled what-ifs, each with its question, its levers and its main readout.

    Examples
    --------
    >>> import sim
    >>> sim.what_ifs().loc["no-prison-release", "changes"]
    'without prison_release'
    """
    import pandas as pd

    rows = [
        {**row, **row["readouts"][0], "statements": " ".join(row["statements"])} for row in what_if_rows()
    ]
    return pd.DataFrame(rows, columns=list(_TABLE)).set_index("name")


def what_if_rows() -> list[dict[str, Any]]:
    """As :func:`what_ifs`, as plain data with all readouts. Files are read and not checked: this is to choose from."""
    from sim.outcomes import MONTHLY, SUMMARY

    by_month = {column.name: column.unit for column in MONTHLY}
    of_run = {column.name: column.unit for column in SUMMARY}
    rows = []
    for name, file in bundled_scenarios().items():
        own = read_tree(file).data
        about = own.get("what_if")
        if about is None:
            continue
        readouts = [
            {
                "outcome": readout["outcome"],
                "month": readout.get("month", ""),
                "no_effect": readout["no_effect"],
                "unit": (by_month if "month" in readout else {**by_month, **of_run})[readout["outcome"]],
                "because": readout["because"],
                **{name: readout[name] for name in ("direction", "stated") if name in readout},
            }
            for readout in about["readouts"]
        ]
        rows.append(
            {
                "name": name,
                "title": own["meta"]["title"],
                "question": own["meta"]["question"],
                "changes": changes_told(own),
                "statements": about["statements"],
                "held_fixed": about["held_fixed"],
                "readouts": readouts,
                "expects": about["expects"],
                "file": file.name,
            }
        )
    return rows


def changes_told(own: dict[str, Any]) -> str:
    """What a what-if changes, in one line, from what its file says.

    Examples
    --------
    >>> changes_told({"extends": "baseline", "events": {"zarb_e_azb": None, "mosul": {"date": "2014-08"}}})
    'mosul.date 2014-08; without zarb_e_azb'
    """
    told, gone = [], []
    for section, entries in own.items():
        if section in _TOLD_APART:
            continue
        for name, entry in entries.items():
            if section == "events" and entry is None:
                gone.append(name)
            elif section == "events" and "kind" in entry:
                told.append(f"adds {name} ({', '.join(_numbers(entry))})")
            elif section == "changes":
                told += [
                    f"from {name}: {part}"
                    for path in entry.get("set", {})
                    for part in _leaves(entry["set"][path], path)
                ]
                told += [f"from {name}: without {path.partition('.')[2]}" for path in entry.get("remove", ())]
            else:
                told += _leaves(entry, name)
    if gone:
        more = len(gone) - _MOST
        named = gone if more < 2 else gone[:_MOST]
        told.append("without " + ", ".join(named) + (f" and {more} more events" if more >= 2 else ""))
    return "; ".join(told)


def _numbers(event: dict[str, Any]) -> Iterator[str]:
    """The date of an event and its effects."""
    yield str(event["date"])
    for name, entry in event.items():
        if isinstance(entry, dict) and "value" in entry:
            yield f"{name} {entry['value']}"


def _leaves(entry: Any, path: str) -> Iterator[str]:
    if isinstance(entry, dict) and "value" not in entry:
        for name, child in entry.items():
            if name not in _ASIDE:
                yield from _leaves(child, f"{path}.{name}")
        return
    value = entry["value"] if isinstance(entry, dict) else entry
    if isinstance(value, bool):
        value = "on" if value else "off"
    yield f"{path} {', '.join(map(str, value)) if isinstance(value, list) else value}"


def what_if_markdown() -> str:
    """The bundled what-ifs as the table of ``docs/what-ifs.md``."""
    heads = ("what-if", "question", "what changes", "read in", "no effect below")
    lines = ["| " + " | ".join(heads) + " |", "| --- " * len(heads) + "|"]
    for row in what_if_rows():
        main = row["readouts"][0]
        unit = "" if main["unit"] == "count" else f" ({main['unit']})"
        cells = (
            f"[{row['name']}](../scenarios/what-if/{row['file']})",
            row["question"],
            row["changes"],
            f"`{main['outcome']}` {main['month']}".strip(),
            f"{main['no_effect']:g}{unit}",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
