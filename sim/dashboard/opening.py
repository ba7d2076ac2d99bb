"""With which scenario pages open; the server sets it before the first visitor comes."""

from __future__ import annotations

import threading

__all__ = ["Opening", "opening"]


class Opening:
    """The scenario that was named on the command line, and whether a page was drawn."""

    name = "baseline"
    drawn = threading.Event()


opening = Opening()
