"""With which scenario pages open; the server sets it before the first visitor comes."""

from __future__ import annotations

from sim.dashboard.setup import Source

__all__ = ["Opening", "opening"]


class Opening:
    """The scenario that was named on the command line."""

    source = Source("baseline")


opening = Opening()
