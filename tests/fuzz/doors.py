"""The doors of the program, each as a function of what comes in: it is taken, or refused with a word.

Every function here comes back, or raises a :class:`BayahError` whose problems each fit on a line of a terminal. Anything
else that comes out is a fault. The tests and the fuzzer knock at the same doors.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sim.errors import BayahError

__all__ = [
    "EXPERIMENTS", "FOLDERS", "OPENERS", "READY", "ROOT", "copied", "experiment", "folder_files", "refusal", "results",
    "scenario", "seed_folder", "seed_texts", "told", "ucdp",
]  # fmt: skip

ROOT = Path(__file__).resolve().parents[2]
for _place in (ROOT, ROOT / "tests"):
    if str(_place) not in sys.path:
        sys.path.insert(0, str(_place))

from scenarios_tiny import tiny_scenario_text  # noqa: E402

from tests.experiments import ucdp_rows  # noqa: E402

READY = "BAYAH_FUZZ_FOLDERS"
"""Variable of the environment that names a folder in which another process has made sound folders of results."""
EXPERIMENTS = ("design", "patterns", "sensitivity", "calibration", "validation", "split", "units")
FOLDERS = ("run", "sweep", "comparison", "calibration", "validation", "sensitivity")

DESIGN = """\
meta: {title: A design, question: What of it, schema_version: 1}
scenario: tiny.yaml
until: 2013-12
set: {decision.theta: 3}
uncertainties:
  - {sample: latin_hypercube, points: 8, over: {weights.b_tie: {low: 0, high: 1}}}
  - table: {file: points.csv}
levers:
  - grid: {weights.b_embed: [1, 2], decision.rule: [logit, threshold]}
  - zip: {patrons.banner.effort: {low: 0.1, high: 0.9, count: 3}, patrons.banner.tolerance: [0.1, 0.2, 0.3]}
replicates: 4
seed: 3
trajectories: {keep: all, outcomes: [attacks]}
allegiances: true
chunk: 50
impossible: skip
"""
PATTERNS = """\
meta: {title: Patterns, schema_version: 1, until: 2014-12, units: units.csv}
patterns:
  P1:
    title: Deaths
    role: fit
    score: share
    confidence: low
    source: invented
    parts:
      mean: {statistic: yearly_mean, with: {outcome: attacks, first: 2013, last: 2014}, range: [1, 20], log: true}
      pledged: {statistic: pledged_ever, observed: coded, range: [0, 3]}
"""
SENSITIVITY = """\
meta: {title: Which matter, question: Which, schema_version: 1}
scenario: tiny.yaml
until: 2013-12
outputs:
  pledges: {title: Pledges, statistic: pledged_ever}
