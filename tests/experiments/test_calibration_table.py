"""The reference table: the same however it came about; what is damaged is made again or told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from calibrated import bundled, calibration_text, small, table_of

from sim.cli import main
from sim.errors import ExperimentError, IncompleteError, StoreError
from sim.experiments.calibration import table as tables
from sim.experiments.calibration.accept import accept, fitted_values
from sim.experiments.calibration.problem import Calibration
from sim.experiments.calibration.table import Reference, cube, make_table
from sim.experiments.patterns.observing import Witness
from sim.experiments.patterns.targets import measured
from sim.scenario.load import with_overrides


@pytest.fixture(autouse=True)
def short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "PART", 20)


def made(folder: Path, draws: int = 50, replicates: int = 2, workers: int = 1) -> Reference:
    return make_table(bundled(), folder, draws, replicates, workers, progress=False)


def same(one: Reference, other: Reference) -> bool:
    arrays = [
        (one.u, other.u), (one.values, other.values), (one.measures, other.measures), (one.oath, other.oath),
        (one.good, other.good), *((one.sides[month], other.sides[month]) for month in one.sides),
    ]  # fmt: skip
    return one.sides.keys() == other.sides.keys() and all(
        a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in arrays
    )


def parts(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {f.name: (f.stat().st_mtime_ns, f.read_bytes()) for f in sorted(folder.glob("part-*.parquet"))}


def test_points_of_the_cube_are_spread_and_a_longer_one_begins_with_the_shorter() -> None:
    assert (cube(2500, 3, 1)[:1400] == cube(1400, 3, 1)).all()
    first = cube(1000, 3, 1)
    # A Latin hypercube: one point in each thousandth of every axis.
    assert all(sorted((first[:, n] * 1000).astype(int)) == list(range(1000)) for n in range(3))
    assert not (first == cube(1000, 3, 2)).all()
    assert not np.isin(cube(2000, 3, 1)[1000:, 0], first[:, 0]).any()


def test_a_table_holds_what_runs_at_its_points_do(tmp_path: Path) -> None:
    calibration = bundled()
    table = made(tmp_path)
    assert table.measures.shape == (50, 2, len(calibration.measures))
    assert table.oath.shape == (50, 2, 38)
    assert list(table.sides) == [35]
    # The same runs, one by one.
    witness: Witness = calibration.asked().witness()
    for draw in (0, 25, 49):
        witness.write(dict(zip(calibration.paths, table.values[draw].tolist(), strict=True)))
        records, good = witness.runs([1 + 2 * draw, 2 + 2 * draw])
        np.testing.assert_array_equal(
            table.measures[draw], measured(calibration.measures, records).astype(np.float32)
        )
        np.testing.assert_array_equal(table.oath[draw], records.oath)
        np.testing.assert_array_equal(table.sides[35][draw], records.sides[:, 35])
        np.testing.assert_array_equal(table.good[draw], good)
    # What was worked out of coded units stands in the table as it would be worked out of it.
    calibration = small()
    whole, anew = (fitted_values(calibration, table, keep) for keep in (None, calibration.units))
    np.testing.assert_allclose(whole, anew, rtol=1e-6)


def test_a_longer_table_begins_with_the_shorter_one(tmp_path: Path) -> None:
    short = made(tmp_path, 30)
    before = parts(tmp_path)
    longer = made(tmp_path, 50)
    after = parts(tmp_path)
    for name in ("measures", "oath", "good", "values", "u"):
        np.testing.assert_array_equal(getattr(longer, name)[:30], getattr(short, name))
    # Parts that were whole are not made again; the last one was not.
    assert [name for name in before if before[name] == after[name]] == list(before)[:1]
    assert len(after) == 3
    assert same(made(tmp_path, 30), short)


def test_resumed_equals_uninterrupted_with_one_thread_and_with_three(tmp_path: Path) -> None:
    whole = made(tmp_path / "a")
    assert same(whole, made(tmp_path / "b", workers=3))
    bytes_of = {name: data for name, (_, data) in parts(tmp_path / "a").items()}
    assert bytes_of == {name: data for name, (_, data) in parts(tmp_path / "b").items()}
    for gone in ("part-000001.parquet", "part-000002.parquet"):
        (tmp_path / "b" / gone).unlink()
    assert same(whole, made(tmp_path / "b", workers=3))
    assert bytes_of == {name: data for name, (_, data) in parts(tmp_path / "b").items()}


_KILLED = """
import sys
from pathlib import Path
from sim.experiments.calibration import table
from sim.experiments.calibration.problem import read_calibration
table.PART = 20
print("begins", flush=True)
table.make_table(read_calibration(), Path(sys.argv[1]), int(sys.argv[2]), 2, 1, progress=False)
"""


def test_a_table_that_was_killed_goes_on_from_its_parts(tmp_path: Path) -> None:
    folder, draws = tmp_path / "killed", 20_000
    process = subprocess.Popen([sys.executable, "-c", _KILLED, str(folder), str(draws)])
    deadline = time.monotonic() + 120
    while len(list(folder.glob("part-*.parquet"))) < 2:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    kept = parts(folder)
    assert 2 <= len(kept) < draws // 20
    # What a write that was cut off leaves behind goes.
    (folder / ".part-000009.parquet.tmp-0").write_bytes(b"half")
    longer = 20 * (len(kept) + 1)
    resumed = made(folder, longer)
    assert {name: told for name, told in parts(folder).items() if name in kept} == kept
    assert same(resumed, made(tmp_path / "whole", longer))


@pytest.mark.parametrize("data", [b"", b"PAR1", None])
def test_a_part_that_is_no_parquet_or_cut_off_is_made_again(tmp_path: Path, data: bytes | None) -> None:
    whole = made(tmp_path)
    part = tmp_path / "part-000002.parquet"
    there = part.read_bytes()
    part.write_bytes(there[: len(there) // 2] if data is None else data)
    assert same(made(tmp_path), whole)
    assert part.read_bytes() == there


def test_a_part_damaged_inside_is_told_by_name(tmp_path: Path) -> None:
    made(tmp_path)
    part = tmp_path / "part-000002.parquet"
    data = bytearray(part.read_bytes())
    data[200:230] = bytes(byte ^ 0xFF for byte in data[200:230])
    part.write_bytes(data)
    with pytest.raises(
        StoreError, match=r"part-000002\.parquet: is damaged .*remove it, and the same command"
    ):
        made(tmp_path)
    part.unlink()
    made(tmp_path)


def test_another_table_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    made(tmp_path, 40)
    before = parts(tmp_path)
    calibration = bundled()
    others: list[tuple[Calibration, int, str]] = [
        (calibration, 3, "replicates"),
        (replace(calibration, base=with_overrides(calibration.base, {"weights.b_grievance": 0.3})), 2, "scenario"),
        (replace(calibration, file=calibration.file.model_copy(update={"seed": 2})), 2, "seed"),
        (replace(calibration, fields=calibration.fields[:3]), 2, "free"),
    ]  # fmt: skip
    fixed = next(iter(calibration.fixed))
    others.append((replace(calibration, fixed={**calibration.fixed, fixed: 0.123}), 2, "scenario"))
    for other, replicates, what in others:
        with pytest.raises(StoreError, match=rf"holds another table \({what} differ\)"):
            make_table(other, tmp_path, 40, replicates, 1, progress=False)
    assert parts(tmp_path) == before


@pytest.mark.parametrize("text", ["{", "[]", "{}", ""])
def test_a_damaged_description_of_a_table_is_told(tmp_path: Path, text: str) -> None:
    made(tmp_path, 20)
    (tmp_path / "table.json").write_text(text)
    with pytest.raises(StoreError, match=r"table\.json is damaged"):
        made(tmp_path, 20)


def test_ctrl_c_keeps_whole_parts_and_the_same_call_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "table"

    def interrupt() -> None:
        while not (folder / "part-000001.parquet").exists():
            time.sleep(0.005)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(IncompleteError, match=r"stopped: \d+ of 1,000 parts of the table are kept") as told:
        made(folder, 20_000)
    thread.join()
    assert told.value.exit_code == 3
    kept = parts(folder)
    assert 2 <= len(kept) < 1000
    longer = 20 * (len(kept) + 1)
    assert same(made(folder, longer), made(tmp_path / "whole", longer))


def test_ctrl_c_at_the_command_line_gives_exit_code_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.yaml").write_text(calibration_text(table="{draws: 20000, replicates: 2}"))

    def interrupt() -> None:
        while not Path("out/table/part-000000.parquet").exists():
            time.sleep(0.005)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    assert main(["calibrate", "c.yaml", "--out", "out", "--quiet", "--workers", "1"]) == 3
    thread.join()
    assert "the same command goes on" in capsys.readouterr().err
    assert json.loads(Path("out/table/table.json").read_text())["free"] == [
        "weights.b_power", "patrons.iskp.constant"
    ]  # fmt: skip


def test_failed_runs_are_kept_as_failed_and_never_accepted() -> None:
    calibration, table = small(), table_of()
    values = fitted_values(calibration, table)
    nearest = int(np.argmin(calibration.targets.distances(values)))
    found = accept(table, values, calibration.targets, 0.2)
    assert nearest in found.draws * table.replicates + found.replicates
    good = table.good.copy()
    good.reshape(-1)[nearest] = False
    failed = accept(replace(table, good=good), values, calibration.targets, 0.2)
    assert nearest not in failed.draws * table.replicates + failed.replicates
    assert len(failed.draws) == len(found.draws)
    # With few good runs left there are fewer accepted; with none it is told.
    good[:] = False
    good[:30] = True
    assert set(accept(replace(table, good=good), values, calibration.targets, 0.5).draws) <= set(range(30))
    with pytest.raises(ExperimentError, match="none can be accepted"):
        accept(replace(table, good=np.zeros_like(good)), values, calibration.targets, 0.5)


def test_runs_that_fail_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = Witness.runs

    def failing(self: Witness, seeds: range) -> object:
        records, good = runs(self, seeds)
        return records, good & (np.array(list(seeds)) % 7 != 0)

    monkeypatch.setattr(Witness, "runs", failing)
    table = made(tmp_path)
    seeds = 1 + np.arange(100).reshape(50, 2)
    np.testing.assert_array_equal(table.good, seeds % 7 != 0)
    calibration = small()
    found = accept(table, fitted_values(calibration, table), calibration.targets, 1.0)
    assert table.good[found.draws, found.replicates].all()
    assert len(found.draws) == int(table.good.sum()) - 1
