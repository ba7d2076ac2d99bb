"""No pickle is read from a folder of results, and what comes from files is text in a page, never markup."""

from __future__ import annotations

import ast
import base64
import contextlib
import functools
import io
import json
import pickle
import re
import shutil
import sqlite3
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from plots.invented_scores import validation_folder
from scenarios_tiny import tiny_scenario_text

import sim
from sim.report.validation import write_validation_report
from tests.fuzz import doors

SOURCE = Path(sim.__file__).parent
BETWEEN_PROCESSES = {
    "experiments/execute/cluster.py",
    "experiments/execute/processes.py",
    "experiments/execute/remote.py",
}
"""Here a plan goes from a process to those that it started, by memory or by their own connection; nothing is a file."""
WORTH_A_LOOK = re.compile(r"pickle|joblib|marshal|shelve|torch|dill|hdf|(np|numpy|yaml|full|unsafe)[._]load")
LOADERS = {"cPickle", "cloudpickle", "dill", "joblib", "marshal", "pickle", "shelve", "torch"}


def names_in(tree: ast.AST) -> set[str]:
    """Modules that are imported, wherever in a file."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {(node.module or "").partition(".")[0], (node.module or "").rpartition(".")[2]}
    return found


def test_nothing_that_reads_files_knows_a_loader_of_objects() -> None:
    files = sorted(SOURCE.rglob("*.py"))
    assert len(files) > 200
    for file in files:
        place, text = file.relative_to(SOURCE).as_posix(), file.read_text(encoding="utf-8")
        if not WORTH_A_LOOK.search(text):
            continue
        tree = ast.parse(text)
        if place not in BETWEEN_PROCESSES:
            assert not names_in(tree) & LOADERS, place
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            words = {word.arg: ast.unparse(word.value) for word in node.keywords}
            assert node.func.attr not in {"read_pickle", "read_hdf", "unsafe_load", "full_load"}, place
            assert words.get("allow_pickle", "False") == "False", place
            if node.func.attr == "load" and ast.unparse(node.func.value) in ("np", "numpy"):
                assert "allow_pickle" in words, place
            assert not (node.func.attr == "load" and ast.unparse(node.func.value) == "yaml"), place


def test_where_objects_are_loaded_nothing_is_read_from_files() -> None:
    for place in BETWEEN_PROCESSES:
        text = (SOURCE / place).read_text(encoding="utf-8")
        assert not re.search(r"\bopen\(|read_bytes|pickle\.load\(", text), place


class Planted:
    """Makes a mark when it is unpickled."""

    def __init__(self, mark: str) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return open, (self.mark, "w")


def disguises(mark: Path) -> list[bytes]:
    """A pickle as it is, in an array of numpy's, in an archive of them, and as JSON and YAML would have it run."""
    bad = pickle.dumps(Planted(str(mark)))
    array, packed = io.BytesIO(), io.BytesIO()
    np.save(array, np.array([Planted(str(mark))], dtype=object), allow_pickle=True)
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("values.npy", "good.npy"):
            archive.writestr(name, array.getvalue())
    tagged = f"!!python/object/apply:builtins.open [{mark}, w]\n".encode()
    return [bad, array.getvalue(), packed.getvalue(), tagged]


def test_the_pickles_that_are_planted_would_run(tmp_path: Path) -> None:
    for n, data in enumerate(disguises(tmp_path / "mark")[:2]):
        pickle.loads(data) if n == 0 else np.load(io.BytesIO(data), allow_pickle=True)
        assert (tmp_path / "mark").exists()
        (tmp_path / "mark").unlink()


