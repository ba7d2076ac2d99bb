"""Why a faction chose as it did: its decisions in words, and the terms of one of them."""

from __future__ import annotations

import reacton.ipyvuetify as v
import solara
from mesa.visualization.utils import update_counter

from sim.dashboard.desk import Desk
from sim.dashboard.figures import Chart, Keys, frames_of, titles_of
from sim.dashboard.live import terms
from sim.dashboard.live.frame import Frame
from sim.errors import BayahError
from sim.plots.waterfall import find_decision
from sim.scenario.quantities import month_text

__all__ = ["Why"]


@solara.component
def Why(desk: Desk) -> None:
    """Which faction, which of its decisions, and the reasons in every arm."""
    update_counter.get()
    frames = frames_of(desk)
    with solara.Card("Why?", margin=2, elevation=1, classes=["bayah-why"]):
        if not frames:
            solara.Text("Reasons come with the first decisions.")
            return
        names = sorted(
            {name for frame in frames for name in frame.states.names},
            key=lambda name: frames[0].name(name).casefold(),
        )
        v.Autocomplete(
            label="Faction (or click it in a figure)", clearable=True, v_model=desk.faction.value, dense=True,
            items=[{"text": frames[0].name(name), "value": name} for name in names], hide_details=True,
            on_v_model=lambda name: desk.pick(name or None), class_="bayah-faction",
        )  # fmt: skip
        faction = desk.faction.value
        if faction is None:
            solara.Text(
                "Click a bar or a node above, and the terms of that decision stand here.",
                style={"font-size": "14px"},
            )
            return
        with solara.ColumnsResponsive(default=[12], large=[12] if len(frames) == 1 else [6, 6]):
            for n, (frame, title) in enumerate(zip(frames, titles_of(desk), strict=True)):
                Reasons(desk, frame, title, faction).key(f"why {n} {faction}")


def _months(frame: Frame, faction: str) -> list[str]:
    """Months in which a faction weighed its options, the last first."""
    table = frame.run.data("decisions")
    mine = table.numbers("month")[table.words("faction").where(faction)]
    return [month_text(int(month)) for month in sorted(set(mine.tolist()), reverse=True)]


@solara.component
def Reasons(desk: Desk, frame: Frame, title: str, faction: str) -> None:
    """One arm: a decision in words, and its terms."""
    asked, set_asked = solara.use_state(desk.month.value)
    solara.use_effect(lambda: set_asked(desk.month.value), [desk.month.value, faction])
    with solara.Column(gap="4px", style={"padding": "8px 0"}):
        solara.Text(title, style={"font-weight": "500", "font-size": "15px"})
        if faction not in frame.states.names:
            solara.Text(f"{frame.name(faction)} has not been in being.", style={"font-size": "14px"})
            return
        months = _months(frame, faction)
        if not months:
            solara.Text(
                f"{frame.name(faction)} has not weighed its options yet.", style={"font-size": "14px"}
            )
            return
        telling = find_decision(frame.run, faction)
        chosen = asked if asked in months else telling.text if telling is not None else months[0]
        v.Select(
            label="Decision of",
            v_model=chosen,
            items=months,
            on_v_model=set_asked,
            dense=True,
            hide_details=True,
        )
        try:
            told = str(frame.run.explain(faction, chosen))
        except BayahError as error:
            solara.Error(str(error), dense=True)
            return
        decision = find_decision(frame.run, faction, chosen)
        if decision is not None:
            Keys(terms.keys(frame, decision))
            Chart(
                terms.draw(frame, decision),
                terms.height(decision),
                desk,
                f"Terms of the decision of {chosen}",
            )
        v.Html(tag="pre", class_="bayah-told", children=[told])
