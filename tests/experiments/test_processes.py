"""Sweeps by the Mesa driver in several processes, with and without a decision rule of one's own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.api.sweeping import plan_sweep
from sim.experiments import sweep as sweeping
from sim.experiments.execute.control import Stop
from sim.experiments.execute.processes import run_processes
from sim.experiments.plan import Plan, chunk_of_size
from sim.experiments.results import Results
from sim.experiments.sweep import run_sweep
from tests.experiments.own_rules import KillsOnce, kills_one_run, most_useful, raises_on_even_seeds
from tests.experiments.small_sweeps import META, assert_same, made, no_drafts

ROOT = Path(__file__).resolve().parents[2]

SCRIPT = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from sim.experiments.sweep import run_sweep
from tests.experiments.own_rules import most_useful
from tests.experiments.test_processes import short_plan

if __name__ == "__main__":
    plan = short_plan(most_useful, until="2016-12", replicates=200)
    report = run_sweep(plan, Path({folder!r}), 2, rule=most_useful, progress=False, say=print)
    print(report.stopped, report.made, flush=True)
"""


def short_plan(rule: Any = None, **changes: Any) -> Plan:
    """Half a year, 2 points by 6 replicates, 3 runs a chunk."""
    design = {
        "name": "short",
        "meta": META,
        "scenario": "baseline",
        "until": "2013-06",
        "levers": [{"grid": {"decision.theta": [1.0, 4.0]}}],
        "replicates": 6,
        "chunk": 3,
        "trajectories": "all",
        "allegiances": True,
    }
    return plan_sweep({**design, **changes}, rule=rule)


def test_agent_by_agent_in_processes_is_the_engine_on_threads(tmp_path: Path) -> None:
    by_agent = made(tmp_path / "mesa", replace(short_plan(), driver="mesa"), workers=2)
    assert_same(made(tmp_path / "engine", short_plan(), workers=2), by_agent)


def test_a_rule_in_processes_is_the_rule_in_one(tmp_path: Path) -> None:
    told: list[str] = []
    plan = short_plan(most_useful)
    several = made(tmp_path / "several", plan, workers=2, rule=most_useful, say=told.append)
    one = made(tmp_path / "one", plan, workers=1, rule=most_useful)
    assert_same(one, several)
    assert told == []
    engine = Results(made(tmp_path / "engine", short_plan(), workers=1)).trajectories("independent_units")
    assert not engine.equals(Results(one).trajectories("independent_units"))
    assert Results(one).replay(7, rule=most_useful).seed == 2


def test_a_rule_that_cannot_travel_runs_in_this_process(tmp_path: Path) -> None:
    told: list[str] = []

    def rule(faction: Any, options: Any, utilities: Any, draw: float) -> int:
        return most_useful(faction, options, utilities, draw)

    folder = made(tmp_path / "local", short_plan(rule), workers=2, rule=rule, say=told.append)
    (line,) = told
    assert line.startswith("making the runs in this process only")
    assert "a rule that a module defines can go there" in line
    other = made(tmp_path / "module", short_plan(most_useful), workers=1, rule=most_useful)
    assert_same(other, folder)


def test_a_rule_of_a_notebook_runs_in_this_process(tmp_path: Path) -> None:
    """It goes out by name, and nobody there knows the name."""
    code = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.experiments.test_processes import short_plan
from sim.experiments.sweep import run_sweep
from pathlib import Path

def rule(faction, options, utilities, draw):
    return 0

