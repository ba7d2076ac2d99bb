"""What a site adds to the pages: the tree of contents, whole texts in the place of links out of ``docs``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

CONTENTS: dict[str, tuple[str, ...]] = {
    "Learn": ("tutorial", "gallery", "notebooks/01-first-run", "notebooks/02-omar-hidden",
              "notebooks/03-sweep-and-heat-map", "notebooks/04-own-scenario-and-rule"),
    "How to": ("how-to/dashboard", "how-to/scenario", "how-to/what-if", "how-to/decision-rule", "how-to/theatre",
               "how-to/slurm-and-dask", "how-to/calibrate", "how-to/cite"),
    "Guides": ("scenario-files", "theatres", "what-ifs", "comparisons", "experiment-files", "sweeps", "cluster",
               "record", "calibration", "sensitivity"),
    "Reference": ("reference/scenario", "reference/experiments", "reference/commands", "reference/api",
                  "reference/mechanisms", "reference/evidence", "odd"),
    "What it can say": ("limits", "validation", "reproducibility"),
    "About": ("README <readme>", "changelog", "citation", "licences"),
}  # fmt: skip
"""Pages by heading of the side bar."""

WHOLE = {"readme": "README.md", "changelog": "CHANGELOG.md"}
"""Pages that show a file of the root as a whole."""

SITE = {"README.md": "readme.md", "CHANGELOG.md": "changelog.md", "CITATION.cff": "citation.md"}
"""Pages of files of the root. Notebooks have pages of their names; all other files are there to be downloaded."""

_LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]*)(#[^)\s]*)?(?=\))")


def contents() -> str:
    """The trees of contents of the first page, in the side bar only."""
    return "".join(
        f"\n```{{toctree}}\n:hidden:\n:caption: {heading}\n\n" + "\n".join(pages) + "\n```\n"
        for heading, pages in CONTENTS.items()
    )


def from_root(text: str) -> str:
    """Markdown of the root, as if it stood in ``docs``."""

    def moved(link: re.Match[str]) -> str:
        path = link[1].removeprefix("docs/") if link[1].startswith("docs/") else f"../{link[1]}"
        return path + (link[2] or "")

    return _LINK.sub(moved, text)


def inside(text: str, docname: str) -> str:
    """A page whose links to files of the root, and to notebooks, lead to pages of the site."""
    up = "../" * docname.count("/")

    def led(link: re.Match[str]) -> str:
        path, anchor = link[1], link[2] or ""
        out = path.removeprefix(up + "../")
        if out == path or SITE.get(out) == f"{docname}.md":
            return path + anchor
        if out in SITE:
            return up + SITE[out] + anchor
        if out.startswith("notebooks/"):
            name = Path(out).stem if out.endswith(".ipynb") else "01-first-run"
            return f"{up}notebooks/{name}.md"
        return path + anchor

    return _LINK.sub(led, text)


def notebook(file: Path) -> str:
    """A notebook with what its cells show, as Markdown."""
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    parts = []
    for cell in cells:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(text)
        else:
            parts.append(f"```python\n{text}\n```")
            parts += [_shown(output) for output in cell["outputs"]]
    return "\n\n".join(parts) + f"\n\nThe notebook as a file: [{file.name}](../../notebooks/{file.name}).\n"


def _shown(output: dict[str, Any]) -> str:
    """What a cell shows: a picture, a table, or text."""
    data = output.get("data", {})
    if "image/png" in data:
        return f"![figure](data:image/png;base64,{''.join(data['image/png'].split())})"
    if "text/html" in data:
        return f'<div class="cell-output">\n{_one_block("".join(data["text/html"]))}\n</div>'
    text = "".join(output.get("text", data.get("text/plain", "")))
    return f"```text\n{text.rstrip()}\n```"


def _one_block(html: str) -> str:
    """HTML without blank lines, at which Markdown would end it, and without styles of its own."""
    bare = re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)
    return "\n".join(line for line in bare.splitlines() if line.strip())


def on_source_read(app: Any, docname: str, source: list[str]) -> None:
    """Make of a page of the repository one of the site."""
    if docname in WHOLE:
        source[0] = from_root((ROOT / WHOLE[docname]).read_text(encoding="utf-8"))
    if docname.startswith("notebooks/"):
        source[0] = notebook(ROOT / f"{docname}.ipynb")
        return
    source[0] = inside(source[0], docname)
    if docname == app.config.root_doc:
        source[0] += contents()


def on_doctree_read(app: Any, doctree: Any) -> None:
    """A dash between a parameter and what it is; elsewhere two hyphens begin an option and stay."""
    from docutils import nodes

    for text in list(doctree.findall(nodes.Text)):
        words = text.astext()
        if words.startswith(" -- "):
            text.parent.replace(text, nodes.Text(" \N{EN DASH} " + words[4:]))


def setup(app: Any) -> dict[str, Any]:
    """Hook into the build."""
    app.connect("source-read", on_source_read)
    app.connect("doctree-read", on_doctree_read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
