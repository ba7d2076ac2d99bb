"""A patron as a Mesa agent, and a region as a view: rows of the run that are not factions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa

from sim import state as s
from sim.agents.columns import ByPatron, add_columns
from sim.rules import posture, succession

if TYPE_CHECKING:
    from sim.agents.model import AllegianceModel

__all__ = ["Patron", "Region"]


class Patron(mesa.Agent):  # type: ignore[misc]
    """A pole that factions may swear to.

    Every column of :data:`sim.state.PATRON` is an attribute (``recognition``, ``momentum``, ``core``, ...);
    ``hostility``, ``convergence`` and ``contact`` are dictionaries by patron.

    Parameters
    ----------
    model
        The model.
    row
        Row of the patron in the matrices of the run.

    Examples
    --------
    >>> from sim.agents import AllegianceModel
    >>> model = AllegianceModel("baseline", seed=1)
    >>> history = model.run(until="2014-12")
    >>> patron = model.patron("iskp")
    >>> patron.name, round(patron.fighters), round(patron.hostility["taliban"], 2)
    ('iskp', 1616, 0.23)
    """

    model: AllegianceModel

    def __init__(self, model: AllegianceModel, row: int) -> None:
        self.row = row
        super().__init__(model)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    @property
    def name(self) -> str:
        """Id in the scenario."""
        return self.model.config.patrons[self.row]

    @property
    def fighters(self) -> float:
        """Its own men and those of factions that swore to it, accepted or not."""
        return float(self.core + self.sworn + self.declared)

    def settle(self) -> None:
        """Phase 2: what the loss of a leader, or time, does to its leadership."""
        w = self.model.world
        succession.settle_leadership(w.P, w.C, w.A, self.row)

    def command(self, capacity: float) -> None:
        """Phase 3: transfers, outside support, posture, momentum, capability, legitimacy.

        Parameters
        ----------
        capacity
            Mean state capacity of the countries at war, share.
        """
        w = self.model.world
        posture.command(w.P, w.C, w.A, capacity, self.row)

    def demonstrate(self) -> None:
        """Phase 3: stage violence for show, perhaps."""
        w = self.model.world
        posture.demonstrate(w.P, w.W, w.C, w.A, self.row)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {self.fighters:.0f} fighters>"


class Region:
    """A region of a model: every column of :data:`sim.state.REGION`, and of ``REGION_PATRON`` by patron.

    Examples
    --------
    >>> from sim.agents import AllegianceModel
    >>> region = AllegianceModel("baseline", seed=1).region("nangarhar")
    >>> region
    <Region nangarhar: held by the state>
    >>> region.country, round(region.pressure, 2)
    ('Afghanistan', 0.15)
    """

    def __init__(self, model: AllegianceModel, row: int) -> None:
        self.model, self.row = model, row

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    @property
    def name(self) -> str:
        """Id in the scenario."""
        return self.model.config.regions[self.row]

    @property
    def country(self) -> str:
        """Country."""
        return self.model.config.countries[int(self.model.world.G[self.row, s.G_COUNTRY])]

    def __repr__(self) -> str:
        return f"<Region {self.name}: held by {self.holder or 'the state'}>"


add_columns(Patron, "P", s.PATRON)
add_columns(Patron, "W", s.PATRON_PATRON, ByPatron)
add_columns(Region, "G", s.REGION)
add_columns(Region, "H", s.REGION_PATRON, ByPatron)