report = run_sweep(short_plan(rule), Path({str(tmp_path / "store")!r}), 2, rule=rule, say=print)
print(report.complete)
"""
    # Code given in words has no file that could be imported, as in a notebook.
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.splitlines()[0].startswith("making the runs in this process only")
    assert done.stdout.splitlines()[-1] == "True"
    assert "Traceback" not in done.stderr


def test_a_script_without_a_guard_runs_in_this_process(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        SCRIPT.replace('if __name__ == "__main__":', "if True:")
        .replace('until="2016-12", replicates=200', "replicates=3")
        .format(root=str(ROOT), folder=str(tmp_path / "store"))
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120, check=True)
    first, *_, last = done.stdout.splitlines()
    assert first.startswith("making the runs in this process only")
    assert 'if __name__ == "__main__":' in first
    assert last == "False 6"


def test_a_process_killed_in_mid_chunk_loses_nothing(tmp_path: Path) -> None:
    rule, told = KillsOnce(tmp_path / "killed", seed=5), []
    plan = short_plan(rule)
    folder = made(tmp_path / "store", plan, workers=2, rule=rule, say=told.append)
    assert rule.mark.exists()
    assert told == []
    assert_same(made(tmp_path / "one", plan, workers=1, rule=rule), folder)
    no_drafts(folder)


@pytest.mark.slow
def test_a_chunk_that_ends_its_process_is_named_and_the_others_are_made(tmp_path: Path) -> None:
    told: list[str] = []
    plan = short_plan(kills_one_run, levers=[], replicates=4, chunk=1)
    report = run_sweep(
        plan, tmp_path / "store", workers=2, rule=kills_one_run, progress=False, say=told.append
    )
    assert told == ["chunk 1 (runs 1 to 1) ends its process again and again; it is left out"]
    assert (report.made, report.mine_left, report.complete, report.failed) == (3, 1, False, 0)
    assert Results(tmp_path / "store").summary.index.tolist() == [0, 2, 3]


def test_a_rule_that_raises_on_some_runs(tmp_path: Path) -> None:
    rule = raises_on_even_seeds
    report = run_sweep(short_plan(rule), tmp_path / "store", workers=2, rule=rule, progress=False)
    assert (report.complete, report.failed, report.made) == (True, 6, 12)
    results = Results(tmp_path / "store")
    failures = results.failures
    assert failures["seed"].tolist() == [2, 4, 6] * 2
    assert failures.index.tolist() == [1, 3, 5, 7, 9, 11]
    assert set(failures["reason"]) == {"ValueError: no such option"}
    assert results.summary.index.tolist() == [0, 2, 4, 6, 8, 10]
    assert (results.trajectories("attacks").index.get_level_values("run") % 2 == 0).all()


@pytest.mark.parametrize("times", [1, 2])
def test_an_interrupt_stops_in_good_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    plan, folder = short_plan(most_useful, replicates=30), tmp_path / "store"
    settle, landed = sweeping.settle_points, []

    def settle_and_interrupt(*words: Any) -> None:
        settle(*words)
        landed.append(words)
        if len(landed) == 1:
            for _ in range(times):
                os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(sweeping, "settle_points", settle_and_interrupt)
    report = run_sweep(plan, folder, workers=2, rule=most_useful, progress=False)
    monkeypatch.undo()
    assert report.stopped
    # A chunk had landed, and two for each process were under way; asked twice, those are given up.
    assert 3 <= report.made <= (5 if times == 1 else 4) * 3
    no_drafts(folder)


def started(folder: Path) -> subprocess.Popen[str]:
    """A long sweep in processes, in a group of its own, when its first chunk has landed."""
    script = folder.parent / "script.py"
    script.write_text(SCRIPT.format(root=str(ROOT), folder=str(folder)))
    process = subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 90
    while not list(folder.glob("summary/part-*.parquet")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process


def members(group: int) -> list[int]:
    """Processes of a group that are alive."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[2]) == group and words[0] != "Z":
            found.append(int(entry.name))
    return found


def all_end(group: int) -> bool:
    """Whether all of a group end soon: the last helper sees only then that the others have."""
    deadline = time.monotonic() + 30
    while members(group) and time.monotonic() < deadline:
        time.sleep(0.1)
    return members(group) == []


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks processes up in /proc")
def test_ctrl_c_in_a_terminal_reaches_all_and_one_heeds_it(tmp_path: Path) -> None:
    process = started(tmp_path / "store")
    os.killpg(process.pid, signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert out.splitlines()[-1].startswith("True ")
    assert errors == ""
    no_drafts(tmp_path / "store")
    assert all_end(process.pid)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks processes up in /proc")
def test_processes_end_with_the_one_that_was_killed(tmp_path: Path) -> None:
    process = started(tmp_path / "store")
    assert len(members(process.pid)) >= 3
    process.kill()
    process.communicate()
    assert all_end(process.pid)


def test_the_time_it_takes_is_said() -> None:
    told: list[str] = []
    plan = replace(short_plan(), driver="mesa")
    words: tuple[Any, ...] = (iter([]), 2, 10_000_000, plan, None, None, None, Stop(), told.append)
    run_processes(*words)
    (line,) = told
    assert line.startswith("agent by agent, ")
    assert "10,000,000 runs in 2 processes take about" in line


def test_a_stop_before_the_first_chunk_is_heeded() -> None:
    stop = Stop()
    threading.Timer(0.05, stop.asked.set).start()
    made_: list[int] = []
    plan = replace(short_plan(), driver="mesa")
    words: tuple[Any, ...] = (iter(range(4)), 2, 12, plan, None, made_.append, None, stop, print)
    run_processes(*words)
    assert made_ == []


def test_chunks_by_agent_are_small() -> None:
    assert chunk_of_size(100_000, 100, False, "mesa") == 25
    assert chunk_of_size(60, 10, True, "mesa") == 10 // 2 * 2
    assert chunk_of_size(40, 10, False, "mesa") == 5
    assert chunk_of_size(100_000, 100, True) == 2000
