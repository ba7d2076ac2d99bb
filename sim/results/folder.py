"""The folder of a run: written whole or not at all, and never over something that is not ours."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from sim.errors import Problem, StoreError
from sim.results.tables import Table, Words
from sim.results.trust import as_written, has_control, part_of, read_json

__all__ = [
    "FORMAT",
    "MANIFEST",
    "SCENARIO",
    "TABLES",
    "VERSION",
    "check_target",
    "digest",
    "entries",
    "manifest_of",
    "read_manifest",
    "read_table",
    "write_folder",
    "write_whole",
]

FORMAT = "bayah run"
VERSION = 1
"""Version of the folder's format; a reader refuses newer ones."""
MANIFEST = "manifest.json"
SCENARIO = "scenario.resolved.yaml"
FIGURES = "figures"
TABLES = ("factions", "patrons", "regions", "events", "decisions", "outcomes")

_REPLACE = "--force replaces it (in Python: force=True), --out names another folder"
_KINDS = {
    FORMAT: "a run: bayah explain, sim.open_run",
    "bayah sweep": "a sweep: bayah plot, sim.open_results",
    "bayah comparison": "a comparison: bayah explain, sim.open_comparison",
    "bayah sensitivity": "an analysis: sim.open_sensitivity",
}
_MOST_CELLS = 30_000_000
"""Most values of a table that is read; a run of a hundred factions over a century has fewer."""


def check_target(
    folder: str | Path, force: bool = False, what: str = "run", ours: Callable[[Path], set[str]] | None = None
) -> Path:
    """Whether a run may be written to a folder; asked before the run, so that nobody waits for a refusal.

    Parameters
    ----------
    folder
        Where to write. It may be missing or empty.
    force
        Replace a run that is there.
    what
        What is written.
    ours
        Names everything of such a thing that is there; raises StoreError if it is none.

    Returns
    -------
    Path
        The folder, absolute, links followed.

    Raises
    ------
    StoreError
        If something is there that may not be replaced.
    """
    text = str(folder)
    if not text.strip() or "\0" in text:
        raise StoreError(Problem("a folder needs a name", text.replace("\0", "\\0")))
    target = Path(folder).resolve()
    for path in (target, *target.parents):
        if path.exists() and not path.is_dir():
            where = "" if path == target else f"{path} "
            raise StoreError(Problem(f"{where}is a file, not a folder", text))
    here = Path.cwd()
    if target == here or target in here.parents:
        raise StoreError(
            Problem("the working folder, or one above it, cannot be replaced; name a folder inside it", text)
        )
    if target.is_dir() and any(target.iterdir()):
        _check_replaceable(target, text, force, what, ours or _parts_of_run)
    return target


def _check_replaceable(
    target: Path, text: str, force: bool, what: str, ours: Callable[[Path], set[str]]
) -> None:
    if not (target / MANIFEST).is_file():
        raise StoreError(
            Problem(f"holds something that is not a {what} of ours; choose another folder", text)
        )
    try:
        known = ours(target)
    except StoreError as error:
        message = f"is not replaced: {error.problems[0].message}"
        raise StoreError(Problem(message, text)) from None
    if not force:
        raise StoreError(Problem(f"holds a {what} already; {_REPLACE}", text))
    strange = sorted(name for name in entries(target) if name not in known)
    if strange:
        raise StoreError(
            Problem(f"holds what is no part of a {what}: {', '.join(strange[:5])}; move it away first", text)
        )


def _parts_of_run(target: Path) -> set[str]:
    manifest = read_manifest(target)
    return {MANIFEST, SCENARIO, *(f"{name}.parquet" for name in TABLES), *manifest.get("figures", ())}


def entries(folder: Path) -> Iterable[str]:
    """Everything below a folder but folders, by path relative to it."""
    for place, folders, files in os.walk(folder):
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        for name in (*files, *links):
            yield (Path(place) / name).relative_to(folder).as_posix()


def write_folder(
    folder: str | Path,
    tables: Iterable[Table],
    scenario: str,
    manifest: Mapping[str, Any],
    force: bool = False,
    figures: Callable[[Path], object] | None = None,
) -> Path:
    """Write a run.

    Everything goes to a hidden folder beside the target, is synced, and takes the target's name in one step.

    Parameters
    ----------
    folder
        Where to write.
    tables
        The tables.
    scenario
        The resolved scenario, as YAML.
    manifest
        What else there is to know; hashes of the tables and the names of figures are added.
    force
        Replace a run that is there.
    figures
        Draws into the folder that it is given.

    Returns
    -------
    Path
        The folder, absolute.

    Raises
    ------
    StoreError
        If something is there that may not be replaced.
    """
    return write_whole(
        check_target(folder, force), lambda draft: _fill(draft, tables, scenario, manifest, figures)
    )


