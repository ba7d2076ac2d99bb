"""The page on fit and failure, made from the JSON of ``bayah calibrate`` and ``bayah validate``: no number by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["read_told", "readme_block", "validation_document", "write_document"]

_HERE = Path(__file__).parent
Told = Mapping[str, Any]
FIGURES = {
    "validation-patterns.png": "patterns.png",
    "validation-units.png": "units.png",
    "calibration-marginals.png": "marginals.png",
    "calibration-recovery.png": "recovery.png",
}
"""Figures of the page, and what they are called in the folders they come from."""
BEGIN, END = "<!-- written by: bayah validate --document -->", "<!-- end -->"


def validation_document(calibration: Told, validation: Told) -> str:
    """The page as Markdown.

    Parameters
    ----------
    calibration, validation
        What ``calibration.json`` and ``validation.json`` hold.
    """
    return _rendered("validation.md.j2", calibration, validation)


def readme_block(calibration: Told, validation: Told) -> str:
    """The paragraph of the README on fit and failure, as Markdown."""
    return _rendered("readme.md.j2", calibration, validation)


def read_told(folder: Path) -> tuple[Told, Told]:
    """What two JSON files of a folder hold: ``calibration.json`` and ``validation.json``."""
    from sim.results.trust import read_json

    first, second = (read_json(folder / f"{name}.json", name) for name in ("calibration", "validation"))
    return first, second


def _rendered(name: str, calibration: Told, validation: Told) -> str:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE), trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined,
        autoescape=False, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters |= {
        "num": _number,
        "short": _short,
        "signed": _signed,
        "percent": _percent,
        "cell": _cell,
    }
    return environment.get_template(name).render(
        c=calibration, v=validation, posterior=_posterior(calibration), other=_other(calibration), scores=_scores(validation),
        verdicts=_verdicts(validation), nulls=_unit_rows(validation), ablation=_ablation(validation),
    )  # fmt: skip


def _number(value: Any, digits: int = 3) -> str:
    if value is None:
        return "—"
    number = float(value)
    if number and abs(number) < 10.0**-digits:
        return f"{number:.2g}"
    text = f"{number:,.{digits}f}"
    return text


def _short(value: Any) -> str:
    """Three digits or so; a year as a year."""
    if value is None:
        return "—"
    number = float(value)
    if number == int(number):
        return f"{number:.0f}" if number < 10_000 else f"{number:,.0f}"
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def _signed(value: Any, digits: int = 3) -> str:
    return "—" if value is None else f"{float(value):+.{digits}f}"


def _percent(value: Any) -> str:
    return "—" if value is None else f"{100 * float(value):.0f} %"


def _cell(text: Any) -> str:
    return str(text).replace("|", "\\|")


def _posterior(calibration: Told) -> list[Told]:
    return [row for row in calibration["parameters"] if row["way"] == calibration["posterior"]["way"]]


def _other(calibration: Told) -> dict[str, Told]:
    """Rows of the way that was not chosen, by path."""
    chosen = calibration["posterior"]["way"]
    rows = [row for row in calibration["parameters"] if row["way"] not in (chosen, "regression")]
    return {row["path"]: row for row in rows}


def _scores(validation: Told) -> dict[tuple[str, str, str], Told]:
    return {(row["predictor"], row["split"], row["subset"]): row for row in validation["scores"]}


def _verdicts(validation: Told) -> list[dict[str, Any]]:
    parts: dict[str, list[Told]] = {}
    for row in validation["patterns_scored"]:
        if row["predictor"] == "model":
            parts.setdefault(row["pattern"], []).append(row)
    return [{**row, "parts": parts[row["pattern"]]} for row in validation["verdicts"]]


def _unit_rows(validation: Told) -> list[str]:
    """Predictors by their Brier score, leaving one cluster out."""
    rows = [r for r in validation["scores"] if r["split"] == "leave_cluster_out" and r["subset"] == "all"]
    return [row["predictor"] for row in sorted(rows, key=lambda row: float(row["brier"]))]


def _ablation(validation: Told) -> dict[str, list[Told]]:
    """Ablations that change the distance to the record by more than two standard errors, those that worsen it first."""
    rows = validation.get("ablation", [])
    told = [row for row in rows if abs(row["distance_change"]) > row["distance_error"]]
    return {
        "worse": sorted((r for r in told if r["distance_change"] > 0), key=lambda r: -r["distance_change"]),
        "better": sorted((r for r in told if r["distance_change"] < 0), key=lambda r: r["distance_change"]),
        "silent": [row for row in rows if row not in told],
    }


def write_document(calibration: Path, validation: Path, docs: Path) -> list[Path]:
    """Write the page, its JSON and its figures into a folder of documents, and the paragraph of the README beside it.

    Parameters
    ----------
    calibration, validation
        Folders of ``bayah calibrate`` and ``bayah validate``.
    docs
        Folder of documents.

    Returns
    -------
    list of Path
        What was written.
    """
    from sim.experiments.store.files import land

    data, images = docs / "data", docs / "images"
    for folder in (data, images):
        folder.mkdir(parents=True, exist_ok=True)
    written = []

    def write(file: Path, content: bytes) -> None:
        land(file, content)
        written.append(file)

    for folder, name in ((calibration, "calibration"), (validation, "validation")):
        told = json.loads((folder / f"{name}.json").read_text())
        # How long it took is of that machine.
        told.pop("seconds", None)
        write(data / f"{name}.json", (json.dumps(told, indent=1) + "\n").encode())
    for name, source in FIGURES.items():
        for folder in (calibration, validation):
            if (folder / "figures" / source).is_file() and name.startswith(folder_kind(folder)):
                write(images / name, (folder / "figures" / source).read_bytes())
    told_c, told_v = read_told(data)
    write(docs / "validation.md", validation_document(told_c, told_v).encode())
    readme = docs.parent / "README.md"
    if readme.is_file() and BEGIN in readme.read_text(encoding="utf-8"):
        text = with_block(readme.read_text(encoding="utf-8"), readme_block(told_c, told_v))
        write(readme, text.encode())
    return written


def folder_kind(folder: Path) -> str:
    """``calibration`` or ``validation``, by the JSON that a folder holds."""
    return "validation" if (folder / "validation.json").is_file() else "calibration"


def with_block(text: str, block: str) -> str:
    """A text with what stands between its marks replaced."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{block.strip()}\n{END}{tail}"
