"""A run that leaves what the model allows stops and says so; it never goes on with broken numbers."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import compiled, run, with_number

from sim import state as s
from sim.engine.batch import run_batch
from sim.engine.world import run_engine
from sim.errors import RunError
from sim.outcomes import O_STATUS
from sim.scenario.compile import compile_scenario

pytestmark = pytest.mark.core


@pytest.mark.parametrize(
    ("array", "index", "value", "status"),
    [
        ("F", (0, s.F_FIGHTERS), np.nan, s.STATUS_NOT_FINITE),
        ("P", (0, s.P_CONSISTENCY_START), np.inf, s.STATUS_NOT_FINITE),
        ("P", (0, s.P_CAPTURED), -1.0, s.STATUS_NEGATIVE),
    ],
)
def test_a_broken_number_stops_a_run(array: str, index: tuple[int, ...], value: float, status: int) -> None:
    config = compiled("baseline")
    arrays = dict(config.arrays)
    arrays[array] = config.arrays[array].copy()
    arrays[array][index] = value
    with pytest.raises(RunError, match=f"month 0 .*{s.STATUSES[status]}"):
        run_engine(arrays, config.months, 1)
    summary, _ = run_batch(arrays, config.months, range(2))
    assert (summary[:, O_STATUS] == status).all()


def test_a_run_without_room_for_a_splinter_says_so() -> None:
    config = compile_scenario(compiled("baseline").scenario, spare_rows=1)
    arrays = with_number(config, "weights.split_hazard", 0.05)
    with pytest.raises(RunError, match="no row left for a splinter"):
        run_engine(arrays, config.months, 1)


def test_the_baseline_never_stops() -> None:
    config = compiled("baseline")
    summary, _ = run_batch(config.arrays, config.months, range(300))
    assert (summary[:, O_STATUS] == s.STATUS_GOOD).all()
    assert np.isfinite(summary).all()
    assert np.isfinite(run(config, 1).outcomes).all()
