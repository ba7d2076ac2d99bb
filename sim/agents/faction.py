"""A faction as a Mesa agent: one row of the run, and the rules of its month as methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from sim import state as s
from sim.agents.columns import ByPatron, add_columns
from sim.rules import awareness, choice, clash, movement, news, oaths, succession, sustain
from sim.rules.appraisal import UNAVAILABLE
from sim.rules.appraisal import appraise as appraise_row
from sim.state import FloatArray

if TYPE_CHECKING:
    from sim.agents.model import AllegianceModel

__all__ = ["Faction"]


class Faction(mesa.Agent):  # type: ignore[misc]
    """An organisation that chooses its allegiance.

    Every column of :data:`sim.state.FACTION` and :data:`sim.state.FACTION_CODES` is an attribute
    (``fighters``, ``war_chest``, ``allegiance``, ``theatre``, ``first_oath``, ...), and every column of
    :data:`sim.state.FACTION_PATRON` one by patron (``embeddedness["iskp"]``). Codes read as words, months as
    ``2015-08``; what never was is None. Attributes can be written to.

    Override :meth:`choose` to give a faction a mind of its own, or any other phase of the month; splinters
    inherit the class of the faction they leave.

    Parameters
    ----------
    model
        The model.
    row
        Row of the faction in the matrices of the run.

    Examples
    --------
    >>> import numpy as np
    >>> class Hawk(Faction):
    ...     def choose(self, options, utilities, draw):
    ...         return int(np.argmax(utilities))

    >>> from sim.agents import AllegianceModel
    >>> model = AllegianceModel("baseline", seed=1, agents={"imu": Hawk})
    >>> history = model.run(until="2014-12")
    >>> imu = model.faction("imu")
    >>> type(imu).__name__, imu.allegiance, imu.oath, imu.theatre
    ('Hawk', 'iskp', 'offered', 'kandahar_zabul')
    """

    model: AllegianceModel

    def __init__(self, model: AllegianceModel, row: int) -> None:
        self.row = row
        super().__init__(model)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    @property
    def name(self) -> str:
        """Id in the scenario; a splinter has its parent's and its birth ordinal, ``imu/1``."""
        return self.model.names[self.row]

    @property
    def active(self) -> bool:
        """Whether it is in being."""
        return bool(self.model.world.I[self.row, s.I_FATE] == s.FATE_ACTIVE)

    @property
    def woken_by(self) -> tuple[str, ...]:
        """Why it is awake this month, in words; empty when asleep."""
        bits = int(self.model.world.I[self.row, s.I_WAKE])
        return tuple(text for bit, text in s.WAKES.items() if bits & bit)

    @property
    def ties(self) -> dict[str, float]:
        """Weights of its ties by faction; a splinter has those of the line it comes from."""
        world, names = self.model.world, self.model.names
        root = int(world.I[self.row, s.I_TIES])
        first, last = int(world.TP[root]), int(world.TP[root + 1])
        return {names[int(world.TI[e])]: float(world.TW[e]) for e in range(first, last)}

    def notice(self) -> None:
        """Phase 1: come into being, lose a leader by chance, wake for no reason."""
        w = self.model.world
        news.notice(w.F, w.I, w.P, w.G, w.C, w.A, self.row)

    def grieve(self) -> None:
        """Phase 2: grievances and bonds."""
        w = self.model.world
        succession.grieve(w.F, w.I, w.X, w.P, w.C, w.A, self.row)

    def wake(self) -> bool:
        """Phase 4: whether it thinks again this month."""
        w = self.model.world
        return bool(awareness.wake(w.F, w.I, w.P, w.C, w.A, w.TP, w.TI, w.TW, self.row) != 0)

    def appraise(self) -> tuple[tuple[str, ...], FloatArray]:
        """Phase 5: what each option is worth.

        Returns
        -------
        options
            Names of all options, in order.
        utilities
            Shape (options,), log-odds; minus infinity where an option does not exist this month.
        """
        w, i = self.model.world, self.row
        appraise_row(
            w.F, w.I, w.X, w.P, w.W, w.G, w.H, w.C, w.A, w.TP, w.TI, w.TW, w.CEN, w.T, w.V, i
        )  # fmt: skip
        choice.reweigh(w.F, w.I, w.P, w.C, w.A, w.TP, w.TI, w.TW, w.V, i)
        return self.model.config.options, np.where(w.V > 0.5 * UNAVAILABLE, w.V, -np.inf)

    def choose(self, options: tuple[str, ...], utilities: FloatArray, draw: float) -> int:
        """Phase 6: choose an option, by the model's ``rule`` if it has one, else by the scenario's.

        Parameters
        ----------
        options
            Names of all options, in order.
        utilities
            As :meth:`appraise` gives them.
        draw
            The uniform number in (0, 1) that decides.

        Returns
        -------
        int
            Position of the option chosen.
        """
        if self.model.rule is not None:
            return self.model.rule(self, options, utilities, draw)
        w = self.model.world
        values = np.where(np.isneginf(utilities), UNAVAILABLE, np.asarray(utilities, dtype=np.float64))
        held = int(w.I[self.row, s.I_ALLEGIANCE])
        return int(choice.choose(w.A, values, w.Q, held, draw))

    def pledge(self) -> None:
        """Phase 7: carry out the choice."""
        w = self.model.world
        oaths.pledge(w.F, w.I, w.P, w.C, w.A, self.row)

    def await_answer(self) -> None:
        """Phase 7: have an open offer answered when due, or ask again."""
        w = self.model.world
        oaths.await_answer(w.F, w.I, w.P, w.G, w.H, w.C, w.A, self.row)

    def suffer(self) -> None:
        """Phase 8: what fighting does to it."""
        w = self.model.world
        clash.suffer(w.F, w.I, w.P, w.H, w.C, w.A, self.row)

    def sustain(self) -> None:
        """Phase 9: recruits, funds, desertion, what heals and what wears off."""
        w = self.model.world
        sustain.sustain(w.F, w.I, w.P, w.G, w.H, w.C, w.A, self.row)

    def move(self) -> None:
        """Phase 10: relocate, and drift from home."""
        w = self.model.world
        movement.move(w.F, w.I, w.P, w.G, w.H, w.C, w.A, w.NP, w.NI, w.D, self.row)

    def __repr__(self) -> str:
        state = f"{self.fighters:.0f} fighters, {self.allegiance}, {self.fate}"
        return f"<{type(self).__name__} {self.name}: {state}>"


add_columns(Faction, "F", s.FACTION)
add_columns(Faction, "I", s.FACTION_CODES)
add_columns(Faction, "X", s.FACTION_PATRON, ByPatron)
