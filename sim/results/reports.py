"""What each source of a scenario would have reported of a run, month by month (P22, P23, M49, M60, M80)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ATTACKS_SEEN_BY", "reports"]

ATTACKS_SEEN_BY = {
    "monitor": "attacks",
    "claims": "attacks_claimed",
    "holder": "attacks_denied",
    "foreign_state": "attacks",
}
"""The monthly outcome that a kind of source starts from."""


def reports(outcomes: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Reports by month and source.

    Parameters
    ----------
    outcomes
        Monthly outcomes of a run.
    scenario
        Its scenario, which names the sources (``observation.sources``).

    Returns
    -------
    pandas.DataFrame
        By month and source: ``attacks`` (count a month) = share that the source reports * what its kind sees;
        ``strength`` (persons) = bias of the source * the estimate with its error.
    """
    import pandas as pd

    frames = {
        name: pd.DataFrame(
            {
                "attacks": source.attacks.value * outcomes[ATTACKS_SEEN_BY[source.kind]],
                "strength": source.strength.value * outcomes["strength_seen"],
            }
        )
        for name, source in scenario.observation.sources.items()
    }
    if not frames:
        empty = pd.MultiIndex.from_arrays([outcomes.index[:0], []], names=["month", "source"])
        return pd.DataFrame({"attacks": [], "strength": []}, index=empty)
    return pd.concat(frames, names=["source"]).swaplevel().sort_index().rename_axis(["month", "source"])
