"""The page: ``Page`` is what Solara serves.

Little is imported here: the browser loads its own part while :mod:`sim.dashboard.body` brings Mesa and the model.
"""

from __future__ import annotations

from typing import Any

import solara

__all__ = ["Layout", "Page"]


@solara.component
def Layout(children: list[Any]) -> None:
    """The frame of the page: its left stands open where there is room for it, and waits behind a button on a phone."""
    solara.AppLayout(children=children, sidebar_open=None)


@solara.component
def Page() -> None:
    """One visitor's page."""
    from sim.dashboard.body import Body

    Body()
