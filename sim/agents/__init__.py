"""The Mesa driver: the same month as the engine's, one agent at a time, open to reading and overriding."""

from sim.agents.faction import Faction
from sim.agents.model import AllegianceModel
from sim.agents.patron import Patron, Region

__all__ = ["AllegianceModel", "Faction", "Patron", "Region"]