@pytest.mark.parametrize("kind", doors.FOLDERS)
def test_a_pickle_in_the_place_of_any_file_does_not_run(kind: str, tmp_path: Path) -> None:
    mark = tmp_path / "it-was-run"
    ways = disguises(mark)
    some = [name for name in doors.folder_files(kind) if "part-" not in name or "00000" in name]
    for n, name in enumerate(some):
        for data in (ways[0], ways[1 + n % 3]):
            doors.results(kind, name, data)
            assert not mark.exists(), name
    for name in ("posterior.pkl", "model.joblib", "cache.pickle", ".compacted", "summary.parquet"):
        with doors.copied(kind) as folder:
            (folder / name).write_bytes(ways[0])
            doors.refusal(functools.partial(doors.OPENERS[kind], folder))
    assert not mark.exists()


def test_a_pickle_in_parts_of_an_analysis_does_not_run_when_it_goes_on(tmp_path: Path) -> None:
    mark, file = tmp_path / "it-was-run", tmp_path / "sensitivity.yaml"
    file.write_text(doors.SENSITIVITY)
    (tmp_path / "tiny.yaml").write_text(tiny_scenario_text())
    for data in disguises(mark):
        shutil.copytree(doors.seed_folder("sensitivity"), tmp_path / "out", dirs_exist_ok=True)
        (tmp_path / "out/sensitivity.json").unlink()
        for part in (tmp_path / "out/parts").rglob("*.npz"):
            part.write_bytes(data)
        sim.sensitivity(file, out=tmp_path / "out", figures=False, progress=False)
    assert not mark.exists()


def test_the_database_of_smc_is_read_without_unpickling(tmp_path: Path) -> None:
    """pyABC keeps what runs gave as blobs: arrays in numpy's form, tables as Parquet. A pickle there is refused."""
    pytest.importorskip("pyabc")
    from sim.experiments.calibration.smc import _found, _history, need_pyabc

    pyabc, file, mark = need_pyabc(), tmp_path / "smc.db", tmp_path / "it-was-run"
    at = f"sqlite:///{file}"
    abc = pyabc.ABCSMC(
        lambda p: {"near": np.array([p["z0"], 0.0])}, pyabc.Distribution(z0=pyabc.RV("norm", 0, 1)),
        lambda x, y: float(np.min(x["near"])), population_size=5, sampler=pyabc.sampler.SingleCoreSampler(),
    )  # fmt: skip
    abc.new(at, {"near": np.zeros(2)})
    abc.run(max_nr_populations=1)
    assert _found(_history(pyabc, at), ["z0"]).u.shape == (5, 1)
    for data in disguises(mark):
        with sqlite3.connect(file) as base:
            tables = [name for (name,) in base.execute("select name from sqlite_master where type = 'table'")]
            spoilt = 0
            for table in tables:
                for _, column, form, *_ in base.execute(f"pragma table_info({table})").fetchall():
                    if form.upper() in ("BLOB", "LARGEBINARY"):
                        spoilt += base.execute(f"update {table} set {column} = ?", (data,)).rowcount
        assert spoilt
        history = pyabc.History(at)
        with pytest.raises((ValueError, TypeError, AttributeError, OSError)):
            history.observed_sum_stat()
        with contextlib.suppress(Exception):
            history.get_population()
        with contextlib.suppress(Exception):
            history.get_weighted_sum_stats()
        assert not mark.exists()
    file.write_bytes(disguises(mark)[0])
    assert _history(pyabc, at) is None
    assert not mark.exists()


# Pages

NASTY = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'><svg/onload=alert(1)>", "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}", "</style><script>alert(1)</script>", "]]>--><b>",
)  # fmt: skip
ALL = " ".join(NASTY)


