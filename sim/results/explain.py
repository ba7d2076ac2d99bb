"""Why a faction chose as it did: told from the table of decisions, so that a run's folder is enough."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import state as s
from sim.results.tables import Table
from sim.results.telling import tell, tell_all, tell_asleep
from sim.results.waking import wakers
from sim.scenario.quantities import month_index, month_text

if TYPE_CHECKING:
    import pandas as pd

    from sim.results.run import Run

__all__ = ["Explanation", "explain"]

_TERMS = tuple(column.name for column in s.TERM)
_GROUPS = {column.name: column.unit for column in s.TERM}
_BY_TERMS = ("logit", "ideology_led", "patronage_led")
"""Decision rules that choose by the sum of the terms."""


@dataclass(frozen=True)
class Explanation:
    """Why a faction chose as it did: ``str()`` tells it, ``.table`` has the terms, ``.as_dict()`` all.

    Examples
    --------
    >>> import sim
    >>> told = sim.run("baseline", seed=1, until="2014-12").explain("imu", "2014-06")
    >>> print(str(told).splitlines()[0])
    Islamic Movement of Uzbekistan (imu, F30), 2014-06, seed 1
    >>> told.table["iskp"].loc[["embed", "punishment", "utility"]].round(2).tolist()
    [0.0, -0.2, 3.73]
    """

    data: dict[str, Any]
    text: str

    def as_dict(self) -> dict[str, Any]:
        """Everything in plain types."""
        return self.data

    @property
    def table(self) -> pd.DataFrame:
        """Terms by option, log-odds; of all decisions where no month was asked for."""
        import pandas as pd

        rows = [
            {"month": decision["month"], "option": option["option"], **option["terms"], **_ends(option)}
            for decision in self._decisions()
            for option in decision["options"]
        ]
        frame = pd.DataFrame(rows, columns=["month", "option", *_TERMS, "utility", "probability"])
        if self.data["kind"] == "history":
            return frame.set_index(["month", "option"])
        return frame.drop(columns="month").set_index("option").T

    def _decisions(self) -> list[dict[str, Any]]:
        if self.data["kind"] == "history":
            return list(self.data["decisions"])
        return [self.data] if self.data["kind"] == "decision" else []

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        told = f"<pre style='white-space:pre-wrap'>{escape(self.text)}</pre>"
        if self.data["kind"] != "decision":
            return told
        return told + str(self.table.to_html(float_format="{:.2f}".format, na_rep=""))


def _ends(option: dict[str, Any]) -> dict[str, Any]:
    return {"utility": option["utility"], "probability": option["probability"]}


def explain(run: Run, faction: str, month: str | None = None) -> Explanation:
    """As :meth:`sim.results.run.Run.explain`."""
    who = run.faction(faction)
    mine = _decisions_of(run, who)
    head = _head(run, who)
    if month is None:
        data = {"kind": "history", **head, "decisions": mine, "telling": _most_telling(run, mine)}
        return Explanation(data, tell_all(data))
    asked = run.month(month)
    for place, decision in enumerate(mine):
        if decision["month"] == asked:
            data = {"kind": "decision", **head, **decision, **_context(run, who, mine, place)}
            return Explanation(data, tell(data))
    data = {"kind": "asleep", **head, **_asleep(run, who, mine, asked)}
    return Explanation(data, tell_asleep(data))


def _head(run: Run, who: str) -> dict[str, Any]:
    scenario = run.scenario
    known = scenario.factions.get(who)
    return {
        "faction": who,
        "name": known.name if known else f"{who}, a splinter of {_parent_of(run, who)}",
        "code": known.code if known else None,
        "patrons": {patron: about.name for patron, about in scenario.patrons.items()},
        "rule": run.manifest["own"].get("rule", scenario.decision.rule),
        "theta": scenario.decision.theta.value,
        "rationality": scenario.decision.rationality.value,
        "seed": run.seed,
        "unvalidated_from": run.unvalidated_from,
    }


def _parent_of(run: Run, who: str) -> str:
    factions = run.data("factions")
    row = int(np.flatnonzero(factions.words("faction").where(who))[0])
    return str(factions.words("parent")[row])


def _decisions_of(run: Run, who: str) -> list[dict[str, Any]]:
    """A faction's decisions by month, each with what it compared and what spoke for the choice."""
    table = run.data("decisions")
    mine = table.rows(table.words("faction").where(who))
    options = len(run.manifest["options"])
    rows = list(mine.records())
    found = [_decision(rows[first : first + options]) for first in range(0, len(rows), options)]
    for decision in found:
        decision["events"] = wakers(run, who, decision)
    return found


