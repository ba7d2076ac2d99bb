"""One run: from a scenario to its record, by either driver."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from sim.errors import Problem, UsageError
from sim.scenario.load import Loaded, resolve_faction
from sim.scenario.quantities import month_index
from sim.scenario.schema import Scenario
from sim.scenario.wording import one_line

if TYPE_CHECKING:
    from sim.engine.world import History
    from sim.results.run import Run
    from sim.scenario.compile import Compiled

__all__ = ["DRIVERS", "Driver", "check_seed", "make_run", "months_until", "seed_of_text"]

Driver = Literal["engine", "mesa"]
DRIVERS: tuple[Driver, ...] = ("engine", "mesa")
LARGEST_SEED = 2**64 - 1
MOST_MONTHS = 1200
"""As many as the period of a scenario may have."""


def check_seed(seed: Any) -> int:
    """A seed as a plain int.

    Raises
    ------
    UsageError
        If it is no whole number from 0 to 2**64 - 1.
    """
    whole = hasattr(seed, "__index__") and not isinstance(seed, bool)
    if not whole or not 0 <= int(seed) <= LARGEST_SEED:
        raise UsageError(
            f"a seed is a whole number from 0 to {LARGEST_SEED} (2**64 - 1), not {one_line(repr(seed), 60)}"
        )
    return int(seed)


def seed_of_text(text: str) -> int:
    """A seed as it was typed.

    Raises
    ------
    UsageError
        If it is no whole number from 0 to 2**64 - 1.
    """
    # int() also takes signs, underscores and other digits than 0 to 9.
    return check_seed(int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else text)


def months_until(scenario: Scenario, until: str) -> int:
    """Months from the first month of a scenario to another, both included.

    The run ends sooner, or goes on after the last event; the scenario stays as it is.

    Raises
    ------
    UsageError
        If ``until`` is no month, comes before the first month or more than a century after it.
    """
    try:
        months = month_index(until) - month_index(scenario.period.start) + 1
    except ValueError as error:
        raise UsageError(Problem(str(error), "until")) from None
    if months < 1:
        raise UsageError(Problem(f"{until} is before the first month, {scenario.period.start}", "until"))
    if months > MOST_MONTHS:
        raise UsageError(Problem(f"{until} is more than {MOST_MONTHS} months after the first month", "until"))
    return months


def make_run(
    source: Loaded | Scenario,
    seed: int = 1,
    driver: Driver = "engine",
    until: str | None = None,
    agents: Mapping[str, type[Any]] | None = None,
    rule: Callable[..., int] | None = None,
    say: Callable[[str], object] | None = None,
) -> Run:
    """Run a scenario once, with its full record.

    Parameters
    ----------
    source
        A checked scenario, with or without its provenance.
    seed
        0 to 2**64 - 1.
    driver
        ``engine`` or ``mesa``; the records are equal.
    until
        Last month, ``YYYY-MM``, instead of the scenario's.
    agents
        Own classes of factions or patrons, by id (Mesa driver only).
    rule
        Own decision rule of all factions (Mesa driver only).
    say
        Told what takes long; by default standard error.

    Raises
    ------
    UsageError
        If seed, driver, last month or agents do not hold.
    RunError
        If the run left what the model allows.
    """
    from sim.results.run import Run
    from sim.scenario.compile import compile_scenario

    scenario = source.scenario if isinstance(source, Loaded) else source
    seed = check_seed(seed)
    if driver not in DRIVERS:
        raise UsageError(f"there is no driver '{one_line(str(driver), 60)}'; there are: {', '.join(DRIVERS)}")
    if (agents or rule) and driver != "mesa":
        raise UsageError("own classes and rules need driver='mesa': the engine runs compiled rules only")
    compiled = compile_scenario(scenario)
    if until is not None:
        compiled = replace(compiled, months=months_until(scenario, str(until)))
    own = {_whose(scenario, name): kind for name, kind in (agents or {}).items()}
    if driver == "mesa":
        from sim.agents.waiting import announce

        announce(say or _say)
    elif not engine_is_compiled():
        (say or _say)("compiling the engine, once (about a minute)")
    history = _by_mesa(compiled, seed, own, rule) if driver == "mesa" else _by_engine(compiled, seed)
    return Run.of_history(source, compiled, history, driver, {**own, **({"rule": rule} if rule else {})})


def _whose(scenario: Scenario, name: str) -> str:
    return name if name in scenario.patrons else resolve_faction(scenario, name)


def _by_engine(compiled: Compiled, seed: int) -> History:
    from sim.engine.world import run_engine

    return run_engine(compiled.arrays, compiled.months, seed, compiled.stages)


def _by_mesa(
    compiled: Compiled, seed: int, agents: Mapping[str, type[Any]], rule: Callable[..., int] | None
) -> History:
    from sim.agents.model import AllegianceModel

    return AllegianceModel(compiled, seed=seed, agents=agents or None, rule=rule).run()


def engine_is_compiled() -> bool:
    """Whether compiled code of these sources is in the cache for this Python."""
    from sim.jit import cache_folder

    tag = f"py{sys.version_info.major}{sys.version_info.minor}"
    return any(cache_folder().rglob(f"kernel.run_*-*.{tag}*.nbi"))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
