"""What stands on the page: the controls of Mesa, the figures, the reasons, what can be taken home."""

from __future__ import annotations

import reacton.ipyvuetify as v
import solara
from mesa.visualization.solara_viz import ModelController
from mesa.visualization.utils import update_counter

from sim.dashboard.desk import Desk
from sim.dashboard.downloads import figures_zip, file_name, scenario_yaml
from sim.dashboard.figures import TABS, Figures
from sim.dashboard.opening import opening
from sim.dashboard.setup import Source
from sim.dashboard.sidebar import Sidebar
from sim.dashboard.why import Why

__all__ = ["Body"]

STYLE = """
.bayah-told { white-space: pre-wrap; font-size: 12px; line-height: 1.4; font-family: monospace; margin: 6px 0; }
.bayah-month { font-size: 26px; font-weight: 500; line-height: 1.2; }
.bayah-small { font-size: 13px; color: #444; }
.v-navigation-drawer { min-width: min(400px, 88vw) !important; max-width: 88vw !important; }
.bayah-lever { margin: 2px 0 6px 0; }
.bayah-problem { font-family: monospace; font-size: 13px; white-space: pre-wrap; overflow-wrap: anywhere; }
.v-tooltip__content { white-space: pre-line; max-width: 420px; opacity: 1 !important; }
.v-application .v-slide-group__prev--disabled { display: none; }
.solara-autorouter-content { padding: 0 !important; }
"""
MOST_PROBLEMS = 30


@solara.component
def Body() -> None:
    """All of one visitor's page."""
    desk = solara.use_memo(lambda: Desk(Source(opening.name)), [])
    tab, set_tab = solara.use_state(0)
    solara.use_effect(lambda: desk.close, [])
    solara.Title("Bayah")
    solara.Style(STYLE)
    with solara.AppBarTitle():
        solara.Text("Bayah")
    with solara.Sidebar():
        Sidebar(desk)
    with solara.Column(gap="6px", style={"padding": "8px", "min-width": "0"}):
        Problems(desk)
        Head(desk)
        with v.Tabs(v_model=tab, on_v_model=set_tab, show_arrows=True, class_="bayah-tabs"):
            for name in TABS:
                v.Tab(children=[name])
        Figures(desk, tab)
        Why(desk)
        Downloads(desk)
        solara.Text(
            "Historical, aggregate and explanatory. One run is one draw; months after the last validated one are "
            "unvalidated; fewer simulated attacks is not a better outcome, as harm to civilians is not modelled.",
            style={"padding": "8px", "font-size": "13px", "color": "#444"},
        )  # fmt: skip


@solara.component
def Problems(desk: Desk) -> None:
    """What is wrong with what was asked for, a line each, as the command line tells it."""
    found = desk.problems.value
    if not found:
        return
    more = f"\nand {len(found) - MOST_PROBLEMS} more" if len(found) > MOST_PROBLEMS else ""
    with v.Alert(type="error", outlined=True, dense=True, class_="bayah-problems", icon="mdi-alert"):
        v.Html(tag="div", children=["This does not hold; what is shown below is what ran before."])
        for problem in found[:MOST_PROBLEMS]:
            v.Html(tag="div", class_="bayah-problem", children=[str(problem)])
        if more:
            v.Html(tag="div", class_="bayah-problem", children=[more.strip()])
        solara.Button("Dismiss", text=True, small=True, on_click=lambda: desk.problems.set(()))


@solara.component
def Head(desk: Desk) -> None:
    """The month, and the controls that move it."""
    update_counter.get()
    stage = desk.stage.value
    with solara.Card(margin=0, elevation=1):
        with solara.Div(
            style={"display": "flex", "gap": "16px 24px", "align-items": "center", "flex-wrap": "wrap"}
        ):
            with solara.Column(gap="0px", style={"min-width": "170px"}):
                v.Html(
                    tag="div", class_="bayah-month",
                    children=[stage.date or f"before {stage.arms[0].loaded.scenario.period.start}"],
                )  # fmt: skip
                v.Html(
                    tag="div", class_="bayah-small",
                    children=[f"month {stage.done} of {stage.months}, seed {stage.setup.seed}"],
                )  # fmt: skip
            with solara.Div(style={"min-width": "230px"}, classes=["bayah-controls"]):
                # Mesa's own controls; a stage of its own each, or the end of one would stop the next.
                ModelController(
                    desk.stage,
                    model_parameters=desk.parameters,
                    play_interval=desk.interval,
                    render_interval=desk.stride,
                    use_threads=desk.threads,
                ).key(f"controls {desk.controls.value} {stage.running}")
            v.Select(
                label="Months a step", items=[1, 3, 6, 12], v_model=desk.stride.value, on_v_model=desk.stride.set, dense=True,
                hide_details=True, style_="max-width: 120px", class_="bayah-stride",
            )  # fmt: skip
            v.Select(
                label="Speed of play", v_model=desk.interval.value, on_v_model=desk.interval.set, dense=True,
                hide_details=True,
                items=[{"text": "fast", "value": 10}, {"text": "medium", "value": 150}, {"text": "slow", "value": 600}],
                style_="max-width: 120px",
            )  # fmt: skip
        v.ProgressLinear(value=100 * stage.done / stage.months, height=4, class_="mt-2")
        for problem in stage.problems:
            solara.Error(f"The run ended: {problem}", dense=True)


@solara.component
def Downloads(desk: Desk) -> None:
    """Take the scenario and the figures home."""
    stage = desk.stage.value
    with solara.Row(gap="12px", style={"flex-wrap": "wrap", "padding": "4px 8px"}):
        arm = stage.arms[-1]
        name = file_name(arm.loaded.name)
        solara.FileDownload(
            lambda: scenario_yaml(arm),
            filename=f"{name}.yaml",
            label="Scenario (YAML)",
            mime_type="application/yaml",
        )
        solara.FileDownload(
            lambda: figures_zip(stage.runs(), desk.faction.value, None), filename=f"{name}-figures.zip",
            label="Figures (PNG)", mime_type="application/zip",
        )  # fmt: skip
