"""A run as a Mesa model, over the matrices and rules of the compiled engine."""

from __future__ import annotations

import copy
import operator
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sim import state as s
from sim.agents.collecting import collector
from sim.agents.compat import enlist
from sim.agents.faction import Faction
from sim.agents.month import Months
from sim.agents.patron import Patron, Region
from sim.agents.recording import Recorder
from sim.agents.sources import is_own, source_of
from sim.agents.waiting import announce
from sim.engine.world import SHARED, History, World
from sim.errors import UsageError
from sim.outcomes import follow, measure
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.load import load_scenario, resolve_faction
from sim.scenario.quantities import month_index, month_text
from sim.scenario.schema import Scenario
from sim.scenario.wording import nearest, one_line
from sim.state import FloatArray

__all__ = ["AllegianceModel", "Rule"]

Rule = Callable[[Faction, tuple[str, ...], FloatArray, float], int]
"""A decision rule: (faction, options, utilities, draw) to the position of an option."""


class AllegianceModel(Months):
    """A run of a scenario by Mesa agents.

    One call of :meth:`step` is one month. The rules are those of the compiled engine, called in the same
    order, so that with no class or rule of one's own the record is the engine's, bit for bit.

    Parameters
    ----------
    config
        A scenario, checked or compiled, the path of a file, or the name of a bundled one.
    seed
        Run seed, 0 to 2**64 - 1. Draws are addressed by it and do not come from Mesa's generators.
    agents
        Classes of one's own for factions or patrons, by id: ``{"imu": Hawk}``. Splinters inherit the class.
    rule
        A decision rule of one's own for all factions: ``rule(faction, options, utilities, draw)`` gives the
        position of an option.
    record
        Keep the full record of every month for :attr:`history`.

    Examples
    --------
    >>> model = AllegianceModel("baseline", seed=1)
    >>> model.step()
    >>> model.date
    '2013-01'
    >>> model.faction("imu").theatre
    'north_waziristan'
    """

    def __init__(
        self,
        config: Scenario | Compiled | str | Path = "baseline",
        seed: int = 1,
        agents: Mapping[str, type[Faction] | type[Patron]] | None = None,
        rule: Rule | None = None,
        record: bool = True,
    ) -> None:
        self.seed = _seed(seed)
        super().__init__(rng=self.seed)
        self.config = _compiled(config)
        self.rule = rule
        self.world = World(self.config.arrays, self.seed)
        self.recorder = Recorder(self.world, record)
        self.datacollector = collector()
        kinds = _kinds(self.config, agents or {})
        self.patrons = tuple(kinds.get(name, Patron)(self, k) for k, name in enumerate(self.config.patrons))
        self.names = self.config.factions
        self._line = [kinds.get(name, Faction)(self, i) for i, name in enumerate(self.names)]
        for k, patron in enumerate(self.patrons):
            enlist(self, patron, k + 1)
        self._muster()

    @property
    def factions(self) -> list[Faction]:
        """Factions in being, in the order of their rows."""
        return list(self._living())

    @property
    def all_factions(self) -> tuple[Faction, ...]:
        """Factions by row: also those not yet in being, and those that are no more."""
        return tuple(self._line)

    def faction(self, name: str) -> Faction:
        """A faction by id, code, name or alias, in being or not; the first splinter of imu is ``imu_s1``."""
        if name not in self.names:
            name = resolve_faction(self.config.scenario, name)
        return self._line[self.names.index(name)]

    def patron(self, name: str) -> Patron:
        """A patron by id."""
        return self.patrons[_position("patron", name, self.config.patrons)]

    def region(self, name: str) -> Region:
        """A region by id."""
        return Region(self, _position("region", name, self.config.regions))

    @property
    def months_done(self) -> int:
        """Months simulated so far."""
        return self.recorder.done

    @property
    def date(self) -> str | None:
        """The last month simulated, or the one being simulated, as ``2015-08``; None before the first."""
        return month_text(self.config.start + int(self.world.C[s.C_MONTH])) if self.steps else None

    @property
    def measured(self) -> FloatArray:
        """Outcomes of the last month, in the order of :data:`sim.outcomes.MONTHLY`."""
        return self.recorder.measured

    @property
    def overridden(self) -> tuple[str, ...]:
        """Factions and patrons with a class of one's own, and ``rule`` if there is a rule of one's own."""
        return tuple(self.decision_sources())

    def decision_sources(self) -> dict[str, str]:
        """SHA-256 of the source of every class and rule of one's own, by faction, patron or ``rule``."""
        everybody: tuple[Faction | Patron, ...] = (*self.patrons, *self._line)
        kinds = {agent.name: type(agent) for agent in everybody if is_own(type(agent))}
        hashes = {kind: source_of(kind) for kind in set(kinds.values())}
        found = {name: hashes[kind] for name, kind in kinds.items()}
        return found if self.rule is None else {**found, "rule": source_of(self.rule)}

    def step(self) -> None:
        """Simulate one month; after the end of the period nothing more happens.

        Raises
        ------
        RunError
            If the run left what the model allows.
        """
        w = self.world
        if self.months_done >= self.config.months or w.C[s.C_STATUS] != s.STATUS_GOOD:
            self.running = False
            return
        if not self.months_done:
            announce()
        for stage in self.config.stages:
            if stage.month == self.months_done:
                w.enter(stage.compiled.arrays, stage.jumps)
        w.C[s.C_MONTH] = self.months_done
        self._begin_month()
        self._decide()
        self._carry_out()
        self._end_month()
        follow(w.P, w.C, self.recorder.summary)
        measure(w.F, w.I, w.X, w.P, w.W, w.G, w.H, w.C, self.recorder.measured)
        self.recorder.keep_month(w)
        self.datacollector.collect(self)
        self.running = self.months_done < self.config.months and bool(w.C[s.C_STATUS] == s.STATUS_GOOD)
        w.status()

    def run(self, until: str | int | None = None) -> History:
        """Step on to the end of the period, or to the end of an earlier month.

        Parameters
        ----------
        until
            Last month to simulate, ``2016-06``, or how many months to have simulated in all.

        Returns
        -------
        History
            The record so far, as :func:`sim.engine.world.run_engine` gives it.

        Raises
        ------
        RunError
            If the run left what the model allows.
        UsageError
            If ``until`` is not a month of the period.
        """
        last = self._month_count(until)
        while self.running and self.months_done < last:
            self.step()
        return self.history

    @property
    def history(self) -> History:
        """The record of the months so far; without ``record``, outcomes and summary only."""
        return self.recorder.history(self.world, self.seed)

    def _month_count(self, until: str | int | None) -> int:
        if until is None:
            return self.config.months
        least = 1 if isinstance(until, str) else 0
        try:
            count = month_index(until) - self.config.start + 1 if isinstance(until, str) else int(until)
        except ValueError as error:
            raise UsageError(str(error)) from None
        if not least <= count <= self.config.months:
            first, last = self.config.start, self.config.start + self.config.months - 1
            raise UsageError(f"until must lie from {month_text(first)} to {month_text(last)}, not {until}")
        return count

    def __deepcopy__(self, memo: dict[int, Any]) -> AllegianceModel:
        """A copy that goes its own way; the compiled scenario, which no run writes to, is shared."""
        twin = type(self).__new__(type(self))
        memo[id(self)] = twin
        memo[id(self.config)] = self.config
        for name in SHARED:
            array = getattr(self.world, name)
            memo[id(array)] = array
        for name, value in vars(self).items():
            twin.__dict__[name] = copy.deepcopy(value, memo)
        return twin


