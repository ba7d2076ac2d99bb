"""Whatever comes in at a door, it is taken or refused with a word: no other error, no wait, nothing that moves a cursor."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import doors
from tests.fuzz.mutations import spoil, spoil_csv, spoil_json, spoil_parquet, spoil_text, spoil_yaml

Way = Callable[[Random, bytes], bytes]
TEXT_WAYS: tuple[Way, ...] = (spoil, spoil_text, spoil_yaml, spoil_yaml)
CSV_WAYS: tuple[Way, ...] = (spoil, spoil_text, spoil_csv, spoil_csv)


def few(count: int) -> settings:
    """So many examples; seeds stand still, so that a suite that held holds again."""
    return settings(
        max_examples=count, deadline=None, database=None, derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )  # fmt: skip


def within(seconds: float, work: Callable[[], object]) -> None:
    """The best of three tries takes no longer: processor time grows, too, where others share the core."""
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
        if best < seconds:
            return
    assert best < seconds


chances = st.randoms(use_true_random=False)


@few(50)
@given(rng=chances, way=st.sampled_from(TEXT_WAYS), seed=st.sampled_from(["scenario-0", "scenario-4"]))
def test_scenarios(rng: Random, way: Way, seed: str) -> None:
    data = way(rng, doors.seed_texts("scenario")[seed])
    within(1, lambda: doors.scenario(data))


@few(25)
@given(
    data=st.one_of(
        st.binary(max_size=300), st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass"))
    )
)
@pytest.mark.parametrize("door", ["scenario", "patterns", "design", "units", "ucdp"])
def test_anything(door: str, data: bytes) -> None:
    within(1, lambda: knock(door, data))


def knock(door: str, data: bytes) -> str | None:
    if door in ("scenario", "ucdp"):
        return doors.scenario(data) if door == "scenario" else doors.ucdp(data)
    return doors.experiment(door, data)


@few(20)
@given(rng=chances, way=st.sampled_from(TEXT_WAYS))
@pytest.mark.parametrize("kind", ["design", "patterns", "sensitivity", "calibration"])
def test_experiments(kind: str, rng: Random, way: Way) -> None:
    data = way(rng, doors.seed_texts(kind)[f"{kind}-0"])
    # Points of a design are drawn to be counted, as many as it says.
    within(3 if kind == "design" else 1, lambda: doors.experiment(kind, data))


@few(3)
@given(rng=chances, way=st.sampled_from(TEXT_WAYS))
@pytest.mark.parametrize("kind", ["validation", "split"])
def test_validations(kind: str, rng: Random, way: Way) -> None:
    # The bundled calibration, with its hundred factions, is read each time.
    data = way(rng, doors.seed_texts(kind)[f"{kind}-0"])
    within(4, lambda: doors.experiment(kind, data))


@few(40)
@given(rng=chances, way=st.sampled_from(CSV_WAYS), seed=st.sampled_from(["units-0", "units-1"]))
def test_tables_of_units(rng: Random, way: Way, seed: str) -> None:
    data = way(rng, doors.seed_texts("units")[seed])
    within(1, lambda: doors.experiment("units", data))


@few(20)
@given(rng=chances, way=st.sampled_from(CSV_WAYS), seed=st.sampled_from(["ucdp-0", "ucdp-1"]))
def test_data_of_the_ucdp(rng: Random, way: Way, seed: str) -> None:
    data = way(rng, doors.seed_texts("ucdp")[seed])
    within(1, lambda: doors.ucdp(data))


def test_sound_files_are_taken() -> None:
    for door in ("design", "patterns", "sensitivity", "calibration", "units"):
        assert doors.experiment(door, doors.seed_texts(door)[f"{door}-0"]) is None, door
    assert doors.scenario(doors.seed_texts("scenario")["scenario-0"]) is None
    assert [doors.ucdp(data) for data in doors.seed_texts("ucdp").values()] == [None, None]


COUNTS = {"run": 8, "sweep": 4, "comparison": 8, "calibration": 8, "validation": 6, "sensitivity": 20}


@pytest.mark.parametrize("kind", doors.FOLDERS)
def test_sound_folders_are_taken(kind: str) -> None:
    doors.OPENERS[kind](doors.seed_folder(kind))


@pytest.mark.parametrize("kind", doors.FOLDERS)
def test_folders_of_results(kind: str) -> None:
    files = doors.folder_files(kind)

    @few(COUNTS[kind])
    @given(rng=chances, name=st.sampled_from(files), resigned=st.booleans())
    def spoilt(rng: Random, name: str, resigned: bool) -> None:
        data = (doors.seed_folder(kind) / name).read_bytes()
        ways = {"json": spoil_json, "parquet": spoil_parquet, "yaml": spoil_yaml}
        data = ways.get(name.rpartition(".")[2], spoil)(rng, data)
        within(4, lambda: doors.results(kind, name, data, resigned))

    spoilt()


def odd(file: Path, way: int) -> None:
    """Something else in the place of a file, or nothing."""
    file.unlink()
    ways: tuple[Callable[[], object], ...] = (
        lambda: None,
        lambda: file.write_bytes(b""),
        file.mkdir,
        lambda: os.mkfifo(file),
        lambda: file.symlink_to("nowhere"),
        lambda: file.symlink_to(file.name),
        lambda: file.write_bytes(bytes(999)),
    )
    ways[way % len(ways)]()


@pytest.mark.parametrize("kind", doors.FOLDERS)
def test_every_file_of_a_folder_may_be_gone_or_something_else(kind: str) -> None:
    some = [name for name in doors.folder_files(kind) if "part-" not in name or "00000" in name]
    for n, name in enumerate(some):
        with doors.copied(kind) as folder:
            odd(folder / name, n)
            opener = functools.partial(doors.OPENERS[kind], folder)
            doors.refusal(opener)
