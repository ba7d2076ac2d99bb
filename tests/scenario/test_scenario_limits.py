"""Files made to exhaust a reader: refused in under a second of work and 200 MB."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CHILD = """
import json, pathlib, resource, sys, time
from sim.errors import ScenarioError
from sim.scenario.load import load
def yard():
    # Processor time of a loop that takes a quarter of a second where nothing else runs.
    began, total = time.process_time(), 0
    for n in range(2_000_000):
        total += n * n % 7
    return time.process_time() - began

before = yard()
began = time.process_time()
try:
    load(sys.argv[1])
except ScenarioError as error:
    lines = str(error).splitlines()
taken = (time.process_time() - began) / max(1.0, 2.0 * (before + yard()))
# A new process starts with the peak of the one that started it; Linux also tells its own.
status = pathlib.Path("/proc/self/status")
own = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")] if status.exists() else []
peak = int(own[0].split()[1]) if own else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
peak /= 1024
print(json.dumps({"lines": lines, "seconds": taken, "megabytes": peak}))
"""


def refuse(file: Path) -> list[str]:
    """The error of loading a file in a process of its own, within the limits."""
    # Processor time, too, grows where another process shares the core: it is told against a loop's, and the best of
    # three tries counts.
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", CHILD, file.name],
            cwd=file.parent, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        result = json.loads(done.stdout)
        if result["seconds"] < 1:
            break
    assert result["seconds"] < 1
    assert result["megabytes"] < 200
    lines: list[str] = result["lines"]
    return lines


def test_a_file_of_100_mb(tmp_path: Path) -> None:
    file = tmp_path / "big.yaml"
    with open(file, "wb") as stream:
        stream.write(b"a: 1\n" * 1000)
        stream.truncate(100_000_000)
    assert refuse(file) == ["big.yaml: too large (100.0 MB); a scenario has at most 5 MB"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[" * 100_000 + "]" * 100_000, "deep.yaml:1:33: nested more than 32 deep"),
        ("{a: " * 100_000 + "}" * 100_000, "deep.yaml:1:129: nested more than 32 deep"),
        ("- " * 100_000, "deep.yaml:1:65: nested more than 32 deep"),
        (
            "\n".join(" " * depth + "a:" for depth in range(2_000)),
            "deep.yaml:33:33: nested more than 32 deep",
        ),
    ],
    ids=["lists", "mappings", "blocks", "indented"],
)
def test_nesting_100_000_deep(tmp_path: Path, text: str, line: str) -> None:
    file = tmp_path / "deep.yaml"
    file.write_text(text)
    assert refuse(file) == [line]


@pytest.mark.parametrize(
    ("text", "last"),
    [
        (
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + "".join(f"{c}: &{c} [{','.join(['*' + p] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)),
            "laughs.yaml:9:32: i.8: aliases (*h) are not allowed; write the value out, or use extends",
        ),
        ("a: 1\n" * 100_000, "laughs.yaml:101:1: there are more problems from here on"),
        ("".join(f"k{i}: 1\n" for i in range(20_000)), "laughs.yaml: and 19907 more problems"),
    ],
    ids=["billion laughs", "duplicates", "unknown keys"],
)  # fmt: skip
def test_many_problems(tmp_path: Path, text: str, last: str) -> None:
    file = tmp_path / "laughs.yaml"
    file.write_text(text)
    lines = refuse(file)
    assert len(lines) <= 101
    assert last in lines[-2:]