def write_whole(target: Path, fill: Callable[[Path], object]) -> Path:
    """Write a folder whole or not at all.

    Parameters
    ----------
    target
        The folder, as :func:`check_target` gave it.
    fill
        Writes everything into the folder that it is given.

    Returns
    -------
    Path
        The folder.
    """
    above = [path for path in target.parents if not path.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
    try:
        draft.chmod(0o777 & ~_umask())
        fill(draft)
        for path in [*draft.rglob("*"), draft]:
            _sync(path)
        _put_in_place(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        for path in above if not target.exists() else []:
            # One that someone else has used meanwhile stays.
            with suppress(OSError):
                path.rmdir()
    return target


def _umask() -> int:
    # There is no way to ask for the mask but to set it.
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _fill(
    draft: Path,
    tables: Iterable[Table],
    scenario: str,
    manifest: Mapping[str, Any],
    figures: Callable[[Path], object] | None,
) -> None:
    import pyarrow.parquet as pq

    about: dict[str, Any] = {}
    notes = {"format": FORMAT, "version": str(VERSION), "seed": str(manifest["seed"])}
    for table in tables:
        file = draft / f"{table.name}.parquet"
        pq.write_table(table.arrow(notes), file, compression="zstd", write_page_checksum=True)
        about[table.name] = {"rows": len(table), "sha256": digest(file)}
    (draft / SCENARIO).write_bytes(scenario.encode("utf-8"))
    drawn: list[str] = []
    if figures is not None:
        (draft / FIGURES).mkdir()
        figures(draft / FIGURES)
        drawn = sorted(name for name in entries(draft) if name.startswith(FIGURES))
    known = {**manifest["scenario"], "sha256": digest(draft / SCENARIO)}
    new = {"scenario": known, "tables": about, "figures": drawn}
    whole = {"format": FORMAT, "version": VERSION, **manifest, **new}
    text = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
    (draft / MANIFEST).write_text(text, encoding="utf-8")


def digest(file: Path) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _put_in_place(draft: Path, target: Path) -> None:
    """Give the draft the target's name; a run that was there is kept aside until that is done."""
    aside: Path | None = None
    if target.is_dir() and any(target.iterdir()):
        aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".old", dir=target.parent))
        os.replace(target, aside / target.name)
    try:
        if target.is_dir():
            target.rmdir()
        os.replace(draft, target)
    except BaseException:
        if aside is not None and not target.exists():
            os.replace(aside / target.name, target)
        raise
    finally:
        if aside is not None and target.exists():
            shutil.rmtree(aside, ignore_errors=True)
    _sync(target.parent)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a run's folder.

    Raises
    ------
    StoreError
        If the folder is not there, is not a run of ours, or was written by a newer version.
    """
    return manifest_of(folder, "run", FORMAT, VERSION, _NEEDED)


def manifest_of(
    folder: Path, what: str, form: str, version: int, needed: Mapping[str, type]
) -> dict[str, Any]:
    """The manifest of a folder of ours.

    Parameters
    ----------
    folder
        The folder.
    what
        What it is the folder of.
    form, version
        The format that it must say, and the newest version of it that can be read.
    needed
        What must be in it, and of which type.

    Raises
    ------
    StoreError
        If the folder is not there, is none of these, or was written by a newer version.
    """
    file = folder / MANIFEST
    if not folder.is_dir():
        raise StoreError(Problem(no_folder(folder), str(folder)))
    if not file.is_file():
        raise StoreError(Problem(f"is not the folder of a {what}: it has no {MANIFEST}", str(folder)))
    manifest = read_json(file, f"manifest of a {what}")
    if not isinstance(manifest, dict) or manifest.get("format") != form:
        raise StoreError(Problem(f"is not the manifest of a {what} of ours{kind_of(manifest)}", str(file)))
    written = manifest.get("version")
    if not isinstance(written, int) or written > version:
        message = f"was written by a newer version of the program (format {written}, known {version})"
        raise StoreError(Problem(message, str(file)))
    missing = [name for name in needed if not isinstance(manifest.get(name), needed[name])]
    if missing:
        raise StoreError(Problem(f"is damaged: {', '.join(missing)} missing or not as written", str(file)))
    return manifest


def no_folder(folder: Path) -> str:
    """That there is no such folder, and where one of that name is: runs go below ``results``."""
    other = folder.parent / "results" / folder.name
    return "there is no such folder" + (f" (did you mean '{other}'?)" if other.is_dir() else "")


def kind_of(manifest: Any) -> str:
    """Of what else a manifest is, and what opens that, in brackets; nothing if it is of nothing of ours."""
    kind = _KINDS.get(str(manifest.get("format"))) if isinstance(manifest, dict) else None
    return f" (it is of {kind})" if kind else ""


_NEEDED: dict[str, type] = {
    "seed": int,
    "driver": str,
    "scenario": dict,
    "period": dict,
    "patrons": list,
    "options": list,
    "focus": str,
    "own": dict,
    "summary": dict,
    "tables": dict,
    "figures": list,
}


def read_table(folder: Path, name: str, about: Mapping[str, Any]) -> Table:
    """A table of a run's folder.

    Parameters
    ----------
    folder
        The folder.
    name
        One of :data:`TABLES`.
    about
        The manifest.

    Raises
    ------
    StoreError
        If the file is missing, or its bytes are not those that were written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = part_of(folder, f"{name}.parquet")
    written = about["tables"].get(name)
    if not isinstance(written, dict) or not file.is_file():
        raise StoreError(Problem("is missing from the folder of the run", str(file)))
    if digest(file) != written.get("sha256"):
        raise StoreError(Problem("is damaged: its bytes are not those that were written", str(file)))
    try:
        # pq.read_table would import pandas.
        with as_written(file), pq.ParquetFile(file, page_checksum_verification=True) as parts:
            if parts.metadata.num_rows * parts.metadata.num_columns > _MOST_CELLS:
                raise StoreError("has more rows than a run can have")
            table = Table.from_arrow(parts.read())
    except (pa.ArrowException, OSError) as error:
        told = (str(error) or type(error).__name__).splitlines()[0]
        raise StoreError(Problem(f"cannot be read: {told}", str(file))) from None
    except StoreError as error:
        raise StoreError(Problem(error.problems[0].message, str(file))) from None
    if any(isinstance(column, Words) and has_control(column.words) for column in table.data.values()):
        raise StoreError(Problem("is damaged: a text in it has control characters", str(file)))
    return table
