"""Chunks on threads of this process: compiled code lets the interpreter go, so threads do not wait for each other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sim.experiments.execute.control import Abandoned, Stop

__all__ = ["Maker", "run_threads"]

Maker = Callable[[int, Callable[[int, int], None]], Mapping[str, Any]]
"""Makes the parts of a chunk: (chunk, tick) to what is kept of it, by name."""


def run_threads(
    chunks: Iterator[int],
    makers: list[Callable[[], Maker]],
    keep: Callable[[int, Mapping[str, Any]], None],
    tick: Callable[[int, int], None],
    stop: Stop,
) -> None:
    """Make chunks until there are none left or a stop is asked for.

    Parameters
    ----------
    chunks
        Positions of chunks to make; taken one at a time, by whichever thread is free.
    makers
        For each thread, a call that gives what makes its chunks.
    keep
        Takes the parts of a chunk.
    tick
        Told of runs done and failed, from any thread, one at a time.
    stop
        Whether to stop.

    Raises
    ------
    Exception
        The first that a thread met; the others finish the chunk in hand before.
    """
    lock = threading.Lock()
    errors: list[BaseException] = []

    def counted(done: int, failed: int) -> None:
        stop.check()
        with lock:
            tick(done, failed)

    def work(open_maker: Callable[[], Maker]) -> None:
        try:
            make = open_maker()
            while not stop.asked.is_set():
                with lock:
                    chunk = next(chunks, None)
                if chunk is None:
                    return
                keep(chunk, make(chunk, counted))
        except Abandoned:
            pass
        except BaseException as error:
            errors.append(error)
            stop.asked.set()

    threads = [threading.Thread(target=work, args=(maker,), daemon=True) for maker in makers]
    for thread in threads:
        thread.start()
    for thread in threads:
        # With a limit, so that the main thread wakes up to heed signals.
        while thread.is_alive():
            thread.join(0.1)
    if errors:
        raise errors[0]
