"""The page on fit and failure and the paragraph of the README say what the JSON beside them says."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from sim.report.document import BEGIN, END, FIGURES, read_told, readme_block, validation_document

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"

pytestmark = pytest.mark.core


def test_the_page_is_what_the_numbers_give() -> None:
    assert (DOCS / "validation.md").read_text(encoding="utf-8") == validation_document(
        *read_told(DOCS / "data")
    )


def test_the_readme_is_what_the_numbers_give() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    _, _, rest = text.partition(BEGIN)
    block, _, _ = rest.partition(END)
    assert block.strip() == readme_block(*read_told(DOCS / "data")).strip()


def test_the_numbers_are_of_this_split_and_a_whole_run() -> None:
    _, told = read_told(DOCS / "data")
    assert told["quick"] is False
    assert (
        told["split_sha256"] == hashlib.sha256((ROOT / "experiments" / "split.yaml").read_bytes()).hexdigest()
    )
    assert {row["mechanism"] for row in told["ablation"]} == {
        *(f"M{n:02d}" for n in range(1, 81)),
        "embeddedness",
    }


def test_every_pattern_outside_is_named_in_the_readme() -> None:
    _, told = read_told(DOCS / "data")
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert told["summary"]["outside"]
    assert all(name in text for name in told["summary"]["outside"])


def test_the_figures_are_there() -> None:
    text = (DOCS / "validation.md").read_text(encoding="utf-8")
    for name in FIGURES:
        assert (DOCS / "images" / name).is_file()
        assert f"images/{name}" in text


def test_another_result_gives_another_page() -> None:
    calibration, validation = read_told(DOCS / "data")
    changed = json.loads(json.dumps(validation))
    changed["summary"]["inside"] += 1
    assert validation_document(calibration, changed) != validation_document(calibration, validation)


def test_nothing_after_the_fit_is_used() -> None:
    calibration, validation = read_told(DOCS / "data")
    assert calibration["until"] == validation["until"] == "2018-12"
    assert all(row["month"] > "2018-12" for row in validation["inputs_after_fit"])
    assert all(row["scored"] is False for row in validation["predictions"])