parameters: {weights.b_embed: {low: 0, high: 4}, weights.b_tie: {low: 0, high: 1}}
morris: {trajectories: 4, replicates: 4}
"""
CALIBRATION = """\
meta: {title: Two weights, question: Which, schema_version: 1}
scenario: tiny.yaml
patterns: patterns.yaml
free: {weights.b_embed: prior}
as_stated: ["weights.*"]
table: {draws: 64, replicates: 2, accept: 0.4}
rivals: {led: {title: Led, set: {weights.b_tie: 0}}}
rival_table: {draws: 64, replicates: 2}
smc: {particles: 20, replicates: 2, generations: 2}
recovery: {truths: 2, by_smc: 0}
seed: 3
"""
UNITS = """\
unit,cluster,first_oath,first_support,side_2013_12,near,kind
sons,,2014-03,,alone,1,old
guests,a,,,incumbent,0,new
old_guard,a,2013-05,2013-04,focus,1,"n, w"
"""
POINTS = "weights.b_power\n1\n2.5\n"


def told(error: BayahError) -> str:
    """What a terminal gets to see, after a look at its form."""
    assert error.problems, "an error without a word"
    for problem in error.problems:
        line = str(problem)
        assert line, "an empty problem"
        assert line.isprintable(), f"not fit for a terminal: {line!r}"
        assert len(line) < 5000, f"a line of {len(line)} characters"
    return str(error)


def refusal(work: Callable[[], Any]) -> str | None:
    """The refusal, or None where it was taken."""
    try:
        work()
    except BayahError as error:
        return told(error)
    return None


@functools.cache
def _ground() -> Path:
    """A folder with sound files, which those under test stand beside."""
    import atexit

    place = Path(tempfile.mkdtemp(prefix="bayah-fuzz-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    texts = {
        "tiny.yaml": tiny_scenario_text(), "patterns.yaml": PATTERNS, "units.csv": UNITS, "points.csv": POINTS,
        "calibration.yaml": CALIBRATION,
    }  # fmt: skip
    for name, text in texts.items():
        (place / name).write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "scenarios/parts", place / "parts")
    shutil.copytree(ROOT / "experiments/record", place / "record")
    shutil.copy(ROOT / "experiments/split.yaml", place)
    return place


def seed_texts(door: str) -> dict[str, bytes]:
    """Sound inputs of a door, by name: bundled files and small ones."""
    bundled = ROOT / "experiments"
    texts: dict[str, list[Path | str]] = {
        "scenario": [
            tiny_scenario_text(), ROOT / "scenarios/what-if/no-prison-release.yaml",
            ROOT / "scenarios/what-if/levant-returnees-25.yaml", ROOT / "scenarios/baseline.yaml",
            "extends: tiny.yaml\nchanges: {2015-06: {set: {patrons.banner.effort: 0.6}, remove: [ties.0]}}\n",
            "extends: [tiny.yaml, baseline]\nevents: {plea: null}\n",
        ],
        "design": [DESIGN, *(bundled / f"{name}.yaml" for name in ("omar-by-successor", "weights-hypercube"))],
        "patterns": [PATTERNS, bundled / "patterns.yaml"],
        "sensitivity": [SENSITIVITY, bundled / "sensitivity.yaml"],
        "calibration": [CALIBRATION, bundled / "calibration.yaml"],
        "validation": [bundled / "validation.yaml"],
        "split": [bundled / "split.yaml"],
        "units": [UNITS, *sorted((bundled / "record").glob("*.csv"))],
        "ucdp": list(_ucdp_texts()),
    }  # fmt: skip
    return {
        f"{door}-{n}": text.encode()
        if isinstance(text, str)
        else text.read_bytes().replace(b"../baseline.yaml", b"baseline")
        for n, text in enumerate(texts[door])
    }


def _ucdp_texts() -> Iterator[str]:
    rows = {
        "BattleDeaths_v99_1.csv": (ucdp_rows.BATTLE, [
            ucdp_rows.battle("Government of Afghanistan", "IS", 2015, 700, 600, 900),
            ucdp_rows.battle("Government of Afghanistan", "IS", 2016, 900, 800, 990),
        ]),
        "Nonstate_v99_1.csv": (ucdp_rows.NONSTATE, [
            ucdp_rows.nonstate("IS", "Taleban", 2015, 300, 200, 400),
            ucdp_rows.nonstate("IS", "Taleban", 2017, 350, 350, 350),
            ucdp_rows.nonstate("High Council of Afghanistan Islamic Emirate", "Taleban", 2016, 50, 40, 90),
        ]),
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as place:
        for name, (columns, lines) in rows.items():
            yield Path(ucdp_rows.write(Path(place) / name, columns, lines)).read_text(encoding="utf-8")


def scenario(data: bytes) -> str | None:
    """A scenario file: read, checked, linted, listed, written out, read again."""
    from sim.scenario.evidence import evidence
    from sim.scenario.lint import lint, notes
    from sim.scenario.load import load, load_text, resolved_yaml

    file = _ground() / "knocks.yaml"
    file.write_bytes(data)

    def work() -> None:
        loaded = load(file)
        lint(loaded), notes(loaded), evidence(loaded)
        assert load_text(resolved_yaml(loaded)).scenario == loaded.scenario

    return refusal(work)


@contextlib.contextmanager
def _bundled_read_once() -> Iterator[None]:
    """Bundled files take their time to read, and no bit of them is under test."""
    from sim.experiments.calibration import problem
    from sim.experiments.validation import reading

    load, read = problem.load, reading.read_calibration
    problem.load = lambda name, *rest: (
        _once(load, name) if name == "baseline" and not rest else load(name, *rest)
    )
    reading.read_calibration = lambda name, *rest: (
        _once(read, name) if name == "calibration" and not rest else read(name, *rest)
    )
    try:
        yield
    finally:
        problem.load, reading.read_calibration = load, read


@functools.cache
def _once(read: Callable[[str], Any], name: str) -> Any:
    return read(name)


def experiment(kind: str, data: bytes) -> str | None:
    """An experiment file of a kind, as ``bayah check`` reads it, or a file that one names."""
    from sim.api.advising import advice, experiment_kind
    from sim.api.checking import CHECKS
    from sim.api.sweeping import plan_sweep

    place = _ground()
    name = {"units": "units-knock.csv", "split": "split-knock.yaml"}.get(kind, "knocks.yaml")
    file = place / name
    file.write_bytes(data)

    def work() -> None:
        with _bundled_read_once():
            if kind == "units":
                from sim.experiments.patterns.units import read_units

                read_units(file)
            elif kind == "split":
                text = (ROOT / "experiments/validation.yaml").read_text(encoding="utf-8")
                asked = place / "validation.yaml"
                asked.write_text(text.replace("split.yaml", name), encoding="utf-8")
                CHECKS["validation"](str(asked))
            elif kind == "design":
                experiment_kind(str(file))
                advice(file, plan_sweep(file))
            else:
                experiment_kind(str(file))
                CHECKS[kind](str(file))

    return refusal(work)


def ucdp(data: bytes) -> str | None:
    """A CSV of the UCDP, read into patterns."""
    from sim.experiments.patterns.ucdp.writing import read_ucdp

    file = _ground() / "Nonstate_v99_1.csv"
    file.write_bytes(data)

    def work() -> None:
        found = read_ucdp([file])
        assert found.text

    return refusal(work)


# Folders of results, made once; each knock is a copy of one with a file spoilt.


@functools.cache
def seed_folder(kind: str) -> Path:
    """A sound folder of results."""
    import sim

    made = os.environ.get(READY)
    place = Path(made or _ground()) / f"seed-{kind}"
    if made:
        return place
    if kind == "run":
        sim.run(str(_ground() / "tiny.yaml"), seed=1).save(place, figures=False)
    elif kind == "sweep":
        from tests.experiments.stores import store_of_kind

        store_of_kind(place, "all")
    elif kind == "comparison":
        other = _ground() / "other.yaml"
        other.write_text("extends: tiny.yaml\nmeta: {title: Other}\nweights: {b_tie: 0}\n", encoding="utf-8")
        sim.compare(str(_ground() / "tiny.yaml"), [str(other)], runs=8, progress=False).save(
            place, figures=False
        )
    elif kind == "sensitivity":
        file = _ground() / "sensitivity.yaml"
        file.write_text(SENSITIVITY, encoding="utf-8")
        sim.sensitivity(file, out=place, figures=False, progress=False)
    elif kind == "calibration":
        from plots.invented import calibration_folder

        calibration_folder(place)
        shutil.copy(ROOT / "scenarios/posterior.parquet", place)
    else:
        from plots.invented_scores import validation_folder

        validation_folder(place)
    return place


def folder_files(kind: str) -> list[str]:
    """Files of a sound folder, by path inside it."""
    place = seed_folder(kind)
    return sorted(file.relative_to(place).as_posix() for file in place.rglob("*") if file.is_file())


@contextlib.contextmanager
def copied(kind: str) -> Iterator[Path]:
    """A copy of a sound folder, to spoil."""
    with tempfile.TemporaryDirectory(dir=_ground()) as place:
        folder = Path(place) / "results"
        shutil.copytree(seed_folder(kind), folder)
        yield folder


def results(kind: str, name: str, data: bytes, resigned: bool = True) -> str | None:
    """A folder of results in which one file holds something else.

    Parameters
    ----------
    kind
        One of :data:`FOLDERS`.
    name
        The file.
    data
        What it holds.
    resigned
        Have the manifest vouch for it, as whoever means harm would.
    """
    with copied(kind) as folder:
        (folder / name).write_bytes(data)
        if resigned:
            _resign(kind, folder, name)
        return refusal(lambda: OPENERS[kind](folder))


def _resign(kind: str, folder: Path, name: str) -> None:
    import hashlib

    file = folder / "manifest.json"
    if name == file.name or kind not in ("run", "comparison", "sweep"):
        return
    about = json.loads(file.read_text(encoding="utf-8"))
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    if kind == "run" and name == "scenario.resolved.yaml":
        about["scenario"]["sha256"] = digest
    elif kind == "run":
        about["tables"][name.removesuffix(".parquet")]["sha256"] = digest
    elif kind == "comparison":
        about["files"][name] = digest
    else:
        return
    file.write_text(json.dumps(about), encoding="utf-8")


def _open_run(folder: Path) -> None:
    import sim

    run = sim.open_run(folder)
    for name in ("factions", "patrons", "regions", "events", "decisions", "outcomes"):
        getattr(run, name)
        run.columns(name)
    run.summary, run.reports, run.table(), run.summary_text(), repr(run), run._repr_html_()
    str(run.explain("sons"))


def _open_sweep(folder: Path) -> None:
    import sim
    from sim.experiments.store.verify import verify

    found = sim.open_results(folder)
    repr(found), found._repr_html_(), found.status()
    for name in (
        "summary",
        "design",
        "failures",
        "parameters",
        "scenarios",
        "outcomes",
        "monthly",
        "title",
        "name",
    ):
        getattr(found, name)
    found.trajectories(points=0), found.bands("attacks"), found.allegiances()
    verify(folder, dry_run=True, progress=False)


def _open_comparison(folder: Path) -> None:
    import sim

    found = sim.open_comparison(folder)
    (
        found.text(),
        repr(found),
        found._repr_html_(),
        found.difference(),
        found.who_moved(),
        found.reasons(),
        found.pairs,
    )
    for name in (found.base, *found.alternatives):
        found.scenario(name)


def _open_sensitivity(folder: Path) -> None:
    import sim

    found = sim.open_sensitivity(folder)
    found.text(), repr(found), found.morris, found.noise(), found.markdown()


def _open_study(folder: Path) -> None:
    import sim
    from sim.plots.study import Study
    from sim.report.validation_tables import tables
    from sim.report.validation_words import failures, held
    from sim.results.trust import as_written

    found = sim.open_findings(folder)
    repr(found)
    for name in found.tables:
        found.table(name)
    if (folder / "validation.json").is_file():
        study = Study(folder, "validation")
        with as_written(folder):
            tables(study), failures(study), held(study)
    else:
        sim.posterior(folder)


OPENERS: dict[str, Callable[[Path], None]] = {
    "run": _open_run,
    "sweep": _open_sweep,
    "comparison": _open_comparison,
    "calibration": _open_study,
    "validation": _open_study,
    "sensitivity": _open_sensitivity,
}
