"""Everything that ``bayah doctor`` looks at, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import gettempdir

from sim.api.health.check import Check
from sim.api.health.versions import dependency_checks, extra_checks, program_checks

__all__ = ["examine"]

NEEDED = ("llvmlite", "mesa", "numba", "numpy", "platformdirs", "pydantic", "pyyaml")
"""Without these nothing can be said of the cache and no run made."""


def examine(run: bool = True, announce: Callable[[str], None] = lambda line: None) -> Iterator[Check]:
    """Look at each thing in turn; what cannot be looked at because of something before it is left out.

    Parameters
    ----------
    run
        Also make the run by both drivers.
    announce
        Called with a line before something that takes long.
    """
    yield from program_checks()
    able = True
    for check in dependency_checks():
        able &= check.good or check.name.lower() not in NEEDED
        yield check
    yield from extra_checks()
    if not able:
        reason = "no run can be made before the dependencies are in order"
        yield Check("self-test", "run", reason, values={"made": False})
        return
    yield from _after_imports(run, announce)


def _after_imports(run: bool, announce: Callable[[str], None]) -> Iterator[Check]:
    from sim.api.health.cache import cache_checks, look_at
    from sim.api.health.machine import machine_checks
    from sim.api.health.self_test import self_test_check

    cache = look_at()
    yield from cache_checks(cache)
    yield from machine_checks(cache.folder if not cache.refusal else Path(gettempdir()))
    if run:
        if cache.refusal or not cache.compiled:
            announce("the self-test compiles the rules first, which takes a minute or two ...")
        yield self_test_check(writable=not cache.refusal)
