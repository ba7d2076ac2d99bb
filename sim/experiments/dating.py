"""Dates of events at many points at once: whether they are in order.

The rules are those of :func:`sim.scenario.check.date_flaws`, which looks at one set of dates in a millisecond; here
a column of a hundred thousand takes as long. That both agree is tested on dates drawn at random.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.scenario.check import NEEDS_PATRON
from sim.scenario.dates import relative_to
from sim.scenario.quantities import month_index
from sim.scenario.references import entries

__all__ = ["out_of_order"]

Mask = NDArray[np.bool_]
Months = Mapping[str, Any]
"""Month of each event, as a number or one for each point."""


def out_of_order(data: Mapping[str, Any], dates: Mapping[str, NDArray[Any]]) -> Mask:
    """Which points have dates that cannot be.

    Parameters
    ----------
    data
        The scenario as plain data.
    dates
        Dates by event, shape (points,): ``2015-07`` or ``omar_dies + 3``.

    Returns
    -------
    numpy.ndarray
        Shape (points,), true where dates are out of order.
    """
    size = len(next(iter(dates.values())))
    wrong = np.zeros(size, dtype=bool)
    coded = {event: _coded(column) for event, column in dates.items()}
    for rows, relative in _alike(coded, size):
        months = _months(data["events"], relative, {e: coded[e][0][rows] for e in coded})
        if months is None:
            wrong[rows] = True
            continue
        for found in (*_order(data, months), *_period(data, months, relative), *_story(data, months)):
            wrong[rows] |= found
    return wrong


def _coded(column: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64], list[tuple[str, int] | None]]:
    """Month of each point where its date is one; which relative date it has otherwise; those, None the first."""
    words, place = np.unique(column.astype(str), return_inverse=True)
    found = [relative_to(str(word)) for word in words]
    months = np.array(
        [month_index(str(word)) if f is None else 0 for word, f in zip(words, found, strict=True)]
    )
    kinds: list[tuple[str, int] | None] = [None, *dict.fromkeys(f for f in found if f is not None)]
    codes = np.array([kinds.index(f) for f in found], dtype=np.int64)
    return months[place], codes[place], kinds


def _alike(
    coded: Mapping[str, tuple[Any, NDArray[np.int64], list[tuple[str, int] | None]]], size: int
) -> Iterator[tuple[NDArray[np.int64], dict[str, tuple[str, int] | None]]]:
    """Points that have the same relative dates, and these dates by event; None where it is a month."""
    code = np.zeros(size, dtype=np.int64)
    for _, kinds, names in coded.values():
        code = np.unique(code * len(names) + kinds, return_inverse=True)[1]
    for group in np.unique(code):
        rows = np.flatnonzero(code == group)
        yield rows, {event: names[kinds[rows[0]]] for event, (_, kinds, names) in coded.items()}


def _months(
    events: Mapping[str, Any],
    relative: Mapping[str, tuple[str, int] | None],
    varied: Mapping[str, NDArray[np.int64]],
) -> Months | None:
    """The month of every event, None where dates lead nowhere or to each other."""
    after = {
        name: relative[name] if name in relative else relative_to(event["date"])
        for name, event in events.items()
    }
    months: dict[str, Any] = {}
    for start in events:
        chain: list[str] = []
        name = start
        while name not in months:
            if name in chain or name not in after:
                return None
            chain.append(name)
            link = after[name]
            if link is None:
                months[name] = varied[name] if name in varied else month_index(events[name]["date"])
            else:
                name = link[0]
        for name in reversed(chain):
            link = after[name]
            if link is not None:
                months[name] = months[link[0]] + link[1]
    return months


def _order(data: Mapping[str, Any], months: Months) -> Iterator[Any]:
    for name, event in data["events"].items():
        for other in event.get("requires") or ():
            if other in months:
                yield months[other] > months[name]
        for other in event.get("voids") or ():
            if other in months:
                yield months[other] >= months[name]


def _period(
    data: Mapping[str, Any], months: Months, relative: Mapping[str, tuple[str, int] | None]
) -> Iterator[Any]:
    start, end = month_index(data["period"]["start"]), month_index(data["period"]["end"])
    for name, event in data["events"].items():
        yield months[name] < start
        # An event dated by another may follow it out of the period: it then does not happen.
        link = relative[name] if name in relative else relative_to(event["date"])
        if link is None:
            yield months[name] > end
    for _, faction in entries(data, "factions"):
        if faction.get("active_from"):
            yield month_index(faction["active_from"]) > end


def _story(data: Mapping[str, Any], months: Months) -> Iterator[Any]:
    events = data["events"]
    since: dict[str, Any] = {}
    for name, event in events.items():
        if event["kind"] == "founded":
            since.setdefault(event["patron"], months[name])
    yield from _early(data, months, since)
    deaths: dict[str, list[str]] = {}
    for name, event in events.items():
        if event["kind"] == "leader_dies" and event.get("concealed") is True:
            deaths.setdefault(event["patron"], []).append(name)
    for name, event in events.items():
        if event["kind"] == "revealed":
            hidden = deaths.get(event["patron"], [])
            if not set(hidden) & set(event.get("requires") or ()):
                yield ~np.any([months[name] >= months[other] for other in hidden], axis=0)


def _early(data: Mapping[str, Any], months: Months, since: Mapping[str, Any]) -> Iterator[Any]:
    """Patrons that act, or are sworn to, and factions that are struck, before they exist."""
    start = month_index(data["period"]["start"])
    active = {
        name: month_index(faction["active_from"])
        for name, faction in entries(data, "factions")
        if faction.get("active_from")
    }
    for name, event in data["events"].items():
        if event["kind"] in NEEDS_PATRON:
            for patron in {event.get("patron"), event.get("to")} & since.keys():
                yield months[name] < since[patron]
        for faction in {event.get("faction"), *(event.get("factions") or ())} & active.keys():
            yield months[name] < active[faction]
    for name, faction in entries(data, "factions"):
        patron = str(faction.get("allegiance")).removeprefix("ally(").removesuffix(")")
        if patron in since:
            yield max(start, active.get(name, 0)) < since[patron]
