"""Does each statement show in the record of whole runs? Paired runs that differ in one switch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim import state as s
from sim.engine.batch import run_batch
from sim.mechanisms import MECHANISMS, Mechanism
from sim.outcomes import MONTHLY
from sim.results.manifest import focus_of
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.load import Loaded, with_overrides
from sim.scenario.quantities import month_index
from sim.state import FloatArray

__all__ = ["SEEDS", "StatementResult", "check_statement", "check_statements"]

SEEDS = 64
"""Paired runs for each statement."""


@dataclass(frozen=True)
class StatementResult:
    """What switching one statement does to the record of paired runs."""

    mechanism: Mechanism
    changed: float
    """Share of runs whose monthly outcomes differ anywhere."""
    on: float
    """Mean of the readout over window and runs, with the statement."""
    off: float
    """The same without it."""
    error: float
    """Standard error of the paired difference."""

    @property
    def difference(self) -> float:
        """Readout with the statement less without."""
        return self.on - self.off

    @property
    def inert(self) -> bool:
        """Whether no run changed."""
        return self.changed == 0.0

    @property
    def shown(self) -> bool:
        """Whether the readout moves as stated, by more than two standard errors of the paired difference."""
        return self.difference * self.mechanism.direction > 2.0 * self.error and not self.inert


def _switched(compiled: Compiled, entry: Mechanism, on: bool) -> dict[str, Any]:
    arrays = dict(compiled.arrays)
    arrays["A"] = compiled.arrays["A"].copy()
    arrays["A"][s.A_SWITCH + int(entry.id[1:]) - 1] = float(on)
    return arrays


def _readout(outcomes: FloatArray, entry: Mechanism, compiled: Compiled) -> FloatArray:
    names = [column.name for column in MONTHLY]
    first, last = (month_index(text) - compiled.start for text in entry.window)
    if last < 0 or first >= compiled.months:
        first, last = 0, compiled.months - 1
    months = slice(max(0, first), min(compiled.months, last + 1))
    values: FloatArray = outcomes[:, months, names.index(entry.readout)].mean(axis=1)
    return values


def check_statement(
    entry: Mechanism, compiled: Compiled, seeds: range = range(SEEDS), default: FloatArray | None = None
) -> StatementResult:
    """Run a statement on and off with the same seeds and compare.

    Parameters
    ----------
    entry
        The statement.
    compiled
        The scenario to run; the statement's ``setting`` must be applied already.
    seeds
        Seeds of the paired runs.
    default
        Monthly outcomes of the scenario as it is, shape (runs, months, outcomes), to save running that arm again.
    """
    arms = []
    for on in (True, False):
        if default is not None and on == entry.default:
            arms.append(default)
        else:
            arms.append(run_batch(_switched(compiled, entry, on), compiled.months, seeds, monthly=True)[1])
    changed = float(np.mean(np.any(arms[0] != arms[1], axis=(1, 2))))
    with_it, without = (_readout(arm, entry, compiled) for arm in arms)
    error = float(np.std(with_it - without, ddof=1) / np.sqrt(len(seeds)))
    return StatementResult(entry, changed, float(with_it.mean()), float(without.mean()), error)


def check_statements(
    loaded: Loaded, entries: Iterable[Mechanism] = MECHANISMS, seeds: range = range(SEEDS)
) -> Iterator[StatementResult]:
    """Check statements one after the other; each is yielded as soon as it is known."""
    base = compile_scenario(loaded.scenario)
    default = run_batch(base.arrays, base.months, seeds, monthly=True)[1]
    patrons = loaded.scenario.patrons
    incumbents = [name for name, patron in patrons.items() if patron.incumbent] or list(patrons)
    names = {"focus": focus_of(loaded.scenario), "incumbent": incumbents[0]}
    for entry in entries:
        if entry.setting:
            changed = [f"{path.format(**names)}={value}" for path, value in entry.setting.items()]
            yield check_statement(entry, compile_scenario(with_overrides(loaded, changed).scenario), seeds)
        else:
            yield check_statement(entry, base, seeds, default)
