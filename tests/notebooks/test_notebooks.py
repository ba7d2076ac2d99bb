"""The notebooks run, show what their files say that they show, and are in step with their scripts."""

from __future__ import annotations

import re
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbformat import NotebookNode
from notebook_files import COMMAND, FOLDER, SCRIPTS, beside, execute, shown, text_of, warm

each = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)

MACHINE = re.compile(r"(?<![\w.])/(?:work|tmp|home|root|Users|var|opt|usr)/|[A-Z]:\\\\|site-packages")


def read(script: Path) -> NotebookNode:
    return nbformat.read(beside(script), as_version=4)


def code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def pictures(cell: NotebookNode) -> int:
    return sum("image/png" in output.get("data", {}) for output in cell.outputs)


def test_every_script_has_its_notebook_and_no_notebook_is_without() -> None:
    assert SCRIPTS
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == {script.stem for script in SCRIPTS}


@each
def test_script_and_notebook_are_in_step(script: Path) -> None:
    pair = jupytext.writes(read(script), fmt="py:percent")
    assert pair == script.read_text(encoding="utf-8"), f"write it anew with `{COMMAND}`"


@each
def test_a_notebook_is_kept_with_what_it_shows_and_is_small(script: Path) -> None:
    notebook = read(script)
    assert [cell.execution_count for cell in code(notebook)] == list(range(1, len(code(notebook)) + 1))
    assert sum(map(pictures, code(notebook))) >= 3
    assert beside(script).stat().st_size < 1_000_000
    assert text_of(notebook) == beside(script).read_text(encoding="utf-8")


@each
def test_a_notebook_shows_no_machine_no_warning_and_no_error(script: Path) -> None:
    notebook = read(script)
    assert {kind for _, kind, _ in shown(notebook)} & {"stderr", "error"} == set()
    for cell in code(notebook):
        for output in cell.outputs:
            texts = [output.get("text", ""), *map(str, output.get("data", {}).values())]
            found = [match[0] for text in texts if not _is_picture(text) for match in MACHINE.finditer(text)]
            assert found == [], cell.source
    assert set(notebook.metadata) == {"jupytext", "kernelspec", "language_info"}
    assert notebook.metadata.kernelspec.name == "python3"


def _is_picture(text: str) -> bool:
    return text.startswith("iVBORw0KGgo")


def test_the_first_notebook_has_drawn_three_figures_by_its_tenth_line() -> None:
    lines = figures = 0
    for cell in code(read(FOLDER / "01-first-run.py")):
        lines += sum(bool(line.strip()) for line in cell.source.splitlines())
        if lines > 10:
            break
        figures += pictures(cell)
    assert figures >= 3


@pytest.fixture(scope="module")
def compiled() -> None:
    warm()


@pytest.mark.slow
@pytest.mark.usefixtures("compiled")
@each
def test_a_notebook_runs_and_shows_what_its_file_says(script: Path, tmp_path: Path) -> None:
    fresh = list(shown(execute(script, tmp_path)))
    kept = list(shown(read(script)))
    differ = [(new, old) for new, old in zip(fresh, kept, strict=False) if new != old]
    assert not differ, f"write it anew with `{COMMAND}` if that is meant: {differ[0]}"
    assert len(fresh) == len(kept)
