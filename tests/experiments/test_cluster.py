"""Sweeps on a real Dask cluster: two worker processes of this machine, each with a thread."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import dask
import pytest
from distributed import Client, LocalCluster

import sim
from sim.api.sweeping import check_complete, plan_sweep
from sim.errors import IncompleteError, StoreError, UsageError
from sim.experiments import sweep as sweeping
from sim.experiments.execute import cluster as clustering
from sim.experiments.plan import Plan
from sim.experiments.results import Results
from sim.experiments.store.ledger import keep_chunk
from sim.experiments.sweep import run_sweep
from tests.experiments.own_rules import KillsOnce, kills_one_run, most_useful
from tests.experiments.small_sweeps import (
    assert_same,
    made,
    no_drafts,
    run_process,
    small,
    small_plan,
    write_design,
)

SHORT = "2013-06"


@pytest.fixture(scope="module")
def quick_workers() -> Iterator[None]:
    """Workers forked from a process that has imported what they need; else each takes seconds to do so."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(
        ["distributed", "sim.experiments.execute.remote", "sim.experiments.sweep", "sim.results.making"]
    )
    forkserver.ensure_running()
    with dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"}):
        yield


@pytest.fixture(scope="module")
def client(quick_workers: None) -> Iterator[Client]:
    # As somebody would who has a cluster already.
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        assert len(client.run(os.getpid)) == 2
        yield client


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("threads") / "store", small_plan(), workers=2)


