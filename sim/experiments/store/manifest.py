"""What a store says of itself, made once and by one: everything that is needed to make its runs again."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import Problem, ScenarioError, StoreError
from sim.experiments.design import MOST_RUNS
from sim.experiments.plan import Keep, Plan, PlannedScenario, Variable
from sim.experiments.store.files import create_once, land
from sim.experiments.store.parts import FORMAT, VERSION
from sim.results.folder import kind_of, no_folder
from sim.results.tables import Table
from sim.results.trust import MOST_JSON, as_written, is_plain_name, part_of, read_json, told_of
from sim.scenario.reader import read_bytes

__all__ = [
    "DESIGN", "MANIFEST", "SCENARIOS", "describe", "design_table", "found_or_join", "manifest_flaw", "plan_of",
    "read_manifest",
]  # fmt: skip

MANIFEST, DESIGN, SCENARIOS = "manifest.json", "design.parquet", "scenarios"
_MOST_CHUNKS = 20_000_000
"""More files than this are a manifest that was tampered with."""


def describe(plan: Plan) -> dict[str, Any]:
    """The manifest of a plan."""
    from importlib.metadata import version

    from sim.jit import source_hash

    keep = plan.keep
    about = {
        "format": FORMAT,
        "version": VERSION,
        "name": plan.name,
        "title": plan.title,
        "question": plan.question,
        "digest": plan.digest,
        "design": plan.form,
        "runs": plan.runs,
        "points": plan.points,
        "skipped": plan.skipped,
        "replicates": plan.replicates,
        "seed": plan.seed,
        "draws": plan.draws,
        "chunk": plan.chunk,
        "chunks": plan.chunks,
        "months": plan.months,
        "until": plan.until,
        "scenarios": [
            {"name": s.name, "file": scenario_file(s.name), "sha256": s.digest} for s in plan.scenarios
        ],
        "parameters": [{"path": v.path, "kind": v.kind, "unit": v.unit} for v in plan.variables],
        "keep": {
            "outcomes": list(keep.outcomes),
            "trajectories": keep.trajectories,
            "monthly": list(keep.monthly),
            "allegiances": keep.allegiances,
        },
        "driver": plan.driver,
        "rule": plan.rule,
        "code": source_hash(),
        "packages": {name: version(name) for name in ("bayah", "numpy", "numba", "pyarrow", "scipy")},
    }
    return {**about, "check": _check(about)}


def scenario_file(name: str) -> str:
    """Where the text of a scenario is kept, in the folder of the store; a name may be a path, where two were the same."""
    if is_plain_name(f"{name}.yaml") and not name.startswith("."):
        return f"{SCENARIOS}/{name}.yaml"
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[-60:]
    return f"{SCENARIOS}/{plain}.{hashlib.sha256(name.encode()).hexdigest()[:12]}.yaml"


def _check(about: Mapping[str, Any]) -> str:
    """A digest of a manifest, that tells whether a letter of it was changed."""
    rest = {key: value for key, value in about.items() if key != "check"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def manifest_text(about: Mapping[str, Any]) -> str:
    """A manifest as it is written."""
    return json.dumps(about, indent=2, ensure_ascii=False) + "\n"


def manifest_flaw(folder: Path) -> str | None:
    """What is wrong with the manifest of a store, every letter of it read; None where it is sound."""
    try:
        about = read_manifest(folder)
    except StoreError as error:
        return error.problems[0].message
    text = read_bytes(folder / MANIFEST, most=MOST_JSON)
    if about.get("check") != _check(about) or text != manifest_text(about).encode():
        return "is not as it was written"
    return None


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a store.

    Raises
    ------
    StoreError
        If the folder is not there, is no sweep of ours, or was written by a newer version.
    """
    file = folder / MANIFEST
    if not folder.is_dir():
        raise StoreError(Problem(no_folder(folder), str(folder)))
    if not file.is_file():
        raise StoreError(Problem(f"is not the folder of a sweep: it has no {MANIFEST}", str(folder)))
    manifest = read_json(file, "manifest of a sweep")
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise StoreError(Problem(f"is not the manifest of a sweep{kind_of(manifest)}", str(file)))
    found = manifest.get("version")
    if not isinstance(found, int) or found > VERSION:
        message = f"was written by a newer version of the program (format {found}, known {VERSION})"
        raise StoreError(Problem(message, str(file)))
    with as_written(file):
        for entry in manifest["scenarios"]:
            part_of(folder, entry["file"])
    return manifest


def found_or_join(folder: Path, plan: Plan) -> bool:
    """Make the store of a plan, or join one that is there.

    Returns
    -------
    bool
        Whether this call made it.

    Raises
    ------
    StoreError
        If the folder holds something else, another design, or runs of other code.
    OSError
        If it cannot be written.
    """
    wanted = describe(plan)
    file = folder / MANIFEST
    if not file.exists():
        if folder.exists() and not folder.is_dir():
            raise StoreError(Problem("is a file; name a folder", str(folder)))
        folder.mkdir(parents=True, exist_ok=True)
        if any(not entry.name.startswith(".") for entry in folder.iterdir()) and not file.exists():
            raise StoreError(Problem("is not empty and holds no sweep; name another folder", str(folder)))
        made = create_once(file, manifest_text(wanted).encode())
    else:
        made = False
    if not made:
        _compare(read_manifest(folder), wanted, folder)
    _complete(folder, plan)
    return made


