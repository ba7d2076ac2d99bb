"""The middle of the page: one figure at a time, of one arm or two beside each other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import solara
from mesa.visualization.utils import update_counter

from sim.api.discovery import outcome_rows
from sim.dashboard.desk import Desk
from sim.dashboard.live import compared, fighters, network, patrons, regions, ribbons
from sim.dashboard.live.frame import Frame, Option

__all__ = ["TABS", "Chart", "Figures", "Keys", "frames_of", "titles_of"]

Draw = Callable[[Frame], Option]
Height = Callable[[Frame], int]

DRAWN: dict[str, tuple[Draw, Height]] = {
    "Allegiance": (ribbons.draw, ribbons.height),
    "Fighters": (fighters.draw, fighters.height),
    "Network": (network.draw, network.height),
    "Regions": (regions.draw, regions.height),
    "Patrons": (patrons.draw, patrons.height),
}
SMALL = {"padding": "0 8px", "font-size": "13px", "color": "#444"}
TABS = (*DRAWN, "Outcomes", "Many runs")


def frames_of(desk: Desk) -> list[Frame]:
    """The arms so far; empty before the first month."""
    stage = desk.stage.value
    return [
        Frame(run, arm.compiled.months, desk.faction.value)
        for run, arm in zip(stage.runs(), stage.arms, strict=False)
    ]


def titles_of(desk: Desk) -> list[str]:
    """What the arms are called: apart where there are two."""
    stage = desk.stage.value
    return [arm.title for arm in stage.arms]


@solara.component
def Chart(option: Option, height: int, desk: Desk, label: str) -> None:
    """A figure that follows its room, and knows what was clicked."""
    solara.FigureEcharts(
        option=option, on_click=desk.pick_clicked, responsive=True,
        attributes={"style": f"height: {height}px; width: 100%;", "role": "img", "aria-label": label},
    )  # fmt: skip


@solara.component
def Figures(desk: Desk, tab: int) -> None:
    """The figure of a tab."""
    update_counter.get()
    name = TABS[tab]
    frames = frames_of(desk)
    if not frames:
        solara.Info(
            "Nothing has happened yet: Step simulates the first month, Play goes on by itself.",
            dense=True,
            outlined=True,
        )
        return
    if name == "Outcomes":
        Outcomes(desk, frames)
    elif name == "Many runs":
        Many(desk, frames)
    else:
        draw, height = DRAWN[name]
        tallest = max(height(frame) for frame in frames)
        if name in ("Allegiance", "Network"):
            found = dict(pair for frame in frames for pair in ribbons.keys(frame, name == "Network"))
            Keys(list(found.items()))
        if name == "Fighters":
            # One scale for both arms, so that they can be compared by eye.
            most = [fighters.tops(frame) for frame in frames]
            common = {side: max(tops.get(side, 0.0) for tops in most) for tops in most for side in tops}
            draw = partial(fighters.draw, tops=common)
        with solara.ColumnsResponsive(default=[12], large=[12] if len(frames) == 1 else [6, 6]):
            for frame, title in zip(frames, titles_of(desk), strict=True):
                with solara.Column(gap="0px"):
                    _heading(title)
                    Chart(draw(frame), tallest, desk, f"{name}: {title}")
                    if name not in ("Network", "Regions"):
                        Events(frame)
    if name == "Regions":
        solara.Text("* held by a patron, not by the state.", style=SMALL)
    if name in ("Outcomes", "Many runs"):
        Events(frames[0])


def _heading(title: str) -> None:
    solara.Text(title, style={"padding": "4px 8px", "font-weight": "500", "font-size": "15px"})


@solara.component
def Keys(found: list[tuple[str, str]]) -> None:
    """Colours and what they stand for."""
    with solara.Row(gap="14px", style={"flex-wrap": "wrap", "padding": "6px 8px"}):
        for colour, text in found:
            with solara.Row(gap="5px", style={"align-items": "center"}):
                ground = {"width": "14px", "height": "14px", "background": colour, "border": "1px solid #888"}
                solara.Div(style=ground)
                solara.Text(text, style={"font-size": "13px"})


@solara.component
def Events(frame: Frame) -> None:
    """The key to the numbered lines."""
    told = "   ".join(f"{n} {frame.months[at]} {title}." for n, (at, title) in enumerate(frame.events(), 1))
    last = frame.run.scenario.period.last_validated
    shaded = f"   Shaded: after {last}, unvalidated." if last < frame.months[-1] else ""
    solara.Text(told + shaded, style=SMALL)


@solara.component
def OutcomeSelect(desk: Desk) -> None:
    """Which monthly outcome."""
    rows = solara.use_memo(lambda: [row for row in outcome_rows() if row["of"] == "month"], [])
    items = [
        {"text": f"{row['name']}: {row['meaning']} ({row['unit']})", "value": row["name"]} for row in rows
    ]
    solara.v.Autocomplete(
        label="Outcome", items=items, v_model=desk.outcome.value, dense=True, hide_details=True,
        class_="bayah-outcome mt-3 px-2",
        on_v_model=lambda name: desk.outcome.set(name or desk.outcome.value),
    )  # fmt: skip


@solara.component
def Outcomes(desk: Desk, frames: list[Frame]) -> None:
    """An outcome of both arms in one figure."""
    OutcomeSelect(desk)
    titles = titles_of(desk)
    Chart(
        compared.draw(frames, titles, desk.outcome.value),
        compared.HEIGHT,
        desk,
        f"{desk.outcome.value} by month",
    )
    if len(frames) == 2:
        first, second = (frame.run.data("outcomes").numbers(desk.outcome.value)[-1] for frame in frames)
        solara.Text(
            f"In the last month: {first:,.4g} and {second:,.4g}, a difference of {second - first:+,.4g}. "
            "One pair of runs is one draw: look at many runs before you say what the model says.",
            style=SMALL,
        )  # fmt: skip


@solara.component
def Many(desk: Desk, frames: list[Frame]) -> None:
    """Many runs of each arm, made in the background, around the run that is shown."""
    ensemble, progress = desk.ensemble.value, desk.progress.value
    solara.use_thread(lambda: ensemble.make(desk.progress.set) if ensemble else None, dependencies=[ensemble])
    OutcomeSelect(desk)
    with solara.Row(gap="16px", style={"align-items": "center", "flex-wrap": "wrap", "padding": "8px"}):
        solara.v.Select(
            label="Runs of each arm", v_model=desk.runs.value, items=[100, 200, 500, 1000, 2000], on_v_model=desk.runs.set,
            dense=True, hide_details=True, style_="max-width: 150px",
        )  # fmt: skip
        running = ensemble is not None and not progress.finished
        solara.Button("Make runs", color="primary", on_click=desk.make_many, disabled=running)
        if running:
            solara.Button("Stop", on_click=desk.give_up)
    if running:
        solara.ProgressLinear(value=progress.percent)
        solara.Text(f"{progress.done:,} of {progress.total:,} runs", style=SMALL)
    for problem in progress.problems:
        solara.Error(str(problem), dense=True)
    if ensemble is None or not progress.finished or progress.problems:
        solara.Info(
            "One run is one draw. Many show what the scenario makes likely: a dark band holds half of them, "
            "a light one nine in ten.",
            dense=True,
            outlined=True,
        )
        return
    outcome = desk.outcome.value
    bands = [results.bands(outcome) for results in ensemble.results]
    top = max(float(frame.run.data("outcomes").numbers(outcome).max()) for frame in frames)
    top = max([top, *(float(band["q95"].max()) for band in bands)])
    with solara.ColumnsResponsive(default=[12], large=[12] if len(frames) == 1 else [6, 6]):
        for n, (frame, title, band) in enumerate(zip(frames, titles_of(desk), bands, strict=False)):
            with solara.Column(gap="0px"):
                _heading(f"{title}: {ensemble.runs:,} runs from seed {ensemble.seed} on")
                option = compared.spread(frame, "the run shown", outcome, band, n, top)
                Chart(option, compared.HEIGHT, desk, f"{outcome} in many runs")
