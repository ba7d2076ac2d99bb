"""Few files instead of many: they hold the same, and no kill on the way costs a run."""

from __future__ import annotations

import io
import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sim.errors import IncompleteError, StoreError
from sim.experiments.results import Results
from sim.experiments.store import swap
from sim.experiments.store.compact import compact
from sim.experiments.store.ledger import Ledger, keep_chunk
from sim.experiments.store.parts import shelf
from sim.experiments.store.verify import verify
from sim.experiments.sweep import run_sweep
from tests.experiments.small_sweeps import assert_same
from tests.experiments.stores import files_of, plan_of_kind, read_once, store_of_kind

KINDS = ("all", "points", "quantiles", "failing", "failing points")


@pytest.fixture(autouse=True)
def swift(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.experiments.store.verify.loaded_scenarios", read_once)
    monkeypatch.setattr("sim.experiments.sweep.loaded_scenarios", read_once)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    made: dict[str, Path] = {}

    def get(kind: str) -> Path:
        if kind not in made:
            made[kind] = store_of_kind(tmp_path_factory.mktemp("whole") / "store", kind)
        return made[kind]

    return get


@pytest.fixture
def copy(whole: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Path]:
    def get(kind: str) -> Path:
        folder = tmp_path / kind.replace(" ", "-")
        shutil.copytree(whole(kind), folder)
        return folder

    return get


Store = Callable[[str], Path]


def tables_of(folder: Path) -> dict[str, list[str]]:
    return {
        place.name: sorted(file.name for file in place.glob("*.parquet"))
        for place in sorted(folder.iterdir())
        if place.is_dir() and any(place.glob("*.parquet"))
    }


def sound(folder: Path) -> bool:
    return verify(folder, dry_run=True, progress=False).complete


@pytest.mark.parametrize("kind", KINDS)
def test_few_files_hold_what_many_held(copy: Store, whole: Store, kind: str) -> None:
    folder, plan = copy(kind), plan_of_kind(kind)
    small = compact(folder, progress=False, most_rows=50, most_numbers=6000)
    assert_same(whole(kind), folder)
    assert sound(folder)
    report = compact(folder, progress=False)
    assert report.after < small.after < small.before
    assert report.bytes_after < report.bytes_before
    last, points = plan.chunks - 1, plan.points - 1
    assert tables_of(folder) == {
        table: [f"point-{0:08d}-{points:08d}.parquet" if table == "quantiles" and "points" in kind
                else f"part-{0:05d}-{last:05d}.parquet"]
        for table in tables_of(whole(kind))
    }  # fmt: skip
    assert_same(whole(kind), folder)
    assert sound(folder)
    held = {file: file.stat().st_ino for file in files_of(folder)}
    assert compact(folder, progress=False).before == report.after
    assert {file: file.stat().st_ino for file in files_of(folder)} == held, "once more does nothing"
    again = run_sweep(plan, folder, progress=False)
    assert (again.made, again.kept) == (0, plan.runs)


def test_columns_keep_their_notes(copy: Store, whole: Store) -> None:
    folder = copy("all")
    compact(folder, progress=False)
    for table in ("summary", "trajectories", "allegiances"):
        before = pq.read_schema(whole("all") / table / "part-00000.parquet")
        after = pq.read_schema(folder / table / "part-00000-00005.parquet")
        assert before.equals(after)
        for field in before:
            for note in (b"unit", b"meaning", b"kind"):
                assert field.metadata[note] == after.field(field.name).metadata[note]
    months = pq.read_table(folder / "trajectories/part-00000-00005.parquet", columns=["month"])["month"]
    assert months.to_pylist() == sorted(months.to_pylist()), "a month is read without the others"


def test_results_read_as_before(copy: Store, whole: Store) -> None:
    folder = copy("all")
    compact(folder, progress=False)
    before, after = Results(whole("all")), Results(folder)
    assert after.summary.equals(before.summary)
    assert after.trajectories("attacks", points=[1, 4]).equals(before.trajectories("attacks", points=[1, 4]))
    assert after.bands("attacks", 3).equals(before.bands("attacks", 3))
    assert after.allegiances(2).equals(before.allegiances(2)[after.allegiances(2).columns])
    assert after.replay(77).seed == before.plan.seed_of(77)


def test_what_is_not_whole_is_refused(copy: Store) -> None:
    folder = copy("all")
    part = folder / "trajectories/part-00002.parquet"
    data = part.read_bytes()
    part.unlink()
    with pytest.raises(IncompleteError, match="1 of 6 chunks are missing; go on with the same bayah sweep"):
        compact(folder, progress=False)
    part.write_bytes(data[:100])
    with pytest.raises(StoreError, match=r"part-00002\.parquet: is damaged"):
        compact(folder, progress=False)
    # What no footer tells is found on the way.
    column = pq.read_metadata(io.BytesIO(data)).row_group(0).column(5)
    spoilt = bytearray(data)
    spoilt[(column.dictionary_page_offset or column.data_page_offset) + column.total_compressed_size - 1] ^= 1
    part.write_bytes(spoilt)
    with pytest.raises(StoreError, match=r"part-00002\.parquet: cannot be read"):
        compact(folder, progress=False)
    part.write_bytes(data)
    (folder / "summary/notes.txt").write_text("mine")
    with pytest.raises(StoreError, match=r"notes\.txt: is none of the sweep's files; move it elsewhere"):
        compact(folder, progress=False)
    assert part.read_bytes() == data
    assert not list(folder.glob(".building-*"))


def test_a_chunk_that_comes_late_is_not_there_twice(copy: Store, whole: Store) -> None:
    folder = copy("all")
    compact(folder, progress=False)
    parts = {
        table: (whole("all") / table / "part-00002.parquet").read_bytes()
        for table in ("allegiances", "trajectories", "summary")
    }
    keep_chunk(folder, 2, parts)
    assert tables_of(folder)["summary"] == ["part-00000-00005.parquet"]
    assert_same(whole("all"), folder)


def test_one_spoilt_file_costs_its_own_chunks_only(copy: Store, whole: Store) -> None:
    folder, plan = copy("all"), plan_of_kind("all")
    compact(folder, progress=False, most_rows=1000, most_numbers=6000)
    assert tables_of(folder)["trajectories"][1] == "part-00002-00003.parquet"
    file = folder / "trajectories/part-00002-00003.parquet"
    file.write_bytes(file.read_bytes()[:-1])
    assert run_sweep(plan, folder, progress=False).made == 40
    assert tables_of(folder)["summary"] == ["part-00000-00005.parquet"]
    assert tables_of(folder)["trajectories"] == [
        "part-00000-00001.parquet", "part-00002.parquet", "part-00003.parquet", "part-00004-00005.parquet"
    ]  # fmt: skip
    assert_same(whole("all"), folder)
    assert sound(folder)


def killed_at(step: int, folder: str, atomic: bool) -> None:
    """Compact in this process, and end it without a word at a step that changes the folder."""
    count = itertools.count()

    def wrapped(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*words: Any, **more: Any) -> Any:
            if next(count) == step:
                os._exit(9)
            return call(*words, **more)

        return counted

    for name in ("rename", "replace", "unlink", "rmdir", "link", "mkdir"):
        setattr(os, name, wrapped(getattr(os, name)))
    swap._swap = wrapped(swap._swap if atomic else lambda one, other: False)
    compact(Path(folder), progress=False, most_rows=70, most_numbers=20_000)
    os._exit(0)


def kill_on_demand() -> None:
    """A process that has loaded everything, and makes one to be killed for each line it is told."""
    for line in sys.stdin:
        step, atomic, folder = line.rstrip("\n").split(" ", 2)
        child = os.fork()
        if child == 0:
            killed_at(int(step), folder, atomic == "True")
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


@pytest.fixture(scope="module")
def killer() -> Iterator[Callable[[int, bool, Path], int]]:
    """Compacts a store in a process that is killed at a step: 9, or 0 where it came to its end before."""
    words = [
        sys.executable,
        "-c",
        "from tests.experiments.test_store_compact import kill_on_demand; kill_on_demand()",
    ]
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None

        def kill(step: int, atomic: bool, folder: Path) -> int:
            print(step, atomic, folder, file=server.stdin, flush=True)
            return int(server.stdout.readline())

        yield kill
        server.stdin.close()


@pytest.mark.slow
@pytest.mark.parametrize("atomic", [True, False], ids=["exchange", "two renames"])
def test_killed_at_every_step(
    copy: Store, killer: Callable[[int, bool, Path], int], tmp_path: Path, atomic: bool
) -> None:
    source, plan = copy("few"), plan_of_kind("few")
    expected = {table: rows_of(source, table) for table in tables_of(source)}
    gaps = kills = 0
    for step in itertools.count():
        folder = tmp_path / "store"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source, folder, copy_function=os.link)
        code = killer(step, atomic, folder)
        assert code in (0, 9)
        # Anybody who reads a folder, without our code, sees every run once or, between two renames, no folder.
        for table, runs in expected.items():
            if atomic or (folder / table).is_dir():
                assert rows_of(folder, table) == runs, (step, table)
            else:
                gaps += 1
        opened = Results(folder)
        for table, runs in expected.items():
            assert rows_of(folder, table) == runs, (step, table)
        assert not [entry for entry in folder.iterdir() if entry.name.startswith(".") and entry.is_dir()]
        if code == 0:
            break
        kills += 1
        if step % 8 == 7:
            standing = opened.status()
            assert (standing.chunks_done, standing.damaged) == (plan.chunks, ())
            assert standing.runs + standing.failed == plan.runs
        if step % 16 == 7:
            compact(folder, progress=False)
            assert_same(source, folder)
            assert sound(folder)
    assert kills > 30
    assert gaps == (0 if atomic else 4), "one moment a table"
    assert_same(source, folder)
    assert sound(folder)


def rows_of(folder: Path, table: str) -> list[Any]:
    """Runs, or counts by point, of all files that a reader of the folder sees."""
    files = [file for file in (folder / table).iterdir() if not file.name.startswith(".")]
    assert all(file.suffix == ".parquet" for file in files)
    column = "runs" if table == "allegiances" else "run"
    found = [value for file in files for value in pq.read_table(file, columns=[column])[column].to_pylist()]
    return [sum(found)] if table == "allegiances" else sorted(found)


def test_two_at_once_are_told(copy: Store) -> None:
    folder = copy("all")
    place = swap.new_folder(folder, "summary")
    with pytest.raises(StoreError, match="is being compacted by another process"):
        compact(folder, progress=False)
    Results(folder)
    assert place.is_dir(), "a living process's folder is left alone"
    assert Ledger(folder, plan_of_kind("all")).stand().chunks_done == 6
    assert len(shelf(folder / "summary")[0]) == 6
