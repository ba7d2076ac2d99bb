"""The Mesa driver: the same month as the engine's, one agent at a time, open to reading and overriding."""

import warnings

with warnings.catch_warnings():
    # Mesa loads a progress bar for notebooks, which warns where they have no widgets; nothing here draws it.
    warnings.filterwarnings("ignore", message="IProgress not found")
    from sim.agents.faction import Faction
    from sim.agents.model import AllegianceModel
    from sim.agents.patron import Patron, Region

__all__ = ["AllegianceModel", "Faction", "Patron", "Region"]