def _seed(seed: Any) -> int:
    whole = hasattr(seed, "__index__") and not isinstance(seed, bool)
    if not whole or not 0 <= operator.index(seed) < 2**64:
        raise UsageError(f"a seed is a whole number from 0 to 2**64 - 1, not {one_line(repr(seed), 60)}")
    return operator.index(seed)


def _compiled(config: Scenario | Compiled | str | Path) -> Compiled:
    if isinstance(config, Compiled):
        return config
    return compile_scenario(config if isinstance(config, Scenario) else load_scenario(config))


def _position(what: str, name: str, names: tuple[str, ...]) -> int:
    if name not in names:
        raise UsageError(f"unknown {what} '{one_line(name, 60)}'{nearest(name, names)}")
    return names.index(name)


def _kinds(config: Compiled, agents: Mapping[str, type[Any]]) -> dict[str, type[Any]]:
    """Classes by id of faction or patron."""
    kinds: dict[str, type[Any]] = {}
    for name, kind in agents.items():
        is_patron = name in config.patrons
        wanted = Patron if is_patron else Faction
        if not (isinstance(kind, type) and issubclass(kind, wanted)):
            raise UsageError(f"agents: '{name}' needs a class derived from {wanted.__name__}, not {kind!r}")
        kinds[name if is_patron else resolve_faction(config.scenario, name)] = kind
    return kinds
