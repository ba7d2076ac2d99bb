"""The left of the page: scenario, what-if, seed, levers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import reacton.ipyvuetify as v
import solara

from sim.api.discovery import scenario_rows
from sim.api.library import what_if_rows
from sim.dashboard.controls import Control, controls_of, shown_first
from sim.dashboard.desk import MOST_BYTES, Desk
from sim.dashboard.opening import opening
from sim.dashboard.setup import Source
from sim.errors import UsageError
from sim.results.making import seed_of_text
from sim.scenario.quantities import month_index, month_text

__all__ = ["Sidebar", "scenario_list"]

MOST_FOUND = 12
NONE = "none"


@solara.component
def Sidebar(desk: Desk) -> None:
    """Everything that says what is run."""
    with solara.Column(gap="0px", style={"padding": "0 4px 24px 4px"}):
        Scenarios(desk)
        Levers(desk)


@cache
def scenario_list() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Bundled scenarios, and the what-ifs among them; they do not change while the page is served."""
    return scenario_rows(), what_if_rows()


@solara.component
def Scenarios(desk: Desk) -> None:
    """Which scenario, which what-if, which seed."""
    setup = desk.setup.value
    rows, what_ifs = scenario_list()
    asking = {row["name"] for row in what_ifs}
    titles = {row["name"]: row["title"] for row in rows}
    extends = {row["name"]: row["extends"] for row in rows}
    scenario, what_if = setup.scenario.key, setup.what_if.key if setup.what_if else NONE
    items = [{"text": row["title"], "value": row["name"]} for row in rows if row["name"] not in asking]
    title = titles.get(scenario)
    fitting = [row for row in what_ifs if title is not None and extends[row["name"]] == title]
    questions = [
        {"text": "none", "value": NONE},
        *({"text": row["title"], "value": row["name"]} for row in fitting),
    ]
    with solara.Card("Scenario", margin=0, elevation=0):
        v.Select(
            label="Scenario", v_model=scenario, items=_with_own(items, scenario), dense=True, hide_details=True,
            on_v_model=lambda name: desk.open(Source(name)) if name in titles else None, class_="bayah-scenario",
        )  # fmt: skip
        v.Autocomplete(
            label="What if", v_model=what_if, items=_with_own(questions, what_if), dense=True, hide_details=True,
            on_v_model=lambda name: desk.choose_what_if(name if name in titles else None), class_="bayah-what-if mt-4",
        )  # fmt: skip
        solara.v.Switch(
            label="side by side, on the same draws", v_model=setup.beside, dense=True, hide_details=True,
            on_v_model=lambda on: desk.ask(replace(setup, beside=bool(on))), class_="mt-3", disabled=not setup.changed,
        )  # fmt: skip
        Seed(desk)
        Upload(
            label="Own scenario file (YAML)", most=MOST_BYTES,
            event_uploaded=lambda file: desk.upload(str(file["name"]), file["content"]),
        )  # fmt: skip
        Question(desk, what_ifs)


def _with_own(items: list[dict[str, str]], chosen: str) -> list[dict[str, str]]:
    """Entries of a list, and a file of the visitor's own where that is what is chosen."""
    known = any(item["value"] == chosen for item in items)
    return items if known else [*items, {"text": chosen, "value": chosen}]


@solara.component
def Question(desk: Desk, what_ifs: list[dict[str, Any]]) -> None:
    """What the scenario asks, and what a bundled what-if changes."""
    stage, setup = desk.stage.value, desk.setup.value
    meta = stage.arms[-1].loaded.scenario.meta
    v.Html(tag="p", class_="bayah-small mt-3 mb-0 font-weight-bold", children=[meta.title])
    v.Html(tag="p", class_="bayah-small mb-0", children=[meta.question])
    known = {row["name"]: row["changes"] for row in what_ifs}
    changes = known.get(setup.what_if.key) if setup.what_if else None
    if changes:
        v.Html(tag="p", class_="bayah-small mb-0", children=[f"Changes: {changes}"])


@solara.component_vue("upload.vue")
def Upload(label: str, most: int, event_uploaded: Callable[[dict[str, Any]], None] | None = None) -> None:
    """A box for a file of the visitor's own; tells its name and its bytes in base64, None where it is too large."""


@solara.component
def Seed(desk: Desk) -> None:
    """The seed, as text: it may be as large as 2**64 - 1."""
    setup = desk.setup.value
    text, set_text = solara.use_state(str(setup.seed))
    wrong = _seed(text) is None

    def enter(value: str) -> None:
        set_text(value)
        seed = _seed(value)
        if seed is not None:
            desk.ask(replace(desk.setup.value, seed=seed))

    solara.InputText(
        "Seed", value=text, on_value=enter, error="a whole number from 0 to 2**64 - 1" if wrong else False
    )


def _seed(text: str) -> int | None:
    try:
        return seed_of_text(text.strip())
    except UsageError:
        return None


