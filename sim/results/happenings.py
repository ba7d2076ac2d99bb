"""What happened in a run: the dated events of its scenario, and what came out of the model.

The latter is read off the record: what differs between the end of a month and the end of the month before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from sim import state as s
from sim.results.frames import Record
from sim.results.tables import Field, Table, Words
from sim.scenario.dates import resolve_dates
from sim.scenario.quantities import month_text

__all__ = ["KINDS", "happenings"]

KINDS: dict[str, str] = {
    "became_active": "A faction came into being.",
    "leader_lost": "A faction lost its leader, or named a new one.",
    "displaced": "A faction was driven out, or resettled.",
    "switch": "A faction changed its allegiance.",
    "reconciled": "A faction made peace.",
    "offer": "An oath was offered.",
    "oath_accepted": "An oath was accepted.",
    "oath_ignored": "An oath was left without an answer: the faction flies the flag unrecognised.",
    "oath_refused": "An oath was refused: no place was left.",
    "front_crushed": "A front was destroyed: of a faction, or of a patron's own men in a region.",
    "moved": "A faction moved to a neighbouring region.",
    "split": "A faction split; the object is the splinter.",
    "merger": "A splinter returned to the body it had left.",
    "dissolved": "A faction fell below the size at which it can exist.",
}
"""Kinds of what comes out of the model; the kinds of dated events are those of the scenario."""

_ORDER = {kind: place for place, kind in enumerate(KINDS)}


class Happening(NamedTuple):
    """One thing that happened."""

    month: int
    kind: str
    subject: str
    object: str | None
    detail: str
    event: str | None = None


FIELDS = (
    Field("month", "month", "month", "When."),
    Field("origin", "text", "words", "scenario: a dated event; model: what the run brought about."),
    Field("kind", "text", "words", "Kind of event."),
    Field("subject", "text", "id", "Faction, patron, region or country concerned, or several."),
    Field("object", "text", "id", "The other one concerned: patron, option, region or faction."),
    Field("detail", "text", "words", "In words."),
    Field("event", "text", "id", "Id of the dated event in the scenario."),
)


def happenings(record: Record) -> Table:
    """The table of events of a run, by month: dated events first, then the model's by phase."""
    rows = [*_dated(record), *_model(record)]
    rows.sort(key=lambda row: (row.month, _ORDER.get(row.kind, -1) if row.event is None else -1))
    data: dict[str, Any] = {
        "month": np.array([row.month + record.compiled.start for row in rows], dtype=np.int64),
        "origin": Words.of("model" if row.event is None else "scenario" for row in rows),
    }
    for name in ("kind", "subject", "object", "detail", "event"):
        data[name] = Words.of(getattr(row, name) for row in rows)
    return Table("events", FIELDS, data, ("month",))


def _dated(record: Record) -> Iterator[Happening]:
    start, stages = record.compiled.start, record.compiled.stages
    # What has happened cannot change: the last stage has all events that came, on their dates.
    scenario = stages[-1].compiled.scenario if stages else record.compiled.scenario
    months = resolve_dates(scenario)
    for event_id, event in scenario.events.items():
        month = months[event_id] - start
        if 0 <= month < record.months:
            subject, other = _concerned(event)
            yield Happening(month, event.kind, subject, other, event.title or event_id, event_id)


def _concerned(event: Any) -> tuple[str, str | None]:
    """Whom an event names first, and whom second."""
    named: list[str] = []
    for field in ("patron", "faction", "factions", "to", "region", "regions", "country"):
        value = getattr(event, field, None)
        if isinstance(value, str):
            named.append(value)
        elif value:
            named.append(", ".join(value))
    return (named[0] if named else ""), (named[1] if len(named) > 1 else None)


def _model(record: Record) -> Iterator[Happening]:
    arrays, before = record.history.arrays, record.compiled.arrays
    for t in range(record.months):
        now = {name: arrays[name][t] for name in ("F", "I", "P", "H", "C")}
        then = {name: arrays[name][t - 1] if t else before[name] for name in now}
        yield from _Month(record, t, now, then).happenings()


