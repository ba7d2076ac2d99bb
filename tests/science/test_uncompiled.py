"""The rules as plain Python: the same record as compiled, and lines that coverage can see.

Compiled code is invisible to a measurement of coverage, so this is where the lines of the rules are counted.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from everything import VARIANTS, everything
from worlds import run

from sim import state as s
from sim.outcomes import SUMMARY
from sim.scenario.compile import Compiled, compile_scenario

TESTS = Path(__file__).resolve().parents[1]
SEED = 20
PLAIN = """
import pickle, sys
from records import assert_same
from sim.engine.batch import run_batch
from sim.engine.world import run_engine
from sim.rules.appraisal import appraise
assert not hasattr(appraise, "py_func"), "compilation is on"
for config, expected in pickle.loads(open(sys.argv[1], "rb").read()):
    assert_same(expected, run_engine(config.arrays, config.months, expected.seed))
    summary, _ = run_batch(config.arrays, config.months, [expected.seed])
    assert summary[0].tobytes() == expected.summary.tobytes()
"""


def configured(variant: str) -> Compiled:
    return compile_scenario(everything(variant), spare_rows=60)


def test_every_variant_lets_much_happen() -> None:
    """What the comparison below is worth: offers answered, splits, mergers, fronts destroyed, peace made."""
    happened = {column.name: 0.0 for column in SUMMARY}
    fates: set[int] = set()
    oaths: set[int] = set()
    for variant in VARIANTS:
        config = configured(variant)
        assert config.months == 24
        history = run(config, SEED)
        for column, value in zip(SUMMARY, history.summary, strict=True):
            happened[column.name] += value
        fates |= set(history.arrays["I"][-1, : int(history.arrays["C"][-1, s.C_ROWS]), s.I_FATE].tolist())
        oaths |= set(history.arrays["I"][:, : len(config.factions), s.I_OATH].ravel().tolist())
        assert len(history.decisions.keys) > 20
    for name in (
        "splits",
        "mergers",
        "crushed",
        "switches",
        "accepted_ever",
        "third_pole_ever",
        "rival_deaths",
    ):
        assert happened[name] > 0, name
    assert fates >= {s.FATE_ACTIVE, s.FATE_MERGED, s.FATE_RECONCILED, s.FATE_DISSOLVED}
    assert oaths >= {s.OATH_OFFERED, s.OATH_SWORN, s.OATH_DECLARED}


@pytest.mark.slow
def test_plain_python_gives_the_record_of_compiled_code(tmp_path: Path) -> None:
    runs = [(config, run(config, SEED)) for config in map(configured, VARIANTS)]
    place = tmp_path / "expected"
    place.write_bytes(pickle.dumps(runs))
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PLAIN, str(place)], capture_output=True, text=True,
        check=False, cwd=TESTS, env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, timeout=300,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