@solara.component
def Levers(desk: Desk) -> None:
    """Levers that were moved, those that are shown first, and those that are searched for."""
    setup, plain = desk.setup.value, desk.plain.value
    source = setup.what_if or setup.scenario
    found, set_found = solara.use_state("")

    def read() -> tuple[dict[str, Control], tuple[str, ...]]:
        known = controls_of(plain)
        return known, shown_first(plain, known)

    known, first = solara.use_memo(read, [id(plain)])
    # They come last.
    solara.use_effect(opening.drawn.set, [])
    moved = dict(setup.moved)
    # A lever that was refused goes back to where it was.
    refused = desk.refused.value
    words = found.casefold().split()
    matching = [path for path, control in known.items() if words and control.matches(words)]
    gone = tuple(f"{path}." for path, value in moved.items() if value is None)
    shown = [path for path in (matching[:MOST_FOUND] if words else first) if not path.startswith(gone)]
    with solara.Card("Levers", margin=0, elevation=0):
        solara.InputText(
            "Search all levers, e.g. omar or franchise",
            value=found,
            on_value=set_found,
            continuous_update=True,
        )
        if words and len(matching) > MOST_FOUND:
            solara.Text(
                f"{len(matching)} levers match; the first {MOST_FOUND} are shown.", classes=["bayah-small"]
            )
        if words and not matching:
            solara.Text("No lever matches.", classes=["bayah-small"])
        for path in moved:
            if moved[path] is None:
                LeftOut(desk, path, known.get(f"{path}.date")).key(f"{source.name} {path} left out")
            elif path in known:
                Lever(desk, known[path], moved[path], moved=True).key(f"{source.name} {path} moved {refused}")
        for path in shown:
            if path not in moved:
                Lever(desk, known[path], known[path].value, moved=False).key(
                    f"{source.name} {path} {refused}"
                )


@solara.component
def LeftOut(desk: Desk, path: str, date: Control | None) -> None:
    """An event that was left out, and the way back."""
    name = date.label if date is not None else path
    with (
        solara.Div(classes=["bayah-lever"], attributes={"data-path": path}),
        solara.Row(justify="space-between", gap="4px", style={"align-items": "center", "min-height": "26px"}),
    ):
        v.Html(tag="span", class_="bayah-label font-weight-bold", children=[f"{name}: left out"])
        solara.Button(
            icon_name="mdi-undo", icon=True, small=True, on_click=lambda: desk.put_back(path),
            attributes={"aria-label": f"put back {name}", "title": "put back"},
        )  # fmt: skip


@solara.component
def Lever(desk: Desk, control: Control, value: Any, moved: bool) -> None:
    """One lever: its name, its value with unit, its control; all about it on hover."""
    kinds: dict[str, Callable[..., None]] = {
        "number": Number,
        "month": Month,
        "switch": Switch,
        "choice": Choice,
    }
    with solara.Div(classes=["bayah-lever"], attributes={"data-path": control.path}):
        with solara.Row(
            justify="space-between", gap="4px", style={"align-items": "center", "min-height": "26px"}
        ):
            with solara.Tooltip(control.hover()):
                v.Html(
                    tag="span",
                    class_="bayah-label" + (" font-weight-bold" if moved else ""),
                    children=[control.label],
                )
            if moved:
                solara.Button(
                    icon_name="mdi-undo", icon=True, small=True, on_click=lambda: desk.put_back(control.path),
                    attributes={"aria-label": f"put back {control.label}", "title": "put back"},
                )  # fmt: skip
        kinds[control.kind](desk, control, value)


@solara.component
def Number(desk: Desk, control: Control, value: float) -> None:
    """A slider; it acts when it is let go."""
    at, set_at = solara.use_state(value)
    refused = desk.refused.value
    solara.use_effect(lambda: set_at(value), [refused])
    low, high = min(control.low, value), max(control.high, value)

    def let_go(_widget: Any, _event: str, at: float) -> None:
        set_at(at)
        if at != value:
            desk.move(control.path, at)

    with solara.Row(gap="8px", style={"align-items": "center"}):
        slider = v.Slider(
            v_model=at, on_v_model=set_at, min=low, max=high, step=control.step, dense=True, hide_details=True,
            attributes={"aria-label": control.label},
        )  # fmt: skip
        v.use_event(slider, "change", let_go)
        solara.Text(
            f"{at:.4g} {control.unit}",
            style={"font-size": "12px", "white-space": "nowrap", "min-width": "88px"},
        )


@solara.component
def Month(desk: Desk, control: Control, value: str | None) -> None:
    """A date, as a slider over the months; the switch leaves the event out."""
    low, high = int(control.low), int(control.high)
    held = month_index(value or control.value)
    at, set_at = solara.use_state(held)
    refused = desk.refused.value
    solara.use_effect(lambda: set_at(held), [refused])

    def let_go(_widget: Any, _event: str, at: float) -> None:
        set_at(int(at))
        if value is None or at != month_index(value):
            desk.move(control.path, month_text(int(at)))

    event = control.path.rsplit(".", 1)[0]
    with solara.Row(gap="8px", style={"align-items": "center"}):
        slider = v.Slider(
            v_model=at, on_v_model=set_at, min=min(low, at), max=max(high, at), step=1, dense=True, hide_details=True,
            attributes={"aria-label": control.label},
        )  # fmt: skip
        v.use_event(slider, "change", let_go)
        solara.Text(month_text(at), style={"font-size": "12px", "white-space": "nowrap"})
        solara.Button(
            icon_name="mdi-close", icon=True, small=True, on_click=lambda: desk.move(event, None),
            attributes={"aria-label": f"leave out {control.label}", "title": "leave this event out"},
        )  # fmt: skip


@solara.component
def Switch(desk: Desk, control: Control, value: bool) -> None:
    """On or off."""
    v.Switch(
        v_model=bool(value), on_v_model=lambda on: desk.move(control.path, bool(on)), dense=True, hide_details=True,
        label="on" if value else "off", class_="mt-0",
    )  # fmt: skip


@solara.component
def Choice(desk: Desk, control: Control, value: str) -> None:
    """One of several words."""
    v.Select(
        v_model=value, items=list(control.choices), on_v_model=lambda word: desk.move(control.path, word), dense=True,
        hide_details=True,
    )  # fmt: skip
