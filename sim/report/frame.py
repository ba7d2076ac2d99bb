"""What all pages share: how templates are read, their look, how they are written."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

__all__ = ["check_file", "environment", "land_page"]


def environment() -> Environment:
    """Templates of this folder; whatever a scenario says of itself is text, never markup."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    def source(name: str) -> str:
        return files("sim.report").joinpath(name).read_text(encoding="utf-8")

    found = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(source),
    )
    found.filters["breakable"] = _breakable
    return found


def _breakable(text: str) -> Markup:
    """Text whose names of outcomes may be broken after a line below."""
    from markupsafe import Markup, escape

    return Markup(str(escape(text)).replace("_", "_<wbr>"))


def check_file(path: str | Path) -> Path:
    """The file of a page, before the work begins.

    Raises
    ------
    StoreError
        If it is a folder.
    """
    from sim.errors import Problem, StoreError

    file = Path(path)
    if file.is_dir():
        raise StoreError(Problem("is a folder; name a file for the report, such as report.html", str(file)))
    return file


def land_page(text: str, path: str | Path) -> Path:
    """Write a page whole, or not at all.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    from sim.errors import Problem, StoreError
    from sim.experiments.store.files import land

    file = check_file(path)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        land(file, text.encode("utf-8"))
    except OSError as error:
        raise StoreError(Problem(f"cannot be written: {error.strerror or error}", str(file))) from None
    return file
