"""What a site adds to the pages: the tree of contents, whole texts in the place of links out of ``docs``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

CONTENTS: dict[str, tuple[str, ...]] = {
    "Start": ("tutorial", "gallery"),
    "How to": tuple(
        f"how-to/{name}"
        for name in ("scenario", "what-if", "decision-rule", "theatre", "slurm-and-dask", "calibrate", "cite")
    ),
    "Guides": (
        "scenario-files", "theatres", "what-ifs", "comparisons", "experiment-files", "sweeps", "cluster", "record",
        "calibration", "sensitivity",
    ),
    "Reference": (
        "reference/scenario", "reference/experiments", "reference/commands", "reference/api", "reference/mechanisms",
        "reference/evidence", "odd",
    ),
    "What it can say": ("limits", "validation"),
    "About": ("changelog", "citation"),
}  # fmt: skip
"""Pages by heading of the side bar."""

WHOLE = {"changelog": "CHANGELOG.md"}
"""Pages that show a file of the root as a whole."""

SITE = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CITATION.cff": "citation.md",
    "notebooks/": "index.md#notebooks",
}
"""Where links to files of the root lead on the site. All other files are there to be downloaded."""


def contents() -> str:
    """The trees of contents of the first page, in the side bar only."""
    return "".join(
        f"\n```{{toctree}}\n:hidden:\n:caption: {heading}\n\n" + "\n".join(pages) + "\n```\n"
        for heading, pages in CONTENTS.items()
    )


def inside(text: str, up: str) -> str:
    """A page whose links to files of the root lead to pages of the site.

    Parameters
    ----------
    text
        Markdown.
    up
        From the folder of the page to ``docs``: empty, or ``../``.
    """
    for file, page in SITE.items():
        text = re.sub(rf"\]\({re.escape(up)}\.\./{re.escape(file)}(#[^)]*)?\)", f"]({up}{page})", text)
    return text


def on_source_read(app: Any, docname: str, source: list[str]) -> None:
    """Make of a page of the repository one of the site."""
    if docname in WHOLE:
        source[0] = (ROOT / WHOLE[docname]).read_text(encoding="utf-8")
    source[0] = inside(source[0], "../" * docname.count("/"))
    if docname == app.config.root_doc:
        source[0] += contents()


def setup(app: Any) -> dict[str, Any]:
    """Hook into the build."""
    app.connect("source-read", on_source_read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
