"""Decision rules of a user's own, where other processes find them: sound ones, and such as fail or end their process."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["CRASHED_SEED", "KillsOnce", "kills_one_run", "most_useful", "raises_on_even_seeds"]

CRASHED_SEED = 2


def most_useful(faction: Any, options: Sequence[str], utilities: Sequence[float], draw: float) -> int:
    """Take the option of highest utility, the first of equals."""
    return max(range(len(options)), key=lambda place: utilities[place])


def raises_on_even_seeds(
    faction: Any, options: Sequence[str], utilities: Sequence[float], draw: float
) -> int:
    """A rule with a mistake that shows in half of the runs, in their third month."""
    if faction.model.seed % 2 == 0 and faction.model.months_done >= 2:
        raise ValueError("no such option")
    return most_useful(faction, options, utilities, draw)


def kills_one_run(faction: Any, options: Sequence[str], utilities: Sequence[float], draw: float) -> int:
    """End the process whenever the run of one seed comes up, as a fault in compiled code would."""
    if faction.model.seed == CRASHED_SEED:
        os.kill(os.getpid(), signal.SIGKILL)
    return most_useful(faction, options, utilities, draw)


class KillsOnce:
    """End the process in mid-chunk, once in a sweep.

    Parameters
    ----------
    mark
        A file that is made when it has happened.
    seed
        The run in which it happens, from its second month.
    """

    def __init__(self, mark: Path, seed: int) -> None:
        self.mark, self.seed = mark, seed

    def __call__(self, faction: Any, options: Sequence[str], utilities: Sequence[float], draw: float) -> int:
        if faction.model.seed == self.seed and faction.model.months_done >= 1 and not self.mark.exists():
            self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return most_useful(faction, options, utilities, draw)