class Seen(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def harmless(text: str, told: bool = True) -> None:
    """No element, attribute or address came out of a file; what it said is there as text."""
    seen = Seen(text)
    for tag, attributes in seen.tags:
        assert tag not in {"script", "svg", "iframe", "object", "embed", "link", "base", "form"}, tag
        assert not any(name.startswith("on") for name in attributes), attributes
        for name in ("src", "srcset", "href", "action"):
            value = attributes.get(name) or "#"
            assert value.startswith(("data:image/svg+xml;base64,", "#")), value
            if value.startswith("data:"):
                picture = base64.b64decode(value.partition(",")[2]).decode()
                inside = Seen(picture)
                assert not any(tag in ("script", "foreignobject", "img", "a") for tag, _ in inside.tags)
                assert not any(name.startswith("on") for _, each in inside.tags for name in each)
    if told:
        words = " ".join(seen.words)
        assert all(one in words for one in NASTY[:2]), words[:500]
        assert "{{ 7 * 7 }}{% raw %}" in words


def nasty_scenario(file: Path, extends: str) -> Path:
    """A scenario whose every text is markup: titles, questions, notes, names, units, sources."""
    about = {
        "extends": extends,
        "meta": {"title": "T" + ALL[:150], "question": ALL, "notes": [ALL]},
        "factions": {"sons": {"name": "Sons " + NASTY[0] + NASTY[1][:60]}, "guests": {"name": NASTY[2]}},
        "patrons": {"banner": {"name": "B" + NASTY[0], "leader": NASTY[1]}},
        "weights": {"b_tie": {"value": 0.0, "source": "judgement: " + ALL}},
        "what_if": {"statements": ["M53"], "held_fixed": [ALL], "expects": ALL},
    }
    file.write_text(json.dumps(about))
    return file


def test_pages_of_comparisons_hold_no_markup_of_scenarios(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(tiny_scenario_text())
    file = nasty_scenario(tmp_path / "x.yaml", "tiny.yaml")
    told = sim.compare("tiny.yaml", [str(file)], runs=8, progress=False)
    told.save("out", figures=False)
    again = sim.open_comparison("out")
    again.report("page.html")
    harmless((tmp_path / "page.html").read_text(encoding="utf-8"))
    harmless(again._repr_html_() if hasattr(again, "_repr_html_") else "", told=False)


def test_what_notebooks_show_of_scenarios_runs_and_sweeps_is_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(tiny_scenario_text())
    handle = sim.load(str(nasty_scenario(tmp_path / "x.yaml", "tiny.yaml")))
    harmless(handle._repr_html_())
    run = sim.run(handle, seed=1, until="2013-06")
    run.save("run", figures=False)
    opened = sim.open_run("run")
    harmless(opened._repr_html_(), told=False)
    harmless(opened.explain("sons")._repr_html_(), told=False)
    design = {
        "meta": {"title": ALL[:150], "question": ALL, "schema_version": 1},
        "scenario": "x.yaml",
        "until": "2013-03",
    }
    (tmp_path / "d.yaml").write_text(json.dumps(design))
    harmless(sim.sweep("d.yaml", out="d", progress=False)._repr_html_())


def test_pages_of_validations_hold_no_markup_of_their_folder(tmp_path: Path) -> None:
    folder = validation_folder(tmp_path / "v")
    file = folder / "validation.json"
    told = json.loads(file.read_text())
    told |= {
        "title": ALL,
        "question": ALL,
        "notes": [ALL],
        "scenario": ALL,
        "calibration": ALL,
        "split_sha256": ALL,
    }
    told["inputs_after_fit"] = [dict.fromkeys(("event", "month", "kind", "source"), ALL)]
    told["patterns"] = {
        name: {**about, "title": ALL, "source": ALL, "note": ALL} for name, about in told["patterns"].items()
    }
    file.write_text(json.dumps(told))
    for table in folder.glob("*.parquet"):
        if table.stem not in ("verdicts", "patterns", "units", "refits", "recoding"):
            # Each figure is drawn twice, and takes its time.
            table.unlink()
            continue
        frame = pd.read_parquet(table)
        for name in ("name", "cluster", "title", "unit", "how"):
            if name in frame and frame[name].dtype.kind in "OTUS":
                frame[name] = frame[name].astype(str) + ALL[:90]
        frame.to_parquet(table)
    page = write_validation_report(folder, tmp_path / "page.html").read_text(encoding="utf-8")
    harmless(page)