class _Month:
    """The record at the end of a month and at the end of the month before."""

    def __init__(self, record: Record, t: int, now: dict[str, Any], then: dict[str, Any]) -> None:
        self.record, self.t, self.now, self.then = record, t, now, then
        self.names, self.compiled = record.names, record.compiled
        self.patrons = len(record.compiled.patrons)
        self.codes, self.old_codes, self.F, self.old_F = now["I"], then["I"], now["F"], then["F"]
        self.crushed_sides: list[int] = []

    def happenings(self) -> Iterator[Happening]:
        rows, new_rows = int(self.then["C"][s.C_ROWS]), int(self.now["C"][s.C_ROWS])
        changed = (self.codes[:rows] != self.old_codes[:rows]).any(axis=1)
        changed |= self.F[:rows, s.F_CAPTURED] != self.old_F[:rows, s.F_CAPTURED]
        for i in np.nonzero(changed)[0]:
            yield from self._befell(int(i))
            yield from self._decided(int(i))
            yield from self._ended(int(i))
        for j in range(rows, new_rows):
            parent = int(self.codes[j, s.I_PARENT])
            men = self.F[j, s.F_FIGHTERS]
            yield self._happened("split", parent, self.names[j], f"about {men:,.0f} men leave")
            if self.codes[j, s.I_FATE] == s.FATE_DISSOLVED:
                yield self._happened("dissolved", j, None, "too few had left with it")
        yield from self._cores()

    def _happened(self, kind: str, row: int, other: str | None, detail: str) -> Happening:
        return Happening(self.t, kind, self.names[row], other, detail)

    def _stamped(self, i: int, column: int) -> bool:
        """Whether a month was noted this month."""
        return bool(self.codes[i, column] == self.t and self.old_codes[i, column] != self.t)

    def _region(self, row: int) -> str:
        return self.compiled.regions[row]

    def _befell(self, i: int) -> Iterator[Happening]:
        code, old = self.codes[i], self.old_codes[i]
        if old[s.I_FATE] == s.FATE_WAITING and code[s.I_FATE] != s.FATE_WAITING:
            option = self.compiled.options[old[s.I_ALLEGIANCE]]
            yield self._happened("became_active", i, option, f"with {self.F[i, s.F_FIGHTERS]:,.0f} men")
        if self._stamped(i, s.I_LEADER_LOST):
            yield self._happened("leader_lost", i, None, "its leader is lost or replaced")
        moved = code[s.I_THEATRE] != old[s.I_THEATRE]
        way = f"from {self._region(old[s.I_THEATRE])} to {self._region(code[s.I_THEATRE])}"
        if self._stamped(i, s.I_DISPLACED):
            where = way if moved else f"stays in {self._region(code[s.I_THEATRE])}"
            yield self._happened("displaced", i, self._region(code[s.I_THEATRE]), where)
        elif moved:
            yield self._happened("moved", i, self._region(code[s.I_THEATRE]), way)

    def _decided(self, i: int) -> Iterator[Happening]:
        code, old = self.codes[i], self.old_codes[i]
        options = self.compiled.options
        if code[s.I_ALLEGIANCE] != old[s.I_ALLEGIANCE]:
            after, before = options[code[s.I_ALLEGIANCE]], options[old[s.I_ALLEGIANCE]]
            yield self._happened("switch", i, after, f"from {before} to {after}")
        if code[s.I_FATE] == s.FATE_RECONCILED and old[s.I_FATE] != s.FATE_RECONCILED:
            yield self._happened("reconciled", i, None, "lays down arms")
        if code[s.I_ALLEGIANCE] >= self.patrons:
            return
        patron = self.compiled.patrons[code[s.I_ALLEGIANCE]]
        if self._stamped(i, s.I_OFFER_MONTH):
            again = old[s.I_OATH] == s.OATH_DECLARED and old[s.I_ALLEGIANCE] == code[s.I_ALLEGIANCE]
            detail = f"offers an oath to {patron} {'again' if again else ''}".strip()
            if code[s.I_ANSWER_MONTH] >= 0:
                due = month_text(int(code[s.I_ANSWER_MONTH]) + self.compiled.start)
                detail += f", answer not before {due}"
            yield self._happened("offer", i, patron, detail)
        if self._stamped(i, s.I_ANSWERED):
            kind, answer = {
                s.OATH_SWORN: ("oath_accepted", f"{patron} accepts"),
                s.OATH_REFUSED: ("oath_refused", f"{patron} has no place left"),
            }.get(int(code[s.I_OATH]), ("oath_ignored", f"{patron} does not answer"))
            yield self._happened(kind, i, patron, answer)

    def _ended(self, i: int) -> Iterator[Happening]:
        code, old = self.codes[i], self.old_codes[i]
        captured = self.F[i, s.F_CAPTURED] - self.old_F[i, s.F_CAPTURED]
        new_fate = int(code[s.I_FATE]) if code[s.I_FATE] != old[s.I_FATE] else -1
        if captured > 0.0 or new_fate == s.FATE_DESTROYED:
            surrendered = self.F[i, s.F_SURRENDERED] - self.old_F[i, s.F_SURRENDERED]
            crusher = int(code[s.I_CRUSHER])
            by = self.compiled.patrons[crusher] if 0 <= crusher < self.patrons else None
            detail = f"in {self._region(code[s.I_THEATRE])}, about {surrendered:,.0f} surrendered and "
            detail += f"{captured:,.0f} captured"
            self.crushed_sides.append(int(code[s.I_ALLEGIANCE]))
            yield self._happened("front_crushed", i, by, detail)
        if new_fate == s.FATE_MERGED:
            parent = self.names[int(code[s.I_PARENT])]
            yield self._happened("merger", i, parent, f"returns to {parent}")
        if new_fate == s.FATE_DISSOLVED:
            yield self._happened("dissolved", i, None, "too few are left")

    def _cores(self) -> Iterator[Happening]:
        """Fronts of patrons' own men: the count says how many, the emptied regions where."""
        for k, patron in enumerate(self.compiled.patrons):
            count = int(self.now["P"][k, s.P_CRUSHED] - self.then["P"][k, s.P_CRUSHED])
            count -= sum(option in (k, k + self.patrons) for option in self.crushed_sides)
            if count <= 0:
                continue
            before, after = self.then["H"][:, k, s.H_CORE], self.now["H"][:, k, s.H_CORE]
            left = np.where(before >= 1.0, after / np.maximum(before, 1.0), np.inf)
            for r in np.argsort(left, kind="stable")[:count]:
                lost = max(0.0, before[r] - after[r])
                detail = f"own men in {self._region(int(r))}, {lost:,.0f} fewer than a month before"
                yield Happening(self.t, "front_crushed", patron, self._region(int(r)), detail)
