"""What a sweep survives: kills, interrupts, full and read-only disks, damage, company."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.experiments.plan import Plan
from sim.experiments.results import Results
from sim.experiments.store.ledger import Ledger
from sim.experiments.sweep import run_sweep
from tests.experiments.small_sweeps import (
    assert_same,
    command,
    made,
    no_drafts,
    run_command,
    run_process,
    small_plan,
    write_design,
)

KILLS = 25

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Chunks small enough that a kill finds many of them begun and done."""
    return small_plan(chunk=4, replicates=40)


@pytest.fixture(scope="module")
def untouched(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("untouched") / "store", plan)


def work(plan: Plan, folder: Path) -> None:
    """The whole of a process that is to be killed; the engine is loaded already."""
    run_sweep(plan, folder, workers=2, progress=False)


def readable(folder: Path) -> None:
    """What a reader sees of a store at any moment: whole runs, each once."""
    data = Results(folder).dataset("summary") if (folder / "manifest.json").exists() else None
    if data is not None:
        runs = data.to_table(columns=["run"])["run"].to_pylist()
        assert len(runs) == len(set(runs))


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_killed_at_25_random_moments(plan: Plan, untouched: Path, tmp_path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    chance = random.Random(20130423)
    folder, stores, kills = tmp_path / "store-0", 1, 0
    while kills < KILLS:
        process = fork.Process(target=work, args=(plan, folder))
        process.start()
        process.join(chance.uniform(0.0, 0.35))
        if process.is_alive():
            os.kill(process.pid or 0, signal.SIGKILL)
            process.join()
            kills += 1
            readable(folder)
        elif Ledger(folder, plan).stand().chunks_done == plan.chunks:
            assert_same(untouched, folder)
            folder, stores = tmp_path / f"store-{stores}", stores + 1
    report = run_sweep(plan, folder, progress=False)
    assert report.complete
    assert_same(untouched, folder)
    no_drafts(folder)


def test_the_command_killed_goes_on(tmp_path: Path) -> None:
    file, folder = write_design(tmp_path, chunk=2), tmp_path / "store"
    for _ in range(2):
        process = command("sweep", file, "--out", folder)
        wait_for_parts(folder, process, len(parts(folder)) + 3)
        process.kill()
        process.wait()
    readable(folder)
    assert run_command("sweep", file, "--out", folder)[0] == 0
    assert_same(made(tmp_path / "other", small_plan()), folder)
    no_drafts(folder)


def parts(folder: Path) -> list[Path]:
    return list((folder / "summary").glob("part-*.parquet")) if folder.exists() else []


def wait_for_parts(folder: Path, process: subprocess.Popen[str], count: int) -> None:
    """Wait until a sweep has kept something, and is still at work."""
    limit = time.monotonic() + 60
    while len(parts(folder)) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < limit
        time.sleep(0.002)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["interrupt", "terminate"])
def test_asked_to_stop_it_finishes_the_chunk_in_hand(tmp_path: Path, number: int) -> None:
    file, folder = write_design(tmp_path, chunk=4, replicates=60), tmp_path / "store"
    process = command("sweep", file, "--out", folder)
    wait_for_parts(folder, process, 2)
    process.send_signal(number)
    out, errors = process.communicate(timeout=30)
    assert process.returncode == 3
    assert "stopping after the chunk in hand" in errors
    assert f"to go on: bayah sweep {file} --out {folder}" in out
    assert "Traceback" not in errors
    no_drafts(folder)
    kept = len(parts(folder))
    assert 2 <= kept < 90
    code, out, errors = run_command("sweep", file, "--out", folder, "--workers", "2")
    assert (code, errors) == (0, "")
    assert f"{360 - 4 * kept:,} runs made" in out
    assert_same(made(tmp_path / "other", small_plan(replicates=60)), folder)


def test_a_second_interrupt_gives_the_chunk_up(tmp_path: Path) -> None:
    file, folder = (
        write_design(tmp_path, chunk=1_000_000, replicates=100_000, until="2024-12"),
        tmp_path / "store",
    )
    process = command("sweep", file, "--out", folder)
    limit = time.monotonic() + 60
    while not (folder / "design.parquet").exists() and time.monotonic() < limit:
        time.sleep(0.01)
    time.sleep(2.0)
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert time.monotonic() - begun < 5.0
    assert process.returncode == 3
    assert "giving up the chunk in hand" in errors
    assert parts(folder) == []
    no_drafts(folder)


