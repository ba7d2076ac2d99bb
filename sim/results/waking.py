"""Which events woke a faction: the reasons of a decision, each with what stands behind it in the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import state as s
from sim.scenario.quantities import month_index, month_text

if TYPE_CHECKING:
    from sim.results.run import Run

__all__ = ["wakers"]

_NEWS = ("offers_open", "founded", "territorial_collapse")
_ANSWERS = ("oath_accepted", "oath_ignored", "oath_refused")


def wakers(run: Run, who: str, decision: dict[str, Any]) -> list[dict[str, Any]]:
    """Events behind the reasons of a decision.

    Parameters
    ----------
    run
        The run.
    who
        The faction.
    decision
        With month, option held, and reasons in the words of :data:`sim.state.WAKES`.

    Returns
    -------
    list
        Of month, kind, subject and detail of each event, by month.
    """
    around = _Around(run, who, decision["month"], decision["held"])
    found = [event for reason in decision["reasons"] for event in around.behind(reason)]
    unique = {tuple(event.values()): event for event in found}
    return sorted(unique.values(), key=lambda event: str(event["month"]))


class _Around:
    """What happened in the month of a decision and in the month before."""

    def __init__(self, run: Run, who: str, month: str, held: str) -> None:
        self.run, self.who = run, who
        self.month, self.before = month, month_text(month_index(month) - 1)
        self.patron = held[5:-1] if held.startswith("ally(") else held
        events = run.data("events")
        months = events.numbers("month")
        near = (months == month_index(month)) | (months == month_index(month) - 1)
        self.events = list(events.rows(near).records())

    def behind(self, reason: str) -> list[dict[str, Any]]:
        """The events behind a reason; none where it was chance, or a state of things."""
        for bit, words in s.WAKES.items():
            if words == reason:
                return [_brief(event) for event in self._of(bit)]
        return []

    def _of(self, bit: int) -> Iterable[dict[str, Any]]:
        mine: Callable[[dict[str, Any]], bool] = lambda event: _names(event, self.who)  # noqa: E731
        patrons: Callable[[dict[str, Any]], bool] = lambda event: _names(event, self.patron)  # noqa: E731
        if bit == s.WAKE_LEADER:
            return self._now(("leader_lost", "strike", "faction_succession"), mine)
        if bit == s.WAKE_PATRON_LEADER:
            return self._now(("leader_dies",), patrons)
        if bit == s.WAKE_REVEALED:
            return self._now(("revealed",), patrons)
        if bit == s.WAKE_NEWS:
            return self._now(_NEWS, lambda event: True)
        if bit == s.WAKE_DISPLACED:
            return [*self._now(("operation",), lambda event: True), *self._now(("displaced",), mine)]
        if bit == s.WAKE_TIE:
            tied = self._tied()
            return self._last(("switch",), lambda event: event["subject"] in tied)
        if bit == s.WAKE_ANSWER:
            return self._last(_ANSWERS, mine)
        if bit == s.WAKE_PARENT:
            parent = self._line()[1]
            return self._now(
                ("leader_lost", "strike", "faction_succession"), lambda event: _names(event, parent)
            )
        if bit == s.WAKE_SPLIT:
            return self._last(("split",), lambda event: event["object"] == self.who)
        return []

    def _now(self, kinds: tuple[str, ...], holds: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        return [e for e in self.events if e["month"] == self.month and e["kind"] in kinds and holds(e)]

    def _last(self, kinds: tuple[str, ...], holds: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        return [e for e in self.events if e["month"] == self.before and e["kind"] in kinds and holds(e)]

    def _line(self) -> tuple[str, str]:
        """The faction whose ties it has, and its parent."""
        factions = self.run.data("factions")
        row = int(np.flatnonzero(factions.words("faction").where(self.who))[0])
        return str(factions.words("ties")[row]), str(factions.words("parent")[row])

    def _tied(self) -> set[str]:
        root = self._line()[0]
        pairs = [(tie.a, tie.b) for tie in self.run.scenario.ties]
        return {b for a, b in pairs if a == root} | {a for a, b in pairs if b == root}


def _names(event: dict[str, Any], who: str) -> bool:
    return who in (event["subject"] or "").split(", ")


def _brief(event: dict[str, Any]) -> dict[str, Any]:
    return {name: event[name] for name in ("month", "kind", "subject", "detail")}