@pytest.fixture
def handed_back(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Chunks that workers handed back instead of keeping them."""
    found: list[int] = []

    def keep(folder: Path, chunk: int, parts: Any) -> None:
        found.append(chunk)
        keep_chunk(folder, chunk, parts)

    monkeypatch.setattr(sweeping, "keep_chunk", keep)
    return found


def short_plan(rule: Any = None, **changes: Any) -> Plan:
    """Half a year, 4 points by 3 replicates, 3 runs a chunk."""
    levers = [{"grid": {"decision.theta": [1.0, 2.0, 3.0, 4.0]}}]
    design = small(until=SHORT, uncertainties=[], levers=levers, replicates=3, chunk=3, **changes)
    return plan_sweep(design, rule=rule)


def interrupt_after(monkeypatch: pytest.MonkeyPatch, chunks: int, times: int = 1) -> None:
    """Send this process Ctrl-C when some chunks have landed."""
    settle, landed = sweeping.settle_points, []

    def settle_and_interrupt(folder: Path, plan: Plan, some: Any) -> None:
        settle(folder, plan, some)
        landed.append(some)
        if len(landed) == chunks:
            for _ in range(times):
                os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(sweeping, "settle_points", settle_and_interrupt)


def test_two_workers_make_what_threads_make(
    client: Client, store: Path, tmp_path: Path, handed_back: list[int]
) -> None:
    told: list[str] = []
    folder = made(tmp_path / "dask", small_plan(), dask=client, say=told.append)
    assert_same(store, folder)
    assert handed_back == []
    assert told == []
    no_drafts(folder)


def test_without_a_shared_folder_workers_hand_the_parts_back(
    client: Client, store: Path, tmp_path: Path, handed_back: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def unlit(folder: Path) -> Iterator[str]:
        # A worker that looks for a file that is not there is in the place of one on another file system.
        yield ".beacon-elsewhere"

    monkeypatch.setattr(clustering, "beacon", unlit)
    folder = made(tmp_path / "dask", small_plan(), dask=client)
    assert_same(store, folder)
    assert sorted(handed_back) == list(range(6))


def test_quantiles_of_points_in_several_chunks_are_settled(
    client: Client, store: Path, tmp_path: Path
) -> None:
    plan = small_plan(trajectories="quantiles", chunk=7)
    folder = made(tmp_path / "dask", plan, dask=client)
    assert not (folder / ".spill").exists()
    assert_same(made(tmp_path / "threads", plan, workers=1), folder)
    kept, computed = Results(folder).bands("attacks", 3), Results(store).bands("attacks", 3)
    assert (kept == computed).all(axis=None)


def test_from_within_the_loop_of_a_notebook_by_address(client: Client, store: Path, tmp_path: Path) -> None:
    async def cell() -> Results:
        address = client.scheduler.address
        return sim.sweep(small(), out=tmp_path / "dask", dask=address, progress=False)

    assert_same(store, asyncio.run(cell()).folder)


def test_two_sweeps_of_one_design_do_not_take_each_others_chunks(
    client: Client, store: Path, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(made, tmp_path / name, small_plan(), dask=client) for name in ("one", "other")]
    for each in both:
        assert_same(store, each.result())


def test_a_rule_typed_at_a_prompt_travels(client: Client, tmp_path: Path) -> None:
    calls = ["most useful"]

    def rule(faction: Any, options: Any, utilities: Any, draw: float) -> int:
        assert calls == ["most useful"]
        return most_useful(faction, options, utilities, draw)

    one = made(tmp_path / "one", short_plan(rule), workers=1, rule=rule)
    assert_same(one, made(tmp_path / "dask", short_plan(rule), dask=client, rule=rule))


def test_a_worker_killed_in_mid_chunk_loses_nothing(
    client: Client, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rule = KillsOnce(tmp_path / "killed", seed=2)
    before = set(client.run(os.getpid).values())
    folder = made(tmp_path / "dask", short_plan(rule), dask=client, rule=rule)
    assert rule.mark.exists()
    client.wait_for_workers(2, timeout=180)
    after = set(client.run(os.getpid).values())
    assert len(after - before) == 1
    assert_same(folder, made(tmp_path / "one", short_plan(rule), workers=1, rule=rule))
    no_drafts(folder)
    assert capfd.readouterr().err == ""


@pytest.mark.slow
def test_workers_killed_from_outside_lose_nothing(client: Client, tmp_path: Path) -> None:
    plan = small_plan(replicates=600, chunk=150, trajectories="none")
    over = threading.Event()
    killed: list[int] = []

    def kill() -> None:
        while not over.wait(0.4) and len(killed) < 2:
            pid = min(set(client.run(os.getpid).values()) - set(killed), default=0)
            if pid and any(client.processing().values()):
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
                client.wait_for_workers(2, timeout=180)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        folder = made(tmp_path / "dask", plan, dask=client)
    finally:
        over.set()
        killer.join()
    client.wait_for_workers(2, timeout=180)
    assert killed
    assert_same(made(tmp_path / "threads", plan, workers=2), folder)


@pytest.mark.slow
def test_a_chunk_that_kills_its_workers_is_named_and_the_others_are_made(
    quick_workers: None, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    levers = [{"grid": {"decision.theta": [1.0]}}]
    design = small(until=SHORT, uncertainties=[], levers=levers, replicates=4, chunk=1)
    plan, told = plan_sweep(design, rule=kills_one_run), []
    options: dict[str, Any] = {"workers": 2, "rule": kills_one_run, "progress": False, "say": told.append}
    report = run_sweep(plan, tmp_path / "store", dask="local", **options)
    assert (report.made, report.mine_left, report.complete, report.failed) == (3, 1, False, 0)
    assert [line for line in told if "again" in line] == [
        "chunk 1 (runs 1 to 1) ends its worker again and again; it is left out"
    ]
    assert Results(tmp_path / "store").summary.index.tolist() == [0, 2, 3]
    assert capfd.readouterr().err == ""
    with pytest.raises(IncompleteError, match="not all chunks could be made: 3 of 4 runs are kept"):
        check_complete(report)


def test_asked_to_stop_it_waits_for_what_is_under_way(
    client: Client, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, told = tmp_path / "dask", []
    plan = small_plan(chunk=5)
    interrupt_after(monkeypatch, chunks=2)
    report = run_sweep(plan, folder, dask=client, progress=False, say=told.append)
    monkeypatch.undo()
    assert report.stopped
    # Two chunks had landed, and at most two for each of two threads were under way.
    assert report.made == report.kept <= 6 * 5
    assert "stopping after the chunk in hand" in told[0]
    no_drafts(folder)
    assert_same(store, made(folder, plan, dask=client))


def test_asked_twice_it_cancels(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = small_plan(chunk=5)
    interrupt_after(monkeypatch, chunks=2, times=2)
    report = run_sweep(plan, tmp_path / "dask", dask=client, progress=False)
    assert report.stopped
    assert report.made == 10
    deadline = time.monotonic() + 20
    while any(client.processing().values()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(client.processing().values())


def test_workers_that_run_other_code_are_refused(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.jit.source_hash", lambda: "0123")
    with pytest.raises(
        StoreError, match=r"a worker \(.*\) runs other code \(\w+\) than sent the work \(0123\)"
    ):
        run_sweep(small_plan(), tmp_path / "dask", dask=client, progress=False)
    assert not (tmp_path / "dask" / "summary").exists()


def test_a_read_only_folder_of_workers_is_no_hindrance(
    client: Client, store: Path, tmp_path: Path, handed_back: list[int]
) -> None:
    def refuse(folder: Path, chunk: int, parts: Any) -> None:
        raise OSError(30, "Read-only file system")

    def swap(module: str, name: str, call: Any) -> Any:
        import importlib

        place = importlib.import_module(module)
        before = getattr(place, name)
        setattr(place, name, call)
        return before

    before = client.run(swap, "sim.experiments.execute.remote", "keep_chunk", refuse)
    try:
        folder = made(tmp_path / "dask", small_plan(), dask=client)
    finally:
        for call in before.values():
            client.run(swap, "sim.experiments.execute.remote", "keep_chunk", call)
    assert sorted(handed_back) == list(range(6))
    assert_same(store, folder)


def test_without_dask_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "distributed"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=r"pip install 'bayah\[cluster\]'"):
        run_sweep(small_plan(), tmp_path / "store", dask="tcp://127.0.0.1:8786", progress=False)


def test_an_address_where_nobody_answers_is_said_soon(tmp_path: Path) -> None:
    file, begun = write_design(tmp_path), time.monotonic()
    code, out, errors = run_process("sweep", file, "--out", tmp_path / "store", "--dask", "tcp://127.0.0.1:9")
    assert (code, out) == (2, "")
    assert errors == "dask tcp://127.0.0.1:9: no Dask scheduler answers there\n"
    assert time.monotonic() - begun < 40


@pytest.mark.parametrize("dask", ["locall", "tcp://here", 3])
def test_what_is_no_cluster_is_said(tmp_path: Path, dask: Any) -> None:
    with pytest.raises(UsageError, match="should be "):
        run_sweep(small_plan(), tmp_path / "store", dask=dask, progress=False)


@pytest.mark.slow
def test_a_cluster_of_this_machine_from_the_command_line(store: Path, tmp_path: Path) -> None:
    file = write_design(tmp_path)
    words = ("sweep", file, "--out", tmp_path / "store", "--dask", "local", "--workers", 2)
    code, out, errors = run_process(*words)
    assert (code, errors) == (0, "")
    assert "120 kept" in out
    assert_same(store, tmp_path / "store")


@pytest.mark.slow
def test_the_file_for_slurm_in_the_documents_makes_a_sweep(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its jobs are started as processes here; the words for SLURM are left out, all else is as it stands."""
    import dask_jobqueue
    from dask_jobqueue.local import LocalCluster as Jobs

    started: list[dict[str, Any]] = []

    def jobs(walltime: str, log_directory: str, **words: Any) -> Any:
        started.append(words)
        return Jobs(**words, log_directory=str(tmp_path), scheduler_options={"dashboard_address": ":0"})

    monkeypatch.setattr(dask_jobqueue, "SLURMCluster", jobs)
    example = Path(__file__).resolve().parents[2] / "docs" / "examples" / "slurm_dask.py"
    monkeypatch.setattr(sys, "argv", [str(example), str(write_design(tmp_path)), str(tmp_path / "store")])
    runpy.run_path(str(example), run_name="__main__")
    assert len(started) == 1
    assert_same(store, tmp_path / "store")


@pytest.mark.slow
def test_a_scheduler_that_goes_away_is_said_and_nothing_is_lost(store: Path, tmp_path: Path) -> None:
    plan, folder = small_plan(chunk=2), tmp_path / "store"
    words = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    file = tmp_path / "scheduler.json"
    scheduler = subprocess.Popen(
        [*words, "--no-dashboard", "--scheduler-file", str(file)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    worker = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "distributed.cli.dask_worker",
            "--scheduler-file",
            str(file),
            "--no-dashboard",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        threading.Thread(target=kill_after, args=(folder, 3, scheduler)).start()
        with pytest.raises(IncompleteError, match="the cluster has gone away"):
            run_sweep(plan, folder, dask=address, progress=False)
    finally:
        for process in (scheduler, worker):
            process.kill()
            process.wait()
    no_drafts(folder)
    assert 0 < Results(folder).status().runs < plan.runs
    assert_same(store, made(folder, plan, workers=2))


def kill_after(folder: Path, chunks: int, process: subprocess.Popen[bytes]) -> None:
    """End a process when some chunks have landed."""
    deadline = time.monotonic() + 60
    while len(list(folder.glob("summary/part-*.parquet"))) < chunks and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
