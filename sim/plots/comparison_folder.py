"""The figures of a comparison, as files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from .causes import causes
from .difference import difference
from .folder import write_figure
from .forest import forest
from .pair import pair
from .term_waterfall import term_waterfall
from .who_moved import who_moved

if TYPE_CHECKING:
    from sim.experiments.compare.comparison import Comparison

__all__ = ["write_figures"]

_MANY = 4
"""Alternatives above which single ones are not drawn."""


def write_figures(comparison: Comparison, folder: Path) -> list[Path]:
    """Draw the figures of a comparison into a folder that exists.

    Up to four alternatives: each one's main readout and who moved; one alone: also one pair, and why the faction moved that
    moves most often. Several: all of them on the outcomes that answers are read from.
    """
    return [write_figure(draw(), folder / f"{name}.png") for name, draw in _figures(comparison)]


def _figures(comparison: Comparison) -> Iterator[tuple[str, Callable[[], Axes]]]:
    names = comparison.alternatives
    read = [(one.outcome, one.month) for name in names for one in comparison.readouts[name][:1]]
    # A forest of one tree says nothing that the difference does not say.
    for outcome, month in list(dict.fromkeys(read))[:6] if len(names) > 1 else ():
        yield f"forest-{outcome}-{month}", partial(forest, comparison, outcome, month)
    for name in names if len(names) <= _MANY else ():
        slug = "" if len(names) == 1 else "-" + re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60]
        outcomes = dict.fromkeys(one.outcome for one in comparison.readouts[name] if one.month != "run")
        for outcome in list(outcomes)[:1]:
            yield f"difference-{outcome}{slug}", partial(difference, comparison, outcome, name)
        yield f"who-moved{slug}", partial(who_moved, comparison, name)
        if len(names) > 1:
            continue
        yield "pair", partial(pair, comparison, None, name)
        moved = comparison.who_moved().xs(name, level="alternative")["moved"]
        if moved.max() > 0:
            yield "causes", partial(causes, comparison, str(moved.idxmax()), name)
            yield "waterfall", partial(term_waterfall, comparison, str(moved.idxmax()), name)
