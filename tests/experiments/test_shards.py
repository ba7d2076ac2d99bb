"""Shares of a sweep as processes that know nothing of each other, and the SLURM file that starts them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from sim.experiments.execute.slurm import sbatch_text
from sim.experiments.results import Results
from tests.experiments.small_sweeps import (
    assert_same,
    command,
    made,
    no_drafts,
    run_command,
    small_plan,
    write_design,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("one") / "store", small_plan(), workers=1)


def test_two_shards_at_once_make_what_one_process_makes(store: Path, tmp_path: Path) -> None:
    file, folder = write_design(tmp_path), tmp_path / "shared"
    both = [
        command("sweep", file, "--out", folder, "--workers", 1, "--shard", f"{number}/2") for number in (1, 2)
    ]
    told = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert [errors for _, errors in told] == ["", ""]
    assert all("60 runs made" in out for out, _ in told)
    assert_same(store, folder)
    no_drafts(folder)


def batch(file: Path, task: int, of: int) -> subprocess.Popen[str]:
    """A task of the job array, as SLURM starts it."""
    words = {"SLURM_ARRAY_TASK_ID": task, "SLURM_ARRAY_TASK_COUNT": of, "SLURM_CPUS_PER_TASK": 1}
    return subprocess.Popen(
        ["bash", file],
        env={**os.environ, **{name: str(value) for name, value in words.items()}},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
    )


def settings(text: str) -> Mapping[str, str]:
    return dict(re.findall(r"^#SBATCH --([a-z-]+)(?:=(.*))?$", text, re.MULTILINE))


def test_the_printed_file_makes_the_sweep(store: Path, tmp_path: Path) -> None:
    place = tmp_path / "a folder, it's odd"
    place.mkdir()
    file, folder = write_design(place), place / "results $HOME"
    code, text, errors = run_command("sweep", file, "--out", folder, "--trajectories", "all", "--slurm")
    assert (code, errors) == (0, "")
    assert not folder.exists()
    script = tmp_path / "small.sbatch"
    script.write_text(text)
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    told = settings(text)
    assert told["array"] == "1-1"
    assert told["signal"] == "B:TERM@120"
    assert told["requeue"] == ""
    jobs = [batch(script, task, 2) for task in (1, 2)]
    for job in jobs:
        out, errors = job.communicate(timeout=120)
        assert (job.returncode, errors) == (0, ""), out
    assert_same(store, folder)


@pytest.mark.slow
def test_a_job_whose_time_is_up_stops_whole_and_goes_on_when_submitted_again(tmp_path: Path) -> None:
    plan = small_plan(replicates=2000, chunk=100, trajectories="none")
    file = write_design(tmp_path, replicates=2000, chunk=100, trajectories="none")
    folder, script = tmp_path / "store", tmp_path / "small.sbatch"
    script.write_text(sbatch_text(plan, str(file), folder, {}))
    job = batch(script, 1, 1)
    deadline = time.monotonic() + 60
    while len(list(folder.glob("summary/part-*.parquet"))) < 3:
        assert job.poll() is None, job.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    # B: tells the shell of the batch and nobody else, and exec has put the program in its place.
    job.send_signal(signal.SIGTERM)
    out, errors = job.communicate(timeout=60)
    assert job.returncode == 3, (out, errors)
    assert "stopping after the chunk in hand" in errors
    no_drafts(folder)
    before = Results(folder).status()
    assert 300 <= before.runs < plan.runs
    again = batch(script, 1, 1)
    out, errors = again.communicate(timeout=120)
    assert (again.returncode, errors) == (0, "")
    assert f"{plan.runs - before.runs:,} runs made" in out
    assert Results(folder).status().runs == plan.runs


@pytest.mark.parametrize(("replicates", "shards"), [(1, 1), (39, 1), (40, 2), (250, 12), (100_000, 1000)])
def test_there_are_not_more_jobs_than_are_worth_it(replicates: int, shards: int) -> None:
    plan = small_plan(uncertainties=[], levers=[], replicates=replicates, chunk=1, trajectories="none")
    text = sbatch_text(plan, "omar-by-successor", Path("here"), {"--runs": 5})
    assert settings(text)["array"] == f"1-{shards}"
    assert f" sweep omar-by-successor --out {Path.cwd() / 'here'} --runs 5 \\" in text
