"""What there is: scenarios to run, levers to pull, outcomes to read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.scenario.bundled import bundled_scenarios
from sim.scenario.dates import resolve_dates
from sim.scenario.evidence import evidence, is_given
from sim.scenario.load import Loaded, load
from sim.scenario.quantities import month_text
from sim.scenario.walk import numbers
from sim.scenario.wording import dotted

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "design_rows", "designs", "experiment_rows", "lever_frame", "lever_rows", "levers", "outcome_rows", "outcomes",
    "scenario_rows", "scenarios",
]  # fmt: skip

DEFAULT = "default of the schema"
_LEVER_COLUMNS = ("path", "value", "unit", "prior", "source", "kind")


def scenarios() -> pd.DataFrame:
    """The bundled scenarios, with what each asks.

    Examples
    --------
    >>> import sim
    >>> sim.scenarios().loc["baseline", "title"]
    'Taliban or ISKP, 2013 to 2024: the baseline'
    """
    import pandas as pd

    return pd.DataFrame(scenario_rows(), columns=["name", "title", "question", "extends"]).set_index("name")


def scenario_rows() -> list[dict[str, Any]]:
    """The bundled scenarios as plain data. Their files are read and not checked: this is to choose from."""
    from sim.scenario.reader import read_tree

    files = {name: (file.resolve(), read_tree(file).data) for name, file in bundled_scenarios().items()}
    titles = {file: data["meta"]["title"] for file, data in files.values()}
    rows = []
    for name, (file, data) in files.items():
        bases = data.get("extends", [])
        known = ((file.parent / base).resolve() for base in ([bases] if isinstance(bases, str) else bases))
        rows.append(
            {
                "name": name,
                "title": data["meta"]["title"],
                "question": data["meta"]["question"],
                "extends": next((titles[base] for base in known if base in titles), ""),
            }
        )
    return rows


def designs() -> pd.DataFrame:
    """The bundled designs of many runs, with what each asks and how large it is.

    Examples
    --------
    >>> import sim
    >>> sim.designs().loc["omar-by-successor", ["points", "runs"]].tolist()
    [104, 10400]
    """
    import pandas as pd

    rows = design_rows()
    return pd.DataFrame(rows, columns=["name", "title", "question", "points", "runs"]).set_index("name")


def design_rows(counted: bool = True) -> list[dict[str, Any]]:
    """As :func:`designs`, as plain data.

    Parameters
    ----------
    counted
        Plan each design, for points and runs, instead of reading its heading.
    """
    return [row for row in experiment_rows(counted) if row["kind"] == "design"]


def experiment_rows(counted: bool = True) -> list[dict[str, Any]]:
    """All bundled experiment files as plain data, with the kind of each; points and runs of designs where counted."""
    from sim.experiments.reading import bundled_experiments
    from sim.scenario.reader import read_tree

    rows = []
    for name, (file, kind) in bundled_experiments().items():
        meta = read_tree(file).data["meta"]
        row = {"name": name, "kind": kind, "title": meta["title"], "question": meta.get("question", "")}
        if counted and kind == "design":
            from sim.api.sweeping import plan_sweep

            plan = plan_sweep(name)
            row |= {"points": plan.points, "runs": plan.runs}
        rows.append(row)
    return rows


def levers(scenario: str | Path = "baseline", search: str = "") -> pd.DataFrame:
    """What can be changed in a scenario.

    Parameters
    ----------
    scenario
        Name or path.
    search
        Words that must all stand in path, unit, source or title.

    Returns
    -------
    pandas.DataFrame
        Path, value, unit, prior, source and kind: a ``lever`` is the choice of a what-if (a date, an event, a
        posture), an ``uncertainty`` is what nobody knows (a weight, a size with a prior).

    Examples
    --------
    >>> import sim
    >>> sim.levers("baseline", search="omar_dies date")["path"].tolist()
    ['events.omar_dies.date']
    >>> sim.levers("baseline").set_index("path").loc["weights.b_embed", "kind"]
    'uncertainty'
    """
    return lever_frame(load(scenario), search)


def lever_frame(loaded: Loaded, search: str = "") -> pd.DataFrame:
    """As :func:`levers`, of a scenario that is loaded."""
    import pandas as pd

    rows = list(lever_rows(loaded, search))
    return pd.DataFrame(rows, columns=list(_LEVER_COLUMNS))


def lever_rows(loaded: Loaded, search: str = "") -> Iterator[dict[str, Any]]:
    """As :func:`levers`, as plain data."""
    words = search.casefold().split()
    titles = {name: event.title or "" for name, event in loaded.scenario.events.items()}
    for row in (*_choices(loaded), *_numbers(loaded)):
        parts = str(row["path"]).split(".")
        title = titles.get(parts[1], "") if parts[0] == "events" else ""
        text = " ".join([*(str(value) for value in row.values()), title]).casefold()
        if all(word in text for word in words):
            yield row


def _numbers(loaded: Loaded) -> Iterator[dict[str, Any]]:
    sourced = {row.path: row for row in evidence(loaded)}
    for path, number, unit in numbers(loaded.scenario):
        name = dotted(path)
        row = sourced.get(name)
        given = is_given(path, loaded.tree)
        section = str(path[0])
        if section == "changes":
            # As --set takes it.
            section, shown = str(path[3]).split(".")[0], f"{path[3]}@{path[1]}"
        else:
            shown = name
        yield {
            "path": shown,
            "value": number.value,
            "unit": unit,
            "prior": row.prior if row else "",
            "source": row.source if row else ("" if given else DEFAULT),
            "kind": kind_of(section, bool(row and row.prior)),
        }


def kind_of(section: str, has_prior: bool) -> str:
    """Whether a number is a lever or an uncertainty: what ``bayah check`` holds a what-if to."""
    if section in ("weights", "decision", "observation"):
        return "uncertainty"
    return "uncertainty" if has_prior and section in ("factions", "regions") else "lever"


def _choices(loaded: Loaded) -> Iterator[dict[str, Any]]:
    """What is no number: dates, switches, structural choices, the decision rule."""
    scenario = loaded.scenario
    months = resolve_dates(scenario)
    for name, event in scenario.events.items():
        when = month_text(months[name])
        note = "" if event.date == when else f" (now {when})"
        yield _choice(f"events.{name}.date", event.date, "month", event.source + note)
    for path, value, unit in (
        ("period.start", scenario.period.start, "month"),
        ("period.end", scenario.period.end, "month"),
        ("structure.legitimacy_fall", scenario.structure.legitimacy_fall, "choice"),
        ("structure.concealment_erosion", scenario.structure.concealment_erosion, "switch"),
    ):
        yield _choice(path, value, unit, "" if is_given(tuple(path.split(".")), loaded.tree) else DEFAULT)
    yield {**_choice("decision.rule", scenario.decision.rule, "choice", ""), "kind": "uncertainty"}
    yield from _switches(loaded)


def _switches(loaded: Loaded) -> Iterator[dict[str, Any]]:
    from sim.mechanisms import MECHANISMS

    for statement in MECHANISMS:
        given = statement.id in loaded.scenario.mechanisms
        value = loaded.scenario.mechanisms.get(statement.id, statement.default)
        source = f"{statement.article} {statement.id}" + ("" if given else f", {DEFAULT}")
        yield _choice(statement.switch, value, "switch", source)


def _choice(path: str, value: Any, unit: str, source: str) -> dict[str, Any]:
    return {"path": path, "value": value, "unit": unit, "prior": "", "source": source, "kind": "lever"}


def outcomes() -> pd.DataFrame:
    """What is measured, by ``month`` and of the ``run`` as a whole.

    Examples
    --------
    >>> import sim
    >>> sim.outcomes().loc[("month", "focus_fighters"), "unit"]
    'persons'
    """
    import pandas as pd

    rows = outcome_rows()
    return pd.DataFrame(rows, columns=["of", "name", "unit", "meaning"]).set_index(["of", "name"])


def outcome_rows() -> list[dict[str, Any]]:
    """As :func:`outcomes`, as plain data."""
    from sim.outcomes import MONTHLY, SUMMARY

    return [
        {"name": column.name, "of": of, "unit": column.unit, "meaning": column.meaning}
        for of, columns in (("month", MONTHLY), ("run", SUMMARY))
        for column in columns
    ]
