"""The pages of the reference that the program writes: file formats, statements, numbers and their sources."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["PAGES", "page"]


def _scenario() -> str:
    from .scenario import scenario_page

    return scenario_page()


def _experiments() -> str:
    from .experiments import experiments_page

    return experiments_page()


def _mechanisms() -> str:
    from .statements import statements_page

    return statements_page()


def _evidence() -> str:
    from .sources import sources_page

    return sources_page()


PAGES: dict[str, Callable[[], str]] = {
    "scenario": _scenario,
    "experiments": _experiments,
    "mechanisms": _mechanisms,
    "evidence": _evidence,
}
"""What writes each page, by its name; links are relative to ``docs/reference``."""


def page(name: str) -> str:
    """A page as Markdown.

    Parameters
    ----------
    name
        One of :data:`PAGES`.
    """
    return PAGES[name]()