@contextlib.contextmanager
def mounted(place: Path, *options: str) -> Iterator[None]:
    """A file system of its own at a place."""
    place.mkdir(exist_ok=True)
    done = subprocess.run(["mount", *options, str(place)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"this machine lets nobody mount: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_loses_nothing(tmp_path: Path, untouched: Path, plan: Plan) -> None:
    place = tmp_path / "disk"
    file = write_design(tmp_path, chunk=4, replicates=40)
    with mounted(place, "-t", "tmpfs", "-o", "size=1100k", "tmpfs"):
        folder = place / "store"
        code, _, errors = run_process("sweep", file, "--out", folder)
        assert code == 3
        assert "no space left to write to" in errors
        assert "make room, then the same command goes on" in errors
        assert "Traceback" not in errors
        no_drafts(folder)
        readable(folder)
        kept = Ledger(folder, plan).stand()
        assert 0 < kept.chunks_done < plan.chunks
        assert f"{kept.runs:,} of {plan.runs:,} runs are kept" in errors
        subprocess.run(["mount", "-o", "remount,size=50m", str(place)], check=True)
        assert run_command("sweep", file, "--out", folder)[0] == 0
        assert_same(untouched, folder)


def test_a_disk_too_small_for_anything(tmp_path: Path) -> None:
    place, file = tmp_path / "disk", write_design(tmp_path)
    with mounted(place, "-t", "tmpfs", "-o", "size=8k", "tmpfs"):
        code, _, errors = run_process("sweep", file, "--out", place / "store")
    assert code in (2, 3)
    assert "no space left" in errors.lower()
    assert "Traceback" not in errors


def test_a_read_only_disk_is_told_at_once(tmp_path: Path, untouched: Path, plan: Plan) -> None:
    place = tmp_path / "disk"
    file = write_design(tmp_path, chunk=4, replicates=40)
    with mounted(place, "-t", "tmpfs", "-o", "size=50m", "tmpfs"):
        shutil.copytree(untouched, place / "whole")
        shutil.copytree(untouched, place / "half")
        for part in sorted((place / "half" / "summary").glob("*"))[20:]:
            part.unlink()
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        for name in ("new", "half"):
            code, _, errors = run_command("sweep", file, "--out", place / name)
            assert code == 2
            assert "read-only file system" in errors.lower()
            assert "Traceback" not in errors
        code, out, errors = run_command("sweep", file, "--out", place / "whole")
        assert (code, errors) == (0, "")
        assert "0 runs made" in out
        assert Results(place / "whole").replay(5).seed == 6


def spoil(file: Path, how: str) -> None:
    data = bytearray(file.read_bytes())
    if how == "truncated":
        file.write_bytes(data[: len(data) // 2])
    elif how == "emptied":
        file.write_bytes(b"")
    elif how == "footer":
        data[-20] ^= 0xFF
        file.write_bytes(data)
    else:
        file.unlink()


@pytest.mark.parametrize("how", ["truncated", "emptied", "footer", "deleted"])
@pytest.mark.parametrize("table", ["summary", "trajectories", "allegiances"])
def test_a_spoiled_part_is_made_again(
    untouched: Path, plan: Plan, tmp_path: Path, table: str, how: str
) -> None:
    folder = tmp_path / "store"
    shutil.copytree(untouched, folder)
    spoil(folder / table / "part-00007.parquet", how)
    report = run_sweep(plan, folder, progress=False)
    assert (report.complete, report.made) == (True, 4)
    assert len(report.repaired) == (how != "deleted")
    assert_same(untouched, folder)


def test_two_sweeps_in_one_folder_share_the_work(tmp_path: Path) -> None:
    file, folder = write_design(tmp_path, chunk=2, replicates=50), tmp_path / "store"
    both = [command("sweep", file, "--out", folder, "--json") for _ in range(2)]
    import json

    reports = []
    for process in both:
        out, errors = process.communicate(timeout=120)
        assert (process.returncode, errors) == (0, "")
        reports.append(json.loads(out))
    assert all(report["complete"] for report in reports)
    # A chunk may be made twice where both began it; most are not.
    assert 300 <= sum(report["made"] for report in reports) < 560
    assert_same(made(tmp_path / "other", small_plan(replicates=50)), folder)
    no_drafts(folder)


def test_two_designs_in_one_folder_never_mix(tmp_path: Path) -> None:
    """Started at the same moment, one makes the store and the other is refused."""
    (tmp_path / "b").mkdir()
    one, other = write_design(tmp_path), write_design(tmp_path / "b", seed=5)
    folder = tmp_path / "store"
    both = [command("sweep", file, "--out", folder) for file in (one, other)]
    told: list[Any] = [(process.communicate(timeout=120), process.returncode) for process in both]
    codes = sorted(code for _, code in told)
    assert codes == [0, 2]
    (_, errors), _ = next(entry for entry in told if entry[1] == 2)
    assert "holds the runs of another design" in errors
    assert "seed: " in errors
    won = small_plan() if told[0][1] == 0 else small_plan(seed=5)
    assert_same(made(tmp_path / "alone", won), folder)


def test_a_design_changed_under_a_half_done_store(tmp_path: Path) -> None:
    file, folder = write_design(tmp_path, chunk=2, replicates=200), tmp_path / "store"
    process = command("sweep", file, "--out", folder)
    wait_for_parts(folder, process, 2)
    process.kill()
    process.wait()
    before = sorted((file.name, file.stat().st_size) for file in parts(folder))
    write_design(tmp_path, chunk=2, replicates=200, levers=[{"grid": {"mechanisms.M08": [True, False]}}])
    code, _, errors = run_command("sweep", file, "--out", folder)
    assert code == 2
    assert "parameters" in errors
    assert "values: other values of what is varied" in errors
    assert sorted((file.name, file.stat().st_size) for file in parts(folder)) == before


def test_hash_seeds_do_not_show(tmp_path: Path) -> None:
    file = write_design(tmp_path)
    for seed in ("1", "2"):
        assert run_process("sweep", file, "--out", tmp_path / seed, PYTHONHASHSEED=seed)[0] == 0
    assert_same(tmp_path / "1", tmp_path / "2")


def test_a_bar_is_shown_on_a_terminal_only(tmp_path: Path) -> None:
    file = write_design(tmp_path)
    code, _, errors = run_process("sweep", file, "--out", tmp_path / "quiet")
    assert (code, errors) == (0, "")
    mine, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    words = [sys.executable, "-m", "sim", "sweep", str(file), "--out", str(tmp_path / "seen")]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=theirs, timeout=60)
    os.close(theirs)
    seen = os.read(mine, 100_000).decode()
    os.close(mine)
    assert done.returncode == 0
    assert "120/120" in seen
    assert "runs/s" in seen
