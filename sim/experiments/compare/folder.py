"""The folder of a comparison: its frames as Parquet, its scenarios as YAML, figures; written whole or not at all."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import Problem, StoreError
from sim.experiments.compare.comparison import FRAMES, Comparison
from sim.experiments.compare.making import make_again
from sim.results.figures import figures_of
from sim.results.folder import MANIFEST, check_target, digest, entries, manifest_of, write_whole
from sim.results.trust import as_written, checked_frame, part_of
from sim.scenario.reader import read_bytes

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FORMAT", "check_place", "is_comparison", "read_comparison", "write_comparison"]

FORMAT = "bayah comparison"
VERSION = 1
_FIGURES = "figures"


def check_place(folder: str | Path, force: bool = False) -> Path:
    """Whether a comparison may be written to a folder; asked before it is made.

    Raises
    ------
    StoreError
        If something is there that may not be replaced.
    """
    return check_target(folder, force, "comparison", lambda target: {MANIFEST, *_manifest(target)["files"]})


def is_comparison(folder: str | Path) -> bool:
    """Whether a folder holds a comparison."""
    try:
        _manifest(Path(folder))
    except StoreError:
        return False
    return True


def write_comparison(
    comparison: Comparison, folder: str | Path, force: bool = False, figures: bool = True
) -> Path:
    """Write a comparison.

    Raises
    ------
    StoreError
        If something is there that may not be replaced.
    """
    return write_whole(check_place(folder, force), lambda draft: _fill(comparison, draft, figures))


def _fill(comparison: Comparison, draft: Path, figures: bool) -> None:
    for name in FRAMES:
        comparison.frame(name).to_parquet(draft / f"{name}.parquet", compression="zstd")
    places = {}
    for number, name in enumerate((comparison.base, *comparison.alternatives)):
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60]
        places[name] = f"{number:02d}-{slug}.yaml"
        (draft / places[name]).write_text(comparison.scenario_text(name), encoding="utf-8")
    (draft / "answer.txt").write_text(comparison.text() + "\n", encoding="utf-8")
    if figures:
        (draft / _FIGURES).mkdir()
        figures_of("comparison_folder").write_figures(comparison, draft / _FIGURES)
    files = {name: digest(draft / name) for name in sorted(entries(draft))}
    whole = {"format": FORMAT, "version": VERSION, **comparison.about, "places": places, "files": files}
    (draft / MANIFEST).write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


_NEEDED: dict[str, type] = {
    "base": str,
    "alternatives": list,
    "scenarios": dict,
    "places": dict,
    "files": dict,
    "months": list,
    "pairs": int,
    "seed": int,
    "points": list,
    "face": str,
    "notes": list,
    "factions": dict,
    "patrons": dict,
    "focus": str,
    "focus_of": dict,
    "same_chance": bool,
    "kept": list,
    "lever_months": dict,
    "stopped": bool,
}


def _manifest(folder: Path) -> dict[str, Any]:
    return manifest_of(folder, "comparison", FORMAT, VERSION, _NEEDED)


def read_comparison(folder: str | Path) -> Comparison:
    """A comparison from its folder; files are read, and checked, when first used.

    Raises
    ------
    StoreError
        If the folder is damaged, or is not one of ours.
    """
    place = Path(folder).absolute()
    manifest = _manifest(place)
    places, files = manifest.pop("places"), manifest.pop("files")

    def checked(name: str) -> Path:
        file = part_of(place, name)
        if not file.is_file():
            raise StoreError(Problem("is missing from the folder of the comparison", str(file)))
        if digest(file) != files.get(name):
            raise StoreError(Problem("is damaged: its bytes are not those that were written", str(file)))
        return file

    def frame(name: str) -> pd.DataFrame:
        import pandas as pd

        file = checked(f"{name}.parquet")
        with as_written(file):
            return checked_frame(pd.read_parquet(file), file)

    def text(name: str) -> str:
        return read_bytes(checked(places[name])).decode("utf-8")

    return Comparison(manifest, frame, text, make_again, folder=place)
