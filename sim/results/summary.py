"""The summary of a run: who stood where at chosen dates, who swore when, what broke."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.results.frames import POLE_NONE, THIRD_POLE
from sim.results.tables import Field, Table, Words
from sim.scenario.quantities import month_index, month_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sim.results.run import Run

__all__ = ["allegiance_table", "first_times", "report_dates", "summary_dict", "summary_html", "summary_text"]

FIELDS = (
    Field("month", "month", "month", "Month, at its end."),
    Field("pole", "text", "pole", "A patron, third_pole (those who left a patron for themselves), or none."),
    Field("standing", "text", "words", "How they stand with it."),
    Field("fighters", "number", "persons", "Armed men."),
    Field("factions", "count", "count", "Factions; a patron's own men are none."),
)


class Standing(NamedTuple):
    """A line of the table."""

    pole: str
    standing: str
    label: str


def report_dates(run: Run) -> tuple[str, ...]:
    """Months of the printed table: those of the scenario's report that lie in the period, or year ends.

    The last month is always one of them.
    """
    period = run.manifest["period"]
    start, end = month_index(period["start"]), month_index(period["end"])
    asked = [month for month in run.scenario.report.dates if start <= month_index(month) <= end]
    if not asked:
        asked = [month_text(index) for index in range(start, end + 1) if index % 12 == 11]
    return tuple(dict.fromkeys([*sorted(asked), period["end"]]))


def _standings(run: Run) -> Iterator[Standing]:
    for patron, about in run.scenario.patrons.items():
        # A name for figures may be long; the id is what tables are asked by.
        short = about.name if len(about.name) <= 14 else patron
        yield Standing(patron, "core", f"{short}, core")
        yield Standing(patron, "sworn", f"{short}, sworn")
        yield Standing(patron, "declared", f"{short}, declared")
        yield Standing(patron, "allied", f"{short}, allied")
    yield Standing(THIRD_POLE, "alone", "left for themselves")
    yield Standing(POLE_NONE, "independent", "independent")
    yield Standing(POLE_NONE, "reconciled", "made peace")
    yield Standing(POLE_NONE, "gone", "gone")


def allegiance_table(run: Run, dates: Sequence[str] | None = None) -> Table:
    """Fighters and factions by allegiance at some months.

    ``declared`` swore and are not recognised (yet); ``gone`` are destroyed, dissolved or merged.
    """
    months = [run.month(str(month)) for month in dates] if dates is not None else report_dates(run)
    lines = list(_standings(run))
    columns: dict[str, list[Any]] = {field.name: [] for field in FIELDS}
    for month in months:
        for line in lines:
            fighters, factions = _count(run, month_index(month), line)
            row = (month_index(month), line.pole, line.standing, fighters, factions)
            for field, value in zip(FIELDS, row, strict=True):
                columns[field.name].append(value)
    data: dict[str, Any] = {
        "month": np.array(columns["month"], dtype=np.int64),
        "pole": Words.of(columns["pole"]),
        "standing": Words.of(columns["standing"]),
        "fighters": np.array(columns["fighters"], dtype=np.float64),
        "factions": np.array(columns["factions"], dtype=np.int64),
    }
    return Table("allegiance", FIELDS, data, ("month", "pole", "standing"))


def _count(run: Run, month: int, line: Standing) -> tuple[float, int]:
    if line.standing == "core":
        patrons = run.data("patrons")
        here = (patrons.numbers("month") == month) & patrons.words("patron").where(line.pole)
        return float(patrons.numbers("core")[here].sum()), 0
    factions = run.data("factions")
    those = (factions.numbers("month") == month) & _stands(factions, line)
    return float(factions.numbers("fighters")[those].sum()), int(those.sum())


def _stands(factions: Table, line: Standing) -> NDArray[np.bool_]:
    fate, pole, oath = factions.words("fate"), factions.words("pole"), factions.words("oath")
    active, allegiance = fate.where("active"), factions.words("allegiance")
    if line.standing == "reconciled":
        return fate.where("reconciled")
    if line.standing == "gone":
        return ~(active | fate.where("reconciled"))
    if line.standing == "allied":
        return active & allegiance.where(f"ally({line.pole})")
    here = active & pole.where(line.pole)
    if line.standing in ("alone", "independent"):
        return here
    sworn = here & allegiance.where(line.pole)
    return sworn & (oath.where("sworn") if line.standing == "sworn" else ~oath.where("sworn"))


class First(NamedTuple):
    """When a faction first stood with the patron asked about, swore to it, was accepted by it."""

    faction: str
    support: str | None
    oath: str | None
    accepted: str | None


def first_times(run: Run) -> list[First]:
    """Factions that came to stand with the focus patron, in the order in which they did; splinters apart."""
    factions = run.data("factions")
    last: dict[str, int] = {}
    names = factions.words("faction")
    for row, code in enumerate(names.codes.tolist()):
        last[names.words[code]] = row
    found = []
    for name, row in last.items():
        if name not in run.scenario.factions:
            continue
        stamps = [
            int(factions.numbers(column)[row]) for column in ("first_support", "first_oath", "first_accept")
        ]
        if stamps[0] >= 0:
            found.append((stamps[0], First(name, *(month_text(m) if m >= 0 else None for m in stamps))))
    return [first for _, first in sorted(found, key=lambda pair: pair[0])]


def summary_text(run: Run, width: int = 100) -> str:
    """The summary as text, tables cut to a width."""
    return "\n".join([*_head(run), *_tables(run, width), *_firsts(run), *_breaks(run, width)])


def _head(run: Run) -> Iterator[str]:
    period = run.manifest["period"]
    yield run.scenario.meta.title
    yield f"seed {run.seed}, driver {run.driver}, {period['start']} to {period['end']}"
    if run.manifest["scenario"]["overrides"]:
        yield "changed: " + "; ".join(run.manifest["scenario"]["overrides"])
    if run.unvalidated_from:
        yield f"UNVALIDATED from {run.unvalidated_from} on: the model was not held against those months"


def _tables(run: Run, width: int) -> Iterator[str]:
    dates = report_dates(run)
    table = allegiance_table(run, dates)
    lines = list(_standings(run))
    label = max(len(line.label) for line in lines)
    room = max(1, (width - label) // 9)
    for column, title in (("fighters", "Fighters"), ("factions", "Factions")):
        values = table.numbers(column).reshape(len(dates), len(lines))
        for first in range(0, len(dates), room):
            part = slice(first, first + room)
            yield ""
            yield f"{title:{label}}" + "".join(f"{_starred(run, month):>9}" for month in dates[part])
            for j, line in enumerate(lines):
                if values[:, j].any():
                    yield f"{line.label:{label}}" + "".join(f"{value:>9,.0f}" for value in values[part, j])
    if run.unvalidated_from and dates[-1] >= run.unvalidated_from:
        yield "* unvalidated"


def _starred(run: Run, month: str) -> str:
    return month + ("*" if run.unvalidated_from and month >= run.unvalidated_from else "")


def _firsts(run: Run) -> Iterator[str]:
    firsts = first_times(run)
    focus = run.scenario.patrons[run.manifest["focus"]].name
    yield ""
    if not firsts:
        yield f"Nobody came to stand with {focus}."
        return
    wide = max(len(first.faction) for first in firsts)
    title = f"With {focus}"
    wide = max(wide, len(title))
    yield f"{title:{wide}}  {'support':>8}{'oath':>9}{'accepted':>10}"
    for first in firsts:
        cells = [month or "-" for month in first[1:]]
        yield f"{first.faction:{wide}}  {cells[0]:>8}{cells[1]:>9}{cells[2]:>10}"


def _breaks(run: Run, width: int) -> Iterator[str]:
    yield ""
    for title, (kind, of_patrons) in {
        "Splits": ("split", False),
        "Mergers": ("merger", False),
        "Factions' fronts crushed": ("front_crushed", False),
        "Patrons' fronts crushed": ("front_crushed", True),
    }.items():
        found = [item for item in _events(run, kind) if (item[1] in run.manifest["patrons"]) == of_patrons]
        yield _listed(f"{title}: {len(found)}", [f"{name} {month}" for month, name in found], width)


def _events(run: Run, kind: str) -> list[tuple[str, str]]:
    events = run.data("events")
    mask = events.words("kind").where(kind) & events.words("origin").where("model")
    return [(row["month"], row["subject"]) for row in events.rows(mask).records()]


def _listed(title: str, items: Sequence[str], width: int) -> str:
    """A title and as many of its items as fit on one line."""
    if not items:
        return title
    for count in range(len(items), 0, -1):
        rest = len(items) - count
        line = f"{title} ({', '.join(items[:count])}{f' and {rest} more' if rest else ''})"
        if len(line) <= width:
            return line
    return title


def summary_dict(run: Run) -> dict[str, Any]:
    """The summary as data, for ``--json``."""
    kinds = ("split", "merger", "front_crushed", "dissolved", "reconciled")
    names = ("scenario", "seed", "driver", "own", "period", "focus", "summary")
    return {
        **{name: run.manifest[name] for name in names},
        "allegiance": list(allegiance_table(run).records()),
        "first": [first._asdict() for first in first_times(run)],
        "events": {
            kind: [{"month": month, "subject": name} for month, name in _events(run, kind)] for kind in kinds
        },
    }


def summary_html(run: Run) -> str:
    """The head of the summary and the table of allegiance, for a notebook."""
    dates = report_dates(run)
    table = allegiance_table(run, dates)
    lines = list(_standings(run))
    fighters = table.numbers("fighters").reshape(len(dates), len(lines))
    factions = table.numbers("factions").reshape(len(dates), len(lines))
    head = "<br>".join(escape(text) for text in list(_head(run))[1:])
    rows = ["<tr><th></th>" + "".join(f"<th>{_starred(run, month)}</th>" for month in dates) + "</tr>"]
    for j, line in enumerate(lines):
        if fighters[:, j].any() or factions[:, j].any():
            cells = "".join(_cell(fighters[d, j], factions[d, j]) for d in range(len(dates)))
            rows.append(f"<tr><th>{escape(line.label)}</th>{cells}</tr>")
    title = f"<b>{escape(run.scenario.meta.title)}</b><br>{head}"
    return f"<div>{title}<table>{''.join(rows)}</table>fighters (factions)</div>"


def _cell(fighters: float, factions: int) -> str:
    return f"<td style='text-align:right'>{fighters:,.0f}{f' ({factions})' if factions else ''}</td>"