def _compare(there: Mapping[str, Any], wanted: Mapping[str, Any], folder: Path) -> None:
    if there.get("digest") != wanted["digest"]:
        problems = _differences(there.get("design") or {}, wanted["design"])
        what = "holds the runs of another design; resume with that one, or name another folder"
        raise StoreError(
            [Problem(what, str(folder)), *(Problem(text, str(folder), path=key) for key, text in problems)]
        )
    if there.get("code") != wanted["code"]:
        message = (
            f"holds runs made by other code ({there.get('code')}, here {wanted['code']}, "
            f"bayah {there.get('packages', {}).get('bayah', '?')}); resume with that version, or name another folder"
        )
        raise StoreError(Problem(message, str(folder)))


def _differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What two designs differ in: name and words."""
    told = []
    for key in dict.fromkeys([*there, *here]):
        before, now = there.get(key), here.get(key)
        if before == now:
            continue
        if key == "values":
            told.append((key, "other values of what is varied"))
        elif key == "scenarios":
            names = [name for name in now or {} if (before or {}).get(name) != (now or {})[name]]
            gone = [name for name in before or {} if name not in (now or {})]
            told.append((key, f"changed or new: {', '.join(names) or '-'}; gone: {', '.join(gone) or '-'}"))
        else:
            told.append((key, f"{_short(before)} there, {_short(now)} here"))
    return told


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else text[:197] + "..."


def _complete(folder: Path, plan: Plan) -> None:
    """Write what follows from the plan, where it is missing: whoever joins may do so, for all write the same."""
    (folder / SCENARIOS).mkdir(exist_ok=True)
    for scenario in plan.scenarios:
        file = folder / scenario_file(scenario.name)
        if not file.exists():
            land(file, scenario.text.encode())
    if not (folder / DESIGN).exists():
        import pyarrow as pa
        import pyarrow.parquet as pq

        sink = pa.BufferOutputStream()
        pq.write_table(design_table(plan), sink, compression="zstd", write_page_checksum=True)
        land(folder / DESIGN, bytes(sink.getvalue()))


def design_table(plan: Plan) -> Any:
    """The table of points as it is kept (``pyarrow``)."""
    return plan.table().arrow({"format": FORMAT, "version": str(VERSION), "design": plan.digest})


def plan_of(folder: Path) -> Plan:
    """The plan of a store, from its files.

    Raises
    ------
    StoreError
        If a file is missing or not the one that was written.
    """
    about = read_manifest(folder)
    try:
        scenarios = tuple(
            PlannedScenario(entry["name"], _scenario_text(part_of(folder, entry["file"])))
            for entry in about["scenarios"]
        )
        variables = tuple(
            Variable(entry["path"], entry["kind"], entry["unit"]) for entry in about["parameters"]
        )
        kept: dict[str, Any] = {
            name: tuple(v) if isinstance(v, list) else v for name, v in about["keep"].items()
        }
        keep = Keep(**kept)
        scenario_of, columns = _points(folder / DESIGN, [s.name for s in scenarios], variables)
        named = (
            "name",
            "title",
            "question",
            "replicates",
            "seed",
            "draws",
            "chunk",
            "until",
            "driver",
            "rule",
        )
        plan = Plan(
            scenarios=scenarios,
            variables=variables,
            scenario_of=scenario_of,
            columns=columns,
            keep=keep,
            skipped=about["skipped"],
            months=about["months"],
            **{name: about[name] for name in named},
        )
        with as_written(folder / MANIFEST):
            _check_size(plan, folder)
            same = plan.digest == about["digest"]
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(Problem(f"is damaged: {told_of(error)}", str(folder / MANIFEST))) from None
    if not same:
        told = "; ".join(f"{key}: {text}" for key, text in _differences(about["design"], plan.form))
        raise StoreError(Problem(f"does not fit its own files: {told}", str(folder / MANIFEST)))
    return plan


def _check_size(plan: Plan, folder: Path) -> None:
    """Refuse what no sweep has: numbers that are none, and more files than can be counted."""
    whole = (plan.replicates, plan.chunk, plan.seed, plan.months, plan.skipped)
    if (
        any(type(number) is not int for number in whole)
        or plan.replicates < 1
        or plan.chunk < 1
        or not plan.points
    ):
        raise StoreError(Problem("is damaged: a number of runs is none", str(folder / MANIFEST)))
    if plan.runs > MOST_RUNS or plan.chunks > _MOST_CHUNKS:
        told = f"is damaged: {plan.runs:,} runs in {plan.chunks:,} files are more than there can be"
        raise StoreError(Problem(told, str(folder / MANIFEST)))


def _scenario_text(file: Path) -> str:
    if not file.is_file():
        raise StoreError(Problem("is missing from the folder of the sweep", str(file)))
    try:
        return read_bytes(file).decode("utf-8")
    except ScenarioError as error:
        raise StoreError(error.problems) from None
    except UnicodeDecodeError:
        raise StoreError(Problem("is damaged: it is no text", str(file))) from None


def _points(file: Path, names: list[str], variables: tuple[Variable, ...]) -> tuple[Any, dict[str, Any]]:
    import pyarrow as pa

    from sim.experiments.store.parts import read_part

    if not file.is_file():
        raise StoreError(Problem("is missing from the folder of the sweep", str(file)))
    try:
        table = Table.from_arrow(read_part(file))
    except (pa.ArrowException, OSError, StoreError) as error:
        told = (str(error) or type(error).__name__).splitlines()[0]
        raise StoreError(Problem(f"cannot be read: {told}", str(file))) from None
    words = table.words("scenario")
    place = np.array([names.index(word) for word in words.words], dtype=np.int32)
    columns: dict[str, Any] = {}
    for variable in variables:
        text = variable.kind not in ("number", "switch")
        columns[variable.path] = table.words(variable.path).texts() if text else table.numbers(variable.path)
    return place[words.codes], columns
