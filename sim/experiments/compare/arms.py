"""The arms of a comparison, and what of them can be set side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim import state as s
from sim.engine.world import MUTABLE, SHARED
from sim.errors import UsageError
from sim.results.making import months_until
from sim.results.manifest import focus_of
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.load import Loaded
from sim.scenario.quantities import month_text
from sim.scenario.wording import listed
from sim.state import IntArray

__all__ = ["GONE", "NOT_YET", "Arm", "Match", "cut_together", "first_difference", "make_arm", "match"]

NOT_YET = "not yet"
GONE = "gone"


@dataclass(frozen=True, eq=False)
class Arm:
    """A scenario of a comparison, ready to run."""

    name: str
    loaded: Loaded
    compiled: Compiled
    months: int
    """Months that it has by itself; :attr:`compiled` can be cut to those that all arms have."""


@dataclass(frozen=True, eq=False)
class Match:
    """What two arms have in common."""

    start: int
    """First month compared, as an index."""
    months: int
    """Months compared."""
    offsets: tuple[int, int]
    """Months of each arm before the first one compared."""
    factions: tuple[str, ...]
    """Factions that both have at the start."""
    rows: tuple[IntArray, IntArray]
    """Their rows in each arm."""
    sides: tuple[str, ...]
    """Where a faction can stand: the options, ``not yet``, ``gone``."""
    levers_from: int | None
    """Month of the run in which the levers differ first; None where they never do."""
    reasons: bool
    """Whether decisions can be set side by side: the same patrons, the same first month."""
    notes: tuple[str, ...]
    """What differs besides the levers, and what is compared anyway."""

    @property
    def months_text(self) -> list[str]:
        """The months compared."""
        return [month_text(self.start + month) for month in range(self.months)]


def make_arm(loaded: Loaded, name: str, until: str | None) -> Arm:
    """A scenario compiled, cut to a last month."""
    compiled = compile_scenario(loaded.scenario)
    if until is not None:
        compiled = replace(compiled, months=months_until(loaded.scenario, until))
    return Arm(name, loaded, compiled, compiled.months)


def cut_together(arms: Sequence[Arm]) -> list[Arm]:
    """The arms cut to the last month that all of them have, so that outcomes of the run speak of the same months."""
    last = min(arm.compiled.start + arm.months for arm in arms)
    if any(arm.compiled.start >= last for arm in arms):
        return list(arms)
    return [replace(arm, compiled=replace(arm.compiled, months=last - arm.compiled.start)) for arm in arms]


def match(base: Arm, other: Arm) -> Match:
    """Set two arms side by side.

    Raises
    ------
    UsageError
        If they have no month or no patron in common.
    """
    one, two = base.compiled, other.compiled
    start = max(one.start, two.start)
    months = min(one.start + one.months, two.start + two.months) - start
    if months < 1:
        raise UsageError(f"'{base.name}' and '{other.name}' have no month in common: {_spans(base, other)}")
    if set(one.patrons).isdisjoint(two.patrons):
        told = f"{listed(one.patrons)}; {listed(two.patrons)}"
        raise UsageError(f"'{base.name}' and '{other.name}' have no patron in common: {told}")
    factions = tuple(name for name in one.factions if name in set(two.factions))
    rows = tuple(
        np.array([arm.factions.index(name) for name in factions], dtype=np.int64) for arm in (one, two)
    )
    sides = tuple(dict.fromkeys([*one.options[:-1], *two.options[:-1], "exit", NOT_YET, GONE]))
    comparable = one.patrons == two.patrons and one.start == two.start
    differ = first_difference(one, two) if _same_shape(one, two) else 0
    return Match(
        start, months, (start - one.start, start - two.start), factions, (rows[0], rows[1]), sides, differ, comparable,
        tuple(_notes(base, other, factions)),
    )  # fmt: skip


def _spans(base: Arm, other: Arm) -> str:
    return "; ".join(
        f"{month_text(arm.compiled.start)} to {month_text(arm.compiled.start + arm.months - 1)}"
        for arm in (base, other)
    )


def _notes(base: Arm, other: Arm, common: tuple[str, ...]) -> Iterator[str]:
    one, two = base.compiled, other.compiled
    if (one.start, base.months) != (two.start, other.months):
        yield f"the periods differ ({_spans(base, other)}): the months that both have are compared"
    if one.start != two.start:
        yield "the first months differ, and draws are addressed by month of the run: the arms do not share chance"
        yield "outcomes of the run as a whole would speak of other months in each arm: they are left out"
    if one.patrons != two.patrons:
        only = [
            name for name in (*one.patrons, *two.patrons) if (name in one.patrons) != (name in two.patrons)
        ]
        told = f" ({listed(only)} in one only)" if only else " (their order)"
        yield f"the patrons differ{told}: outcomes and sides are compared, decisions are not"
    if focus_of(base.loaded.scenario) != focus_of(other.loaded.scenario):
        yield "the focus patrons differ: an outcome of the focus patron speaks of another one in each arm"
    for arm, names in ((base, one.factions), (other, two.factions)):
        extra = [name for name in names if name not in common]
        if extra:
            yield f"only '{arm.name}' has {listed(extra)}: they count in its outcomes and are told apart nowhere"


def _same_shape(one: Compiled, two: Compiled) -> bool:
    names = (*MUTABLE, *(name for name in SHARED if name != "E"))
    return one.start == two.start and all(one.arrays[name].shape == two.arrays[name].shape for name in names)


def first_difference(one: Compiled, two: Compiled) -> int | None:
    """The month of the run in which what two scenarios say differs first, None where it never does.

    Until then their runs with the same seed are the same.
    """
    if any(not np.array_equal(one.arrays[name], two.arrays[name]) for name in MUTABLE):
        return 0
    begins = sorted({0, *(stage.month for arm in (one, two) for stage in arm.stages)})
    last = min(one.months, two.months)
    for first, after in zip(begins, [*begins[1:], last], strict=True):
        found = _in_stretch(one, two, first, after)
        if found is not None and found < last:
            return found
    return None


def _in_stretch(one: Compiled, two: Compiled, first: int, after: int) -> int | None:
    arrays = [_at(arm, first) for arm in (one, two)]
    if any(not np.array_equal(arrays[0][name], arrays[1][name]) for name in SHARED if name != "E"):
        return first
    if _jumps(one, first) != _jumps(two, first):
        return first
    happens = [_happenings(each["E"], first, after) for each in arrays]
    differing = [key[0] for key in happens[0].keys() ^ happens[1].keys()]
    differing += [
        key[0] for key in happens[0].keys() & happens[1].keys() if happens[0][key] != happens[1][key]
    ]
    return min(differing, default=None)


def _at(arm: Compiled, month: int) -> dict[str, Any]:
    """What holds in a month."""
    arrays = arm.arrays
    for stage in arm.stages:
        if stage.month <= month:
            arrays = stage.compiled.arrays
    return arrays


def _jumps(arm: Compiled, month: int) -> dict[tuple[str, tuple[int, ...]], float]:
    return {
        (name, place): float(stage.compiled.arrays[name][place])
        for stage in arm.stages
        if stage.month == month
        for name, place in stage.jumps
    }


def _happenings(events: Any, first: int, after: int) -> dict[tuple[int, int, int], bytes]:
    """Rows of a stretch by month, event and place within it, with the weights of their destinations."""
    found: dict[tuple[int, int, int], bytes] = {}
    numbers: dict[int, int] = {}
    for row in events:
        month, code = int(row[s.E_MONTH]), int(row[s.E_CODE])
        if row[s.E_KIND] == s.EVENT_DESTINATION or not first <= month < after:
            continue
        numbers[code] = numbers.get(code, -1) + 1
        own = np.delete(row, [s.E_FIRST, s.E_LAST]).tobytes()
        places = events[int(row[s.E_FIRST]) : int(row[s.E_LAST])] if row[s.E_FIRST] >= 0 else events[:0]
        found[month, code, numbers[code]] = own + places[:, [s.E_REGION, s.E_SIZE]].tobytes()
    return found
