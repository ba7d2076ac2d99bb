"""Whatever becomes of a file of a store: it is found, and made again as it was."""

from __future__ import annotations

import contextlib
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from sim.errors import StoreError
from sim.experiments import sweep as sweeping
from sim.experiments.plan import Plan
from sim.experiments.store.compact import compact
from sim.experiments.store.findings import Findings, sound_plan
from sim.experiments.store.ledger import Ledger
from sim.experiments.store.parts import encode
from sim.experiments.store.verify import Verdict, verify
from sim.experiments.sweep import run_sweep
from sim.results.tables import Table
from tests.experiments.small_sweeps import assert_same
from tests.experiments.stores import files_of, plan_of_kind, read_once, store_of_kind

KINDS = ("all", "points", "failing", "failing points")
Store = Callable[[str], Path]


@pytest.fixture(autouse=True)
def swift(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.experiments.store.verify.loaded_scenarios", read_once)
    monkeypatch.setattr("sim.experiments.sweep.loaded_scenarios", read_once)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Stores that nobody touches, made when they are first asked for."""
    made: dict[str, Path] = {}

    def get(kind: str) -> Path:
        if kind not in made:
            made[kind] = store_of_kind(tmp_path_factory.mktemp("whole") / "store", kind)
        return made[kind]

    return get


@pytest.fixture
def copy(whole: Store, tmp_path: Path) -> Store:
    """A copy to spoil."""

    def get(kind: str) -> Path:
        folder = tmp_path / kind.replace(" ", "-")
        shutil.copytree(whole(kind), folder)
        return folder

    return get


def look(folder: Path, dry_run: bool = True) -> Verdict:
    return verify(folder, dry_run=dry_run, progress=False)


def found(verdict: Verdict) -> dict[str, str]:
    """What was found, by folder and name."""
    return {f"{one.file.parent.name}/{one.file.name}": one.what for one in verdict.findings}


def parts_of(folder: Path) -> list[Path]:
    return [file for file in files_of(folder) if file.suffix == ".parquet" and file.parent != folder]


def mend(folder: Path, plan: Plan) -> None:
    """What a user does: verify, sweep again."""
    look(folder, dry_run=False)
    assert run_sweep(plan, folder, progress=False).kept == plan.runs
    assert look(folder).complete


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_store_is_found_whole(whole: Store, kind: str) -> None:
    verdict = look(whole(kind))
    assert verdict.findings == ()
    assert verdict.complete
    assert verdict.files == len(parts_of(whole(kind)))
    assert verdict.bytes == sum(file.stat().st_size for file in parts_of(whole(kind)))


def test_every_file_cut_short_is_found(copy: Store) -> None:
    folder = copy("all")
    files = {file: file.read_bytes() for file in parts_of(folder)}
    chance = random.Random(1)
    cuts: list[Callable[[int], int]] = [
        lambda size: 0,
        lambda size: 1,
        lambda size: 4,
        lambda size: size // 2,
        lambda size: size - 8,
        lambda size: size - 1,
        *(lambda size: chance.randrange(size) for _ in range(3)),
    ]
    for cut in cuts:
        for file, data in files.items():
            file.write_bytes(data[: cut(len(data))])
        verdict = look(folder)
        assert {one.file for one in verdict.findings} == set(files)
    assert {one.what for one in verdict.findings} <= {"is empty", "has no readable footer"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["all", "failing points"])
def test_a_bit_flipped_anywhere_is_found_or_changes_nothing(copy: Store, kind: str) -> None:
    """In every file at once, again and again: 220 places and more of two stores."""
    folder = copy(kind)
    files = {file: file.read_bytes() for file in parts_of(folder)}
    before = {file: pq.read_table(file) for file in files}
    notes = {file: pq.read_metadata(file).metadata for file in files}
    chance = random.Random(f"bits of {kind}")
    flips = told = 0
    while flips < 110:
        for file, data in files.items():
            flipped = bytearray(data)
            # Half of them near the end: footers are small, and the tender part of a file.
            low = max(0, len(data) - 6000) if chance.random() < 0.5 else 0
            flipped[chance.randrange(low, len(data))] ^= 1 << chance.randrange(8)
            file.write_bytes(flipped)
        spoilt = {one.file for one in look(folder).findings}
        assert spoilt <= set(files)
        for file in set(files) - spoilt:
            assert pq.read_table(file).equals(before[file], check_metadata=True), file
            now = pq.read_metadata(file).metadata
            assert {**now, b"ARROW:schema": b""} == {**notes[file], b"ARROW:schema": b""}, file
        flips, told = flips + len(files), told + len(spoilt)
    assert told > flips * 0.8


def test_a_bit_flipped_in_what_describes_the_store(copy: Store) -> None:
    folder = copy("all")
    chance = random.Random(2)
    for name in ("manifest.json", "design.parquet", "scenarios/baseline.yaml"):
        file = folder / name
        data = file.read_bytes()
        for _ in range(40):
            flipped = bytearray(data)
            flipped[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            file.write_bytes(flipped)
            findings = Findings(dry_run=True)
            sound_plan(folder, findings)
            if not findings.found:
                assert name == "design.parquet", "no letter of a text is free"
                file_ = pq.read_table(file)
                file.write_bytes(data)
                assert file_.equals(pq.read_table(file), check_metadata=True)
            else:
                assert {one.file for one in findings.found} == {file}
        file.write_bytes(data)
    assert look(folder).complete


@pytest.mark.parametrize("name", ["design.parquet", "scenarios/baseline.yaml"])
def test_what_describes_the_store_is_written_again(copy: Store, whole: Store, name: str) -> None:
    folder = copy("all")
    (folder / name).write_bytes(b"# nothing\n")
    verdict = look(folder, dry_run=False)
    assert verdict.plan is None
    assert not verdict.complete
    assert run_sweep(plan_of_kind("all"), folder, progress=False).made == 0
    assert (folder / name).read_bytes() == (whole("all") / name).read_bytes()
    assert look(folder).complete


def test_a_spoilt_manifest_stays(copy: Store) -> None:
    folder = copy("all")
    file = folder / "manifest.json"
    file.write_text(file.read_text().replace("A small sweep", "A smell sweep"))
    verdict = look(folder, dry_run=False)
    assert found(verdict) == {
        f"{folder.name}/manifest.json": "is not as it was written; bring it back from a copy"
    }
    assert file.exists()
    assert verdict.files == 18
    file.write_text("{")
    assert look(folder, dry_run=False).plan is None
    file.unlink()
    with pytest.raises(StoreError, match=r"it has no manifest\.json"):
        look(folder)


def spoil(file: Path, how: str, other: Path) -> None:
    data = bytearray(file.read_bytes())
    if how == "truncated":
        file.write_bytes(data[: len(data) * 2 // 3])
    elif how == "emptied":
        file.write_bytes(b"")
    elif how == "flipped":
        column = pq.read_metadata(file).row_group(0).column(0)
        begin = column.dictionary_page_offset or column.data_page_offset
        data[begin + column.total_compressed_size - 1] ^= 0x10
        file.write_bytes(data)
    elif how == "deleted":
        file.unlink()
    elif how == "foreign":
        shutil.copyfile(other, file)


@pytest.mark.parametrize(
    ("kind", "compacted"), [("all", True), ("points", False), ("failing", False), ("failing points", True)]
)
def test_what_is_spoilt_is_made_again_as_it_was(
    copy: Store, whole: Store, tmp_path: Path, kind: str, compacted: bool
) -> None:
    """Every table at once, each file in its own way."""
    folder, plan = copy(kind), plan_of_kind(kind)
    if compacted:
        compact(folder, progress=False, most_rows=25, most_numbers=8000)
    ways = ("truncated", "emptied", "flipped", "deleted", "foreign")
    others = {"all": "failing", "failing": "all", "points": "failing points", "failing points": "points"}
    spoilt = set()
    for place in sorted({file.parent for file in parts_of(folder)}):
        for n, file in enumerate(sorted(place.iterdir())[:5]):
            other = sorted((whole(others[kind]) / place.name).glob("*.parquet"))
            if ways[n] == "foreign" and not other:
                continue
            spoil(file, ways[n], other[0] if other else file)
            spoilt |= {file} if ways[n] != "deleted" else set()
    verdict = look(folder, dry_run=False)
    assert {one.file for one in verdict.findings} >= spoilt
    assert all(one.aside is not None and one.aside.exists() for one in verdict.findings)
    assert not verdict.complete
    kept = set(parts_of(folder))
    mend(folder, plan)
    assert_same(whole(kind), folder)
    assert kept <= set(parts_of(folder)), "what was sound is left in place"


def test_parts_that_took_each_others_place(copy: Store, whole: Store) -> None:
    folder = copy("points")
    for names in (
        ("summary/part-00001", "summary/part-00002"),
        ("quantiles/point-00000000", "quantiles/point-00000003"),
    ):
        one, other = (folder / f"{name}.parquet" for name in names)
        one.rename(folder / "between")
        other.rename(one)
        (folder / "between").rename(other)
    assert found(look(folder)) == {
        "summary/part-00001.parquet": "holds other chunks than its name says",
        "summary/part-00002.parquet": "holds other chunks than its name says",
        "quantiles/point-00000000.parquet": "holds other chunks than its name says",
        "quantiles/point-00000003.parquet": "holds other chunks than its name says",
    }
    mend(folder, plan_of_kind("points"))
    assert_same(whole("points"), folder)


def forge(file: Path, plan: Plan, change: Callable[[Table], Table], failed: int = 0) -> None:
    """A part written as if it were ours, with a digest that fits, but with other rows."""
    chunk = int(file.stem[5:])
    file.write_bytes(encode(change(Table.from_arrow(pq.read_table(file))), plan.digest, chunk, failed))


def rows(*left_out: int) -> Callable[[Table], Table]:
    return lambda table: table.rows(~np.isin(np.arange(len(table)), left_out))


def another(column: str, by: int) -> Callable[[Table], Table]:
    return lambda table: Table(
        table.name, table.fields, {**table.data, column: table.numbers(column) + by}, table.keys
    )


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("summary/part-00001", another("run", 1), "holds run 40, which is of another chunk"),
        ("summary/part-00001", another("seed", 1), "has another seed at run 20 than the design"),
        ("summary/part-00001", another("point", 1), "has another point at run 20 than the design"),
        ("summary/part-00001", another("decision.theta", 1), "has another decision.theta at run 20 than the design"),
        ("trajectories/part-00002", rows(3), "holds 11 months of run 43, of 12"),
        ("trajectories/part-00002", another("month", 1), "holds a month outside the period"),
        ("trajectories/part-00002", another("point", 1), "has another point at a run than the design"),
        ("allegiances/part-00003", rows(0), "counts other runs of point 3 than the summary"),
        ("allegiances/part-00003", another("runs", 1), "counts other runs of point 3 than the summary"),
        ("allegiances/part-00003", another("point", -1), "holds points that are of another part"),
    ],
)  # fmt: skip
def test_rows_that_the_plan_does_not_have(
    copy: Store, name: str, change: Callable[[Table], Table], told: str
) -> None:
    folder = copy("all")
    forge(folder / f"{name}.parquet", plan_of_kind("all"), change)
    said = found(look(folder))
    assert said.keys() == {f"{name}.parquet"}
    if not (name.startswith("allegiances") and "counts" in told):
        assert said == {f"{name}.parquet": told}


def test_failures_that_are_not_there(copy: Store, whole: Store) -> None:
    """The summary counts two in this chunk: it is not done until both are there, with their reason."""
    folder, plan = copy("failing"), plan_of_kind("failing")
    file = folder / "failed/part-00005.parquet"
    assert len(pq.read_table(file)) == 2
    forge(file, plan, rows(0), 1)
    assert look(folder).missing == (5,)
    mend(folder, plan)
    forge(file, plan, another("seed", 1), 2)
    assert found(look(folder)) == {"failed/part-00005.parquet": "has another seed at run 40 than the design"}
    mend(folder, plan)
    assert_same(whole("failing"), folder)


def test_what_is_missing_is_no_damage(copy: Store) -> None:
    folder = copy("all")
    (folder / "summary/part-00001.parquet").unlink()
    (folder / "trajectories/part-00004.parquet").unlink()
    verdict = look(folder)
    assert verdict.sound
    assert not verdict.complete
    assert verdict.missing == (1, 4)


def test_what_does_not_belong_there(copy: Store, whole: Store, tmp_path: Path) -> None:
    folder = copy("all")
    compact(folder, progress=False)
    shutil.copy(whole("all") / "summary/part-00003.parquet", folder / "summary")
    shutil.copy(whole("all") / "summary/part-00003.parquet", folder / "summary/part-3.parquet")
    (folder / "quantiles").mkdir()
    shutil.copy(whole("all") / "summary/part-00003.parquet", folder / "quantiles")
    assert Ledger(folder, plan_of_kind("all")).stand().runs == 120
    assert found(look(folder, dry_run=False)) == {
        "summary/part-00003.parquet": "holds what another file holds too",
        "summary/part-3.parquet": "is none of the sweep's files",
        "quantiles/part-00003.parquet": "is of a table that the design does not keep",
    }
    assert look(folder).complete
    assert_same(whole("all"), folder)


def test_a_kill_before_the_last_quantiles(
    whole: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All runs are there, as trajectories that wait for their quantiles."""
    folder, plan = tmp_path / "store", plan_of_kind("points")
    with monkeypatch.context() as patch:
        patch.setattr(sweeping, "settle_points", lambda *_: None)
        run_sweep(plan, folder, progress=False)
    verdict = look(folder)
    assert (verdict.sound, verdict.complete, verdict.missing) == (True, False, ())
    assert verdict.standing is not None
    assert verdict.standing.unsettled == 6
    spilled = folder / ".spill/part-00002.parquet"
    forge(spilled, plan, rows(5))
    assert found(look(folder, dry_run=False)) == {
        ".spill/part-00002.parquet": "holds 11 months of run 35, of 12"
    }
    report = run_sweep(plan, folder, progress=False)
    assert report.made == 15
    assert look(folder).complete
    assert_same(whole("points"), folder)


@contextlib.contextmanager
def read_only(source: Path, place: Path) -> Iterator[None]:
    """A folder seen through a mount that nobody can write to, root included."""
    place.mkdir(exist_ok=True)
    done = subprocess.run(["mount", "--bind", str(source), str(place)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"this machine lets nobody mount: {done.stderr.strip()}")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(place)], check=True)
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_folder_that_cannot_be_written(copy: Store, tmp_path: Path) -> None:
    folder, place = copy("all"), tmp_path / "mounted"
    with read_only(folder, place):
        assert look(place, dry_run=False).complete
    spoil(folder / "summary/part-00002.parquet", "flipped", folder)
    with read_only(folder, place):
        verdict = look(place, dry_run=False)
        assert found(verdict).keys() == {"summary/part-00002.parquet"}
        assert verdict.findings[0].aside is None
        with pytest.raises(OSError, match="Read-only file system"):
            compact(place, progress=False)
    assert (folder / "summary/part-00002.parquet").exists()