def _decision(rows: list[dict[str, Any]]) -> dict[str, Any]:
    held, chosen = rows[0]["held"], rows[0]["chosen"]
    options = [
        {
            "option": row["option"],
            "available": row["available"],
            "utility": row["utility"] if row["available"] else None,
            "probability": row["probability"],
            # A weight of zero leaves a negative zero behind.
            "terms": {name: row[name] + 0.0 for name in _TERMS},
        }
        for row in rows
    ]
    mine = next(option for option in options if option["option"] == chosen)
    against = _rival(options, held, chosen)
    return {
        "month": rows[0]["month"],
        "held": held,
        "chosen": chosen,
        "moved": held != chosen,
        "probability": mine["probability"],
        "reasons": [reason for reason in rows[0]["reasons"].split("; ") if reason],
        "options": options,
        "against": against["option"] if against else None,
        "gap": mine["utility"] - against["utility"] if against else None,
        "differences": _differences(mine, against) if against else [],
    }


def _rival(options: list[dict[str, Any]], held: str, chosen: str) -> dict[str, Any] | None:
    """What the choice is told against: what it held before, or the best of what it did not take."""
    others = [option for option in options if option["available"] and option["option"] != chosen]
    if held != chosen:
        others = [option for option in others if option["option"] == held]
    return max(others, key=lambda option: option["utility"], default=None)


def _differences(mine: dict[str, Any], other: dict[str, Any]) -> list[dict[str, Any]]:
    found = [
        {"term": name, "group": _GROUPS[name], "difference": mine["terms"][name] - other["terms"][name]}
        for name in _TERMS
    ]
    return sorted(found, key=lambda item: -abs(item["difference"]))


def _most_telling(run: Run, mine: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The first change to the patron asked about, or the first change at all."""
    moves = [decision for decision in mine if decision["moved"]]
    focus = run.manifest["focus"]
    to_focus = [decision for decision in moves if decision["chosen"] in (focus, f"ally({focus})")]
    return next(iter([*to_focus, *moves]), None)


def _context(run: Run, who: str, mine: list[dict[str, Any]], place: int) -> dict[str, Any]:
    """What changed since the decision before, and what came of this one."""
    decision = mine[place]
    since = None
    if place:
        before = mine[place - 1]
        since = {
            "month": before["month"],
            "held": before["held"],
            "chosen": before["chosen"],
            "changes": _changes(before, decision),
        }
    until = mine[place + 1]["month"] if place + 1 < len(mine) else None
    return {
        "by_terms": run.scenario.decision.rule in _BY_TERMS and "rule" not in run.manifest["own"],
        "groups": _groups(decision),
        "since": since,
        "after": _after(run, who, decision["month"], until),
    }


def _changes(before: dict[str, Any], now: dict[str, Any]) -> list[dict[str, Any]]:
    """How each term moved since the decision before, for the two options that are compared."""
    told = [now["chosen"], *([now["against"]] if now["against"] else [])]
    old = {option["option"]: option["terms"] for option in before["options"]}
    found = [
        {
            "option": option["option"],
            "term": name,
            "change": option["terms"][name] - old[option["option"]][name],
        }
        for option in now["options"]
        if option["option"] in told
        for name in _TERMS
    ]
    return sorted(found, key=lambda item: -abs(item["change"]))


def _groups(decision: dict[str, Any]) -> dict[str, float]:
    """The difference to the other option by group of terms, the largest first."""
    sums: dict[str, float] = {}
    for item in decision["differences"]:
        sums[item["group"]] = sums.get(item["group"], 0.0) + item["difference"]
    return dict(sorted(sums.items(), key=lambda pair: -abs(pair[1])))


def _after(run: Run, who: str, month: str, until: str | None) -> list[dict[str, Any]]:
    """How the oath was answered, up to the next decision."""
    kinds = ("offer", "oath_accepted", "oath_ignored", "oath_refused")
    found = [row for row in _own_events(run.data("events"), who) if row["kind"] in kinds]
    return [
        {"month": row["month"], "kind": row["kind"], "detail": row["detail"]}
        for row in found
        if row["month"] >= month and (until is None or row["month"] < until)
    ]


def _own_events(events: Table, who: str) -> list[dict[str, Any]]:
    return list(events.rows(events.words("subject").where(who)).records())


def _asleep(run: Run, who: str, mine: list[dict[str, Any]], month: str) -> dict[str, Any]:
    """Where a faction stood in a month in which it decided nothing, and its decisions next to that."""
    factions = run.data("factions")
    here = factions.words("faction").where(who)
    at = np.flatnonzero(here & (factions.numbers("month") == month_index(month)))
    months = factions.numbers("month")[here]
    brief = [{name: decision[name] for name in ("month", "held", "chosen")} for decision in mine]
    row = int(at[0]) if len(at) else None
    return {
        "month": month,
        "fate": factions.words("fate")[row] if row is not None else "waiting",
        "allegiance": factions.words("allegiance")[row] if row is not None else None,
        "oath": factions.words("oath")[row] if row is not None else None,
        "from": month_text(int(months.min())) if len(months) else None,
        "before": next((item for item in reversed(brief) if item["month"] < month), None),
        "next": next((item for item in brief if item["month"] > month), None),
    }
