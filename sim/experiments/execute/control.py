"""Stopping in good order: the first interrupt ends after the chunk in hand, the second gives that up."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["Abandoned", "Stop", "heeding_signals"]


class Abandoned(Exception):
    """The chunk in hand was given up."""


class Stop:
    """Whether to stop."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        """Begin no other chunk."""
        self.now = threading.Event()
        """Give up the chunk in hand."""

    def check(self) -> None:
        """Called between blocks of runs.

        Raises
        ------
        Abandoned
            If the chunk in hand is to be given up.
        """
        if self.now.is_set():
            raise Abandoned


@contextmanager
def heeding_signals(stop: Stop, say: Callable[[str], None]) -> Iterator[None]:
    """Turn Ctrl-C and a request to end into a stop in good order, where this is the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def heed(number: int, frame: FrameType | None) -> None:
        if stop.now.is_set():
            raise KeyboardInterrupt
        if stop.asked.is_set():
            stop.now.set()
            say("giving up the chunk in hand")
            return
        stop.asked.set()
        say("stopping after the chunk in hand; once more gives it up")

    before: dict[int, Any] = {
        number: signal.signal(number, heed) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
