"""The doors under libFuzzer, by atheris, for as long as one likes; not part of the tests.

    python tests/fuzz/atheris_doors.py scenario --seconds 150

The doors: ``scenario``, ``experiment``, ``ucdp``, ``results``. It begins with the bundled files and small sound ones, spoils
them by the fuzzer's bytes and by the same mutations as the tests, and stops at the first input that brings out anything but
a refusal, takes longer than ten seconds or more than 600 MB. That input is kept as a file beside, and named.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

DOORS = ("scenario", "experiment", "ucdp", "results")
WATCHED = [
    "sim.scenario", "sim.results", "sim.report", "sim.experiments.axes", "sim.experiments.calibration.posterior",
    "sim.experiments.calibration.problem", "sim.experiments.compare.comparison", "sim.experiments.compare.folder",
    "sim.experiments.design", "sim.experiments.forms", "sim.experiments.patterns.arguments",
    "sim.experiments.patterns.reading",
    "sim.experiments.patterns.schema", "sim.experiments.patterns.ucdp", "sim.experiments.patterns.units",
    "sim.experiments.planning", "sim.experiments.pointfile", "sim.experiments.points", "sim.experiments.reading",
    "sim.experiments.results", "sim.experiments.sensitivity.findings", "sim.experiments.sensitivity.reading",
    "sim.experiments.spelling", "sim.experiments.store",
]  # fmt: skip
"""What reads. Compiled code cannot be watched, and pandas and pyarrow are not under test."""
_MOST_MEGABYTES, _MOST_SECONDS, _MOST_BYTES = 600, 10, 20_000


def main() -> None:
    """Knock at a door until the time is up."""
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("door", choices=DOORS)
    words.add_argument("--seconds", type=int, default=150)
    words.add_argument("--seed", type=int, default=1)
    given = words.parse_args()
    try:
        import atheris
    except ImportError:
        sys.exit("fuzzing needs atheris: pip install 'bayah[fuzz]'")
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="bayah-folders-") as place:
        if given.door == "results":
            _make_folders(place)
        _fuzz(atheris, given)


def _make_folders(place: str) -> None:
    """Sound folders of results, made by a process of its own: compiled code cannot be made of what is watched."""
    code = "import shutil, sys; from tests.fuzz import doors\n"
    code += (
        "[shutil.copytree(doors.seed_folder(kind), f'{sys.argv[1]}/seed-{kind}') for kind in doors.FOLDERS]"
    )
    subprocess.run([sys.executable, "-c", code, place], cwd=ROOT, check=True)
    os.environ["BAYAH_FUZZ_FOLDERS"] = place


def _fuzz(atheris: Any, given: argparse.Namespace) -> None:
    # Modules are watched branch by branch if they are first imported here; most are when sound files come in.
    with atheris.instrument_imports(include=WATCHED):
        knock, seeds = _prepared(given.door)
    with tempfile.TemporaryDirectory(prefix="bayah-corpus-") as corpus:
        for name, data in seeds.items():
            (Path(corpus) / name.replace("/", "_")).write_bytes(data)
        atheris.Setup(
            [
                sys.argv[0], f"-max_total_time={given.seconds}", f"-rss_limit_mb={_MOST_MEGABYTES}",
                f"-timeout={_MOST_SECONDS}", f"-max_len={_MOST_BYTES}", f"-seed={given.seed}", "-print_final_stats=1",
                f"-artifact_prefix={given.door}-", corpus,
            ],
            knock,
            custom_mutator=_mutator(atheris, given.door),
        )  # fmt: skip
        atheris.Fuzz()


def _prepared(door: str) -> tuple[Callable[[bytes], None], dict[str, bytes]]:
    """What takes the fuzzer's bytes, and what it begins with, which has all been taken once."""
    from tests.fuzz import doors as at

    if door == "results":
        return _prepared_folders(at)
    # At the door of experiments the first byte says which kind of file it is.
    kinds = [kind for kind in at.EXPERIMENTS if kind not in ("validation", "split")]

    def knock(data: bytes) -> None:
        if door == "scenario":
            at.scenario(data)
        elif door == "ucdp":
            at.ucdp(data)
        elif data:
            at.experiment(kinds[data[0] % len(kinds)], data[1:])

    seeds = at.seed_texts(door) if door != "experiment" else {
        name: bytes([n]) + data for n, kind in enumerate(kinds) for name, data in at.seed_texts(kind).items()
    }  # fmt: skip
    for data in seeds.values():
        knock(data)
    return knock, seeds


def _prepared_folders(at: Any) -> tuple[Callable[[bytes], None], dict[str, bytes]]:
    """As for files; the first byte says which file of which folder it is."""
    for kind in at.FOLDERS:
        at.OPENERS[kind](at.seed_folder(kind))
    files = [(kind, name) for kind in at.FOLDERS for name in at.folder_files(kind)]

    def knock(data: bytes) -> None:
        if data:
            kind, name = files[data[0] % len(files)]
            at.results(kind, name, data[1:])

    seeds = {
        f"{n:03d}-{kind}-{name}": bytes([n]) + (at.seed_folder(kind) / name).read_bytes()
        for n, (kind, name) in enumerate(files)
        if (at.seed_folder(kind) / name).stat().st_size < _MOST_BYTES
    }
    return knock, seeds


def _mutator(atheris: Any, door: str) -> Callable[[bytes, int, int], bytes]:
    """Every second time nodes and cells instead of bytes: what no longer parses is soon refused."""
    from tests.fuzz import mutations

    head = 1 if door in ("experiment", "results") else 0

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        rng = Random(seed)
        if rng.random() < 0.5:
            return bytes(atheris.Mutate(data, most))
        body = data[head:]
        if door == "ucdp":
            ways = [mutations.spoil_csv, mutations.spoil_text]
        elif body[:4] == b"PAR1":
            ways = [mutations.spoil_parquet]
        else:
            ways = [mutations.spoil_json if body[:1] == b"{" else mutations.spoil_yaml, mutations.spoil_text]
        with contextlib.suppress(Exception):
            return (data[:head] + rng.choice(ways)(rng, body))[:most]
        return bytes(atheris.Mutate(data, most))

    return mutate


if __name__ == "__main__":
    main()
