"""Runs are the same wherever they are made; ``make matrix`` does more of it, in environments that it makes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matrix_surroundings import CHOICES, ROOT, Found, Surroundings, lowest_pins, make_runs, near_here, unlike

pytestmark = pytest.mark.slow
OLDEST = ROOT / ".venv-oldest" / "bin" / "python"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Found:
    return make_runs(Surroundings("here"), tmp_path_factory.mktemp("here"), runs=64)


def called(name: str) -> Surroundings:
    found = [where for where in near_here() if where.name == name]
    if not found:
        pytest.skip("only the C library of Linux on x86-64 can be told to do without an instruction")
    return found[0]


def assert_drivers_agree(there: Found, records: int) -> None:
    assert len(there.digests) == records
    for name, pair in there.digests.items():
        assert pair["engine"] == pair["mesa"], name


def test_plain_python_gives_the_records_of_compiled_code(here: Found, tmp_path: Path) -> None:
    there = make_runs(called("plain Python"), tmp_path)
    assert here.environment["compiled"]
    assert not there.environment["compiled"]
    assert_drivers_agree(there, 9)
    assert unlike(here, there) == []
    assert len(there.arrays["eight factions, 12 months|decision keys"]) > 10


@pytest.mark.skipif(
    not OLDEST.exists(), reason="made by `bash .ci/run` only, or by hand: make venv VENV=.venv-oldest"
)
def test_the_oldest_python_and_mesa_give_the_same_records(here: Found, tmp_path: Path) -> None:
    there = make_runs(Surroundings("oldest", str(OLDEST)), tmp_path, runs=64)
    assert there.environment["python"].startswith("3.11.")
    assert there.environment["mesa"] == "3.3.1"
    assert_drivers_agree(there, 12)
    assert unlike(here, there) == []


def test_another_rounding_of_exp_and_log_stays_in_the_last_bits(here: Found, tmp_path: Path) -> None:
    """What the documents promise of other processors: the same choices, numbers within 1e-9."""
    there = make_runs(called("C library without fused multiply-add"), tmp_path, runs=64)
    assert_drivers_agree(there, 12)
    for one in unlike(here, there):
        assert one.part.rpartition("|")[2] not in CHOICES, one
        assert one.largest < 1e-9, one


def test_what_is_not_the_same_is_told() -> None:
    one = {"a|I": np.arange(4), "a|F": np.array([1.0, 2e6, 3.0])}
    other = {"a|I": np.arange(4), "a|F": np.array([1.0, 2e6 + 2.0, 3.0])}
    (told,) = unlike(Found({}, {}, one), Found({}, {}, other))
    assert (told.part, told.numbers, told.of, told.largest) == ("a|F", 1, 3, 1e-6)
    longer = {"a|I": np.arange(5), "a|F": one["a|F"]}
    assert [told.part for told in unlike(Found({}, {}, one), Found({}, {}, longer))] == ["a|I"]


def test_every_dependency_has_a_lowest_version() -> None:
    pins = lowest_pins()
    assert "mesa[network]==3.3.1" in pins
    assert all(pin.count("==") == 1 and not set(pin) & set("<>,") for pin in pins)
