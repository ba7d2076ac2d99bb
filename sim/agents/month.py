"""The order of a month, one agent at a time: what :mod:`sim.engine.month` does for all rows at once."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from sim import state as s
from sim.agents.compat import enlist, strike_off
from sim.engine.month import check
from sim.engine.names import faction_names
from sim.errors import UsageError
from sim.observation import observe
from sim.rules.choice import decision_draw
from sim.rules.clash import clash
from sim.rules.movement import move_poles
from sim.rules.news import apply_events
from sim.rules.posture import change_hostility, mean_capacity
from sim.rules.reorganise import reorganise
from sim.rules.sums import take_stock
from sim.rules.sustain import nourish
from sim.scenario.quantities import month_text

if TYPE_CHECKING:
    from sim.agents.faction import Faction
    from sim.agents.patron import Patron
    from sim.agents.recording import Recorder
    from sim.engine.world import World
    from sim.scenario.compile import Compiled
    from sim.state import FloatArray

__all__ = ["Months"]


class Months(mesa.Model):  # type: ignore[misc]
    """The phases of a month over the agents of a model."""

    config: Compiled
    world: World
    recorder: Recorder
    patrons: tuple[Patron, ...]
    names: tuple[str, ...]
    """Ids of all factions by row, splinters included."""
    _line: list[Faction]
    """Factions by row."""

    def take_stock(self) -> None:
        """Sum up forces, shares and totals: what everybody sees in the phases that follow."""
        w = self.world
        take_stock(w.F, w.I, w.P, w.W, w.G, w.H, w.C, w.A, w.NP, w.NI)

    def take_positions(self) -> None:
        """Phase 3: each patron's own month, demonstrations, then hostility."""
        w = self.world
        capacity = mean_capacity(w.G)
        for patron in self.patrons:
            patron.command(capacity)
        for patron in self.patrons:
            patron.demonstrate()
        change_hostility(w.P, w.W, w.C, w.A)
        w.P[:, [s.P_SWITCHES, s.P_DEFECTORS]] = 0.0

    def clash(self) -> None:
        """Phase 8: fighting between poles, by region."""
        w = self.world
        clash(w.P, w.W, w.G, w.H, w.C, w.A)

    def nourish(self) -> None:
        """Phase 9 for patrons and regions."""
        w = self.world
        nourish(w.P, w.G, w.H, w.C, w.A)

    def move_poles(self) -> None:
        """Phase 10 for patrons and home states."""
        w = self.world
        move_poles(w.F, w.I, w.P, w.G, w.H, w.C, w.A, w.E, w.NP, w.NI, w.D)

    def reorganise(self) -> None:
        """Phase 11: splits, mergers, dissolutions; splinters get an agent of their parent's class."""
        w = self.world
        reorganise(w.F, w.I, w.X, w.P, w.C, w.A)
        rows = int(w.C[s.C_ROWS])
        if rows > len(self._line):
            self.names = faction_names(self.config.factions, w.I[:, s.I_PARENT], rows)
            for row in range(len(self._line), rows):
                self._line.append(type(self._line[w.I[row, s.I_PARENT]])(self, row))

    def observe(self) -> None:
        """Phase 12: what sources would report of the month."""
        w = self.world
        observe(w.F, w.I, w.P, w.G, w.H, w.C, w.A)

    def _begin_month(self) -> None:
        w = self.world
        apply_events(w.F, w.I, w.P, w.W, w.G, w.H, w.C, w.A, w.E)
        for patron in self.patrons:
            patron.settle()
        for faction in self._line:
            faction.notice()
            if faction.active:
                faction.grieve()
        self._muster()
        self.take_positions()

    def _decide(self) -> None:
        w = self.world
        for faction in self._living():
            if not faction.wake():
                continue
            options, utilities = faction.appraise()
            w.Q[:] = 0.0
            draw = decision_draw(w.I, w.C, faction.row)
            chosen = self._checked(faction, utilities, faction.choose(options, utilities.copy(), draw))
            if not w.Q.any():
                # A choice of one's own that asked no rule of ours is certain, as far as the record can tell.
                w.Q[chosen] = 1.0
            w.I[faction.row, s.I_CHOICE] = chosen
            w.I[faction.row, s.I_APPRAISED] = int(w.C[s.C_MONTH])
            self.recorder.keep_decision(w, faction.row)

    def _checked(self, faction: Faction, utilities: FloatArray, chosen: Any) -> int:
        try:
            index = operator.index(chosen)
        except TypeError:
            index = -1
        if 0 <= index < len(utilities) and not np.isneginf(utilities[index]):
            return index
        options = enumerate(self.config.options)
        there = ", ".join(f"{j} ({name})" for j, name in options if not np.isneginf(utilities[j]))
        when = month_text(self.config.start + int(self.world.C[s.C_MONTH]))
        raise UsageError(f"{faction.name} chose {chosen!r} in {when}; it can choose {there}")

    def _carry_out(self) -> None:
        for faction in self._living():
            faction.pledge()
            faction.await_answer()

    def _end_month(self) -> None:
        w = self.world
        self.take_stock()
        self.clash()
        self.nourish()
        for faction in self._living():
            faction.suffer()
            faction.sustain()
            faction.move()
        self.move_poles()
        self.reorganise()
        self.take_stock()
        self.observe()
        check(w.F, w.P, w.G, w.C)
        self._muster()

    def _living(self) -> Iterator[Faction]:
        fates = self.world.I[:, s.I_FATE]
        for faction in self._line:
            if fates[faction.row] == s.FATE_ACTIVE:
                yield faction

    def _muster(self) -> None:
        """Have exactly the factions in being among ``model.agents``, numbered after the patrons."""
        fates = self.world.I[:, s.I_FATE].tolist()
        first = len(self.patrons) + 1
        for faction in self._line:
            if fates[faction.row] != s.FATE_ACTIVE:
                strike_off(self, faction)
            elif faction.unique_id != first + faction.row or faction not in self.agents:
                enlist(self, faction, first + faction.row)
