"""An example of each section of a scenario file: whole files, each of which holds without a warning."""

from __future__ import annotations

from functools import cache
from typing import Any

__all__ = ["EXAMPLES", "event_example"]

EXAMPLES: dict[str, str] = {
    "meta": """\
extends: baseline
meta:
  title: "Omar's death announced at once"
  question: "What if the death had been announced in the month it happened?"
  notes: ["The successor is named in the same month."]
events:
  omar_revealed: {date: 2013-04, source: "judgement: the lever of this what-if"}
""",
    "period": """\
extends: baseline
meta: {title: Two more years, question: "Where would it have gone from there? Nothing after 2024 is validated."}
period: {end: 2026-12}
""",
    "patrons": """\
extends: baseline
meta: {title: Four seats, question: "What if ISKP could have recognised four factions only?"}
patrons:
  iskp:
    franchise_slots: {value: 4, source: "judgement: the lever of this what-if"}
""",
    "factions": """\
extends: baseline
meta: {title: IMU at home, question: "What if the IMU had been in Zabul from the start?"}
factions:
  imu: {theatre: kandahar_zabul}
""",
    "regions": """\
extends: baseline
meta: {title: A weaker east, question: "What if the state had held half as much of Nangarhar in 2013?"}
regions:
  nangarhar:
    state_capacity: {value: 0.25, source: "judgement: the lever of this what-if"}
""",
    "events": """\
extends: baseline
meta: {title: Earlier news, question: "What if the death had become known a year earlier?"}
events:
  omar_revealed: {date: 2014-07, source: "judgement: the lever of this what-if"}
  prison_release: null
""",
    "mechanisms": """\
extends: baseline
meta: {title: No neglect, question: "What if far-off oaths had not been neglected (M45)?"}
mechanisms: {M45: false}
""",
    "structure": """\
extends: baseline
meta: {title: Rumours, question: "What if rumours had eroded recognition while the death was hidden?"}
structure: {concealment_erosion: true, legitimacy_fall: saturating}
""",
    "report": """\
extends: baseline
meta: {title: The early years, question: "How did it stand before the news of 2015?"}
report: {dates: [2013-12, 2014-12, 2015-06], marks: [omar_revealed, iskp_founded]}
""",
    "changes": """\
extends: baseline
meta: {title: No more oaths, question: "What if ISKP had taken no more oaths from June 2015 on?"}
changes:
  "2015-06":
    set:
      patrons.iskp.acceptance: {value: 0, source: "judgement: the lever of this what-if"}
""",
    "what_if": """\
extends: baseline
meta: {title: Fewer prisoners, question: "What if half of the prisoners had stayed in prison in August 2021?"}
events:
  prison_release: {fighters: {value: 900, source: "judgement: the lever of this what-if"}}
what_if:
  statements: [M55, M59]
  held_fixed: ["The takeover, and the crackdown after it."]
  readouts:
    - {outcome: focus_fighters, month: "2022-12", no_effect: 200, because: "about 5 % of the men it has then"}
  expects: "Half of what no-prison-release brings."
""",
    "sources": """\
extends: baseline
meta: {title: A cited number of seats, question: "What if a source of your own has another number?"}
sources:
  X1: {cite: "A report of your own, 2014", kind: literature}
patrons:
  iskp:
    franchise_slots: {value: 10, source: "X1 p. 3"}
""",
}
"""Files by the section that each shows."""

_WHOLE = ("baseline", "sahel")
"""Scenarios whose files are in parts."""
_INVENTED: dict[str, tuple[str, dict[str, Any]]] = {
    "transfer": (
        "more_money",
        {
            "kind": "transfer",
            "date": "2016-01",
            "patron": "iskp",
            "level": {"value": 2.0, "source": "judgement: the lever of this what-if"},
            "source": "judgement: invented for this what-if",
        },
    )
}
"""Kinds that no bundled file has."""


@cache
def _entries() -> dict[str, tuple[str, dict[str, Any]]]:
    """An event of each kind as the bundled files have it, with its id; the baseline's first."""
    from sim.scenario.bundled import bundled_scenarios
    from sim.scenario.load import load
    from sim.scenario.reader import read_tree

    trees = [load(name).tree for name in _WHOLE]
    trees += [read_tree(file).data for file in bundled_scenarios().values()]
    found = dict(_INVENTED)
    for tree in trees:
        for name, event in (tree.get("events") or {}).items():
            if isinstance(event, dict) and "kind" in event:
                found.setdefault(event["kind"], (name, event))
    return found


def event_example(kind: str) -> str:
    """An event of a kind as YAML, from the bundled files."""
    from sim.scenario.emit import emit

    name, event = _entries()[kind]
    return emit({"events": {name: event}})
