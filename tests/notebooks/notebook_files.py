"""The notebooks: a script each, and beside it the same with what its cells show."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

__all__ = ["COMMAND", "FOLDER", "SCRIPTS", "beside", "execute", "shown", "text_of", "warm"]

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
SCRIPTS = sorted(FOLDER.glob("*.py"))
COMMAND = "make notebooks"

_LONGEST = 600
"""Seconds a cell may take: where nothing is compiled yet, compiling comes on top."""


def beside(script: Path) -> Path:
    """The notebook of a script."""
    return script.with_suffix(".ipynb")


def warm() -> None:
    """Compile what is not compiled yet, so that no notebook shows that it was."""
    import sim

    for driver in ("engine", "mesa"):
        sim.run("baseline", until="2013-02", driver=driver)  # type: ignore[arg-type]
    sim.ensemble("baseline", runs=2, until="2013-02", progress=False)


def execute(script: Path, folder: Path) -> NotebookNode:
    """A notebook from its script, with what its cells show in a fresh kernel that works in a folder.

    Nothing in it hangs on when and where it ran.
    """
    notebook = jupytext.read(script)
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=_LONGEST,
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--Application.log_level=40"],
    )
    # The kernel draws into the notebook unless it is told otherwise.
    client.execute(env={name: value for name, value in os.environ.items() if name != "MPLBACKEND"})
    notebook.metadata["language_info"] = {"name": "python"}
    for place, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{place}"
    return notebook


def text_of(notebook: NotebookNode) -> str:
    """The notebook as its file holds it."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def shown(notebook: NotebookNode) -> Iterator[tuple[int, str, str]]:
    """Cell, kind and text of everything that the cells show; a picture goes by the kind and its title."""
    for place, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                yield place, output.name, output.text
            elif output.output_type == "error":
                yield place, "error", f"{output.ename}: {output.evalue}"
            else:
                kinds = " ".join(sorted(output.data))
                yield place, kinds, re.sub(r"\s+", " ", str(output.data.get("text/plain", "")))
