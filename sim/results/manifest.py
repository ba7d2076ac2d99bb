"""What the folder of a run says of itself: everything that is needed to make the run again, and nothing else.

No date, no machine: two runs of the same scenario and seed write the same bytes.
"""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.scenario.load import Loaded
from sim.scenario.quantities import month_index, month_text
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    from sim.scenario.compile import Compiled

__all__ = ["describe_run", "scenario_hash"]


def scenario_hash(scenario: Scenario) -> str:
    """A hash of everything that a scenario says, defaults included; not of how its files are laid out."""
    return hashlib.sha256(scenario.model_dump_json(exclude_none=True).encode()).hexdigest()


def describe_run(
    source: Loaded | Scenario,
    compiled: Compiled,
    summary: Mapping[str, float],
    seed: int,
    driver: str,
    own: Mapping[str, Any],
) -> dict[str, Any]:
    """The manifest of a run, but for what only the writing of its folder can tell."""
    from sim.jit import source_hash

    scenario = compiled.scenario
    loaded = source if isinstance(source, Loaded) else None
    period = scenario.period
    last, past = compiled.start + compiled.months - 1, month_index(period.last_validated) + 1
    return {
        "scenario": {
            "name": loaded.name if loaded else "scenario",
            "title": scenario.meta.title,
            "question": scenario.meta.question,
            "hash": scenario_hash(scenario),
            "files": dict(loaded.files) if loaded else {},
            "overrides": list(loaded.overrides) if loaded else [],
        },
        "seed": seed,
        "driver": driver,
        "own": {name: _code_name(code) for name, code in own.items()},
        "period": {
            "start": period.start,
            "end": month_text(last),
            "validated_until": period.validated_until,
            "unvalidated_from": month_text(max(past, compiled.start)) if last >= past else None,
        },
        "patrons": list(compiled.patrons),
        "focus": focus_of(scenario),
        "options": list(compiled.options),
        "summary": dict(summary),
        "code": source_hash(),
        "packages": _packages(driver),
    }


def _code_name(code: Any) -> str:
    """Where a class or function is from; a callable object by its class."""
    named = code if hasattr(code, "__qualname__") else type(code)
    return f"{named.__module__}.{named.__qualname__}"


def focus_of(scenario: Scenario) -> str:
    """The patron whose rise is asked about."""
    return scenario.report.focus or scenario.observation.patron or list(scenario.patrons)[-1]


def _packages(driver: str) -> dict[str, str]:
    from importlib.metadata import version

    names = ["bayah", "numpy", "numba", "pyarrow", *(["mesa"] if driver == "mesa" else [])]
    return {"python": platform.python_version(), **{name: _version(name, version) for name in names}}


def _version(name: str, look_up: Any) -> str:
    module = sys.modules.get(name)
    found = getattr(module, "__version__", None)
    return str(found if found is not None else look_up(name))
