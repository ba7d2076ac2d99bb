"""How figures look: colours that stay apart for colour-blind readers (Okabe and Ito 2008), fonts, names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Literal, ParamSpec, TypeVar

__all__ = [
    "ALONE", "EXIT", "INK", "LABEL", "LINES", "MUTED", "PALE", "PATRON_COLOURS", "SMALL", "THIRD", "TITLE",
    "Dashes", "Palette", "readable_on", "short_name", "styled", "tint",
]  # fmt: skip

P = ParamSpec("P")
R = TypeVar("R")

PATRON_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#882255")
"""One a patron, in the scenario's order; they come round again after the sixth."""
THIRD = "#332F2C"
"""Those who left a patron for themselves."""
ALONE = "#A0A0A0"
"""Those who never had a patron, or no longer count as having left one."""
EXIT = "#F0E442"
"""Those who made peace."""
ALLY_TINT = 0.4
INK, MUTED, PALE = "#222222", "#666666", "#E4E4E4"
Dashes = Literal["-"] | tuple[float, tuple[float, ...]]
LINES: tuple[Dashes, ...] = ("-", (0, (4, 1.5)), (0, (1, 1.2)), (0, (5, 1, 1, 1)))
"""Line styles by patron, so that a print in grey still tells them apart."""
TITLE, LABEL, SMALL = 10.0, 8.5, 7.5
"""Sizes of type in points, for a figure printed at its own size."""

_STYLE = {
    "font.family": ["DejaVu Sans"], "font.size": LABEL, "text.color": INK, "text.usetex": False,
    "axes.facecolor": "white", "axes.edgecolor": MUTED, "axes.labelcolor": INK, "axes.labelsize": LABEL,
    "axes.linewidth": 0.7, "axes.grid": False, "axes.titlesize": LABEL, "axes.unicode_minus": True,
    "xtick.color": INK, "ytick.color": INK, "xtick.labelsize": SMALL, "ytick.labelsize": SMALL,
    "xtick.major.width": 0.7, "ytick.major.width": 0.7, "xtick.major.size": 3, "ytick.major.size": 3,
    "figure.facecolor": "white", "legend.frameon": False, "legend.fontsize": SMALL, "hatch.linewidth": 0.6,
    "path.sketch": None, "path.effects": [], "lines.linewidth": 1.6, "figure.dpi": 100,
}  # fmt: skip


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Draw under the style above, whatever the caller has set, and leave the caller's settings alone."""

    @wraps(draw)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        import matplotlib

        with matplotlib.rc_context(_STYLE):  # type: ignore[arg-type]
            return draw(*args, **kwargs)

    return wrapped


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    return red, green, blue


def tint(colour: str, share: float) -> str:
    """A colour thinned with white: 1 as it is, 0 white.

    Examples
    --------
    >>> tint("#0072B2", 0.5)
    '#80b8d8'
    """
    return "#" + "".join(f"{round(255 * (1 - share * (1 - part))):02x}" for part in _channels(colour))


def readable_on(colour: str) -> str:
    """The colour of text that can be read on a ground of this colour: ink or white."""
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in _channels(colour)]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return INK if (light + 0.05) / 0.065 > 1.05 / (light + 0.05) else "white"


def short_name(name: str) -> str:
    """The abbreviation that a patron's name gives in brackets, or the name without what stands in brackets.

    Examples
    --------
    >>> short_name("Islamic State Khorasan (ISKP)")
    'ISKP'
    """
    found = re.fullmatch(r"(.*?)\s*\(([^()]*)\)", name)
    if found is None:
        return name
    return found[2] if re.fullmatch(r"[A-Z][A-Za-z-]{1,9}", found[2]) and found[2] != found[1] else found[1]


class Palette:
    """Colours and names of what a faction can hold, by the texts of a run's tables.

    Parameters
    ----------
    patrons
        Names of the patrons by id, in the scenario's order.
    """

    def __init__(self, patrons: dict[str, str]) -> None:
        self.patrons: Sequence[str] = tuple(patrons)
        self._names = {patron: short_name(name) for patron, name in patrons.items()}

    def patron_of(self, option: str) -> str | None:
        """The patron that an option names (``iskp``, ``ally(iskp)``), if any."""
        patron = option[5:-1] if option.startswith("ally(") else option
        return patron if patron in self._names else None

    def order(self) -> list[str]:
        """Everything that can be held, in the order of legends."""
        sworn = [option for patron in self.patrons for option in (patron, f"ally({patron})")]
        return [*sworn, "third", "independent", "exit"]

    def line(self, patron: str) -> Dashes:
        """Line style of a patron."""
        return LINES[self.patrons.index(patron) % len(LINES)]

    def colour(self, option: str) -> str:
        """Colour of an option, of a patron, or of ``third``."""
        patron = self.patron_of(option)
        if patron is None:
            return {"exit": EXIT, "third": THIRD}.get(option, ALONE)
        full = PATRON_COLOURS[self.patrons.index(patron) % len(PATRON_COLOURS)]
        return tint(full, ALLY_TINT) if option.startswith("ally(") else full

    def name(self, option: str) -> str:
        """Plain name of an option, of a patron, or of ``third``."""
        patron = self.patron_of(option)
        if patron is None:
            plain = {"exit": "made peace", "third": "left a patron for itself", "independent": "on its own"}
            return plain.get(option, option)
        return f"ally of {self._names[patron]}" if option.startswith("ally(") else self._names[patron]
