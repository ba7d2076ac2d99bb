# ruff: noqa: E501 - one case a line
"""Files laid over each other, and overrides laid over files."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import errors_of
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import ScenarioError
from sim.scenario.composer import compose
from sim.scenario.load import Loaded, load, load_text, resolved_yaml, with_overrides
from sim.scenario.merge import Layers, merge
from sim.scenario.nodes import Mark, Node, flatten
from sim.scenario.overrides import to_node

pytestmark = pytest.mark.core

Write = Callable[[str, str], None]


@pytest.fixture
def write(folder: Path) -> Write:
    def put(name: str, text: str) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")

    return put


def merged(target: Any, patch: Any) -> Any:
    here = Mark("f", 1, 1)
    layers = Layers()
    return flatten(merge(merge(None, to_node(target, here), layers), to_node(patch, here), layers)).data


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        # The examples of RFC 7386, as far as both sides are mappings.
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": 1}, {"a": None}, {"e": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        # A number over a number with a source.
        ({"a": {"value": 1, "prior": {"x": 1}, "source": "P2"}}, {"a": 3},
         {"a": {"value": 3, "prior": {"x": 1}, "source": "override"}}),
        ({"a": {"value": 1, "source": "P2"}}, {"a": {"value": 3}}, {"a": {"value": 3, "source": "override"}}),
        ({"a": {"value": 1, "source": "P2"}}, {"a": {"value": 3, "source": "P3"}}, {"a": {"value": 3, "source": "P3"}}),
        ({"a": {"value": 1, "source": "P2"}}, {"a": {"source": "P3"}}, {"a": {"value": 1, "source": "P3"}}),
        ({"a": 1}, {"a": {"source": "P3"}}, {"a": {"value": 1, "source": "P3"}}),
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": {"value": 1, "source": "P2"}}, {"a": True}, {"a": True}),
    ],
)  # fmt: skip
def test_merging_follows_the_rfc(target: Any, patch: Any, result: Any) -> None:
    assert merged(target, patch) == result


def rfc_7386(target: Any, patch: Any) -> Any:
    """The algorithm as the RFC prints it."""
    if not isinstance(patch, dict):
        return patch
    target = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = rfc_7386(target.get(name), value)
    return target


PLAIN = st.recursive(
    st.none() | st.text("ab", max_size=2) | st.booleans(),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=8,
)
MAPPINGS = st.dictionaries(st.sampled_from("abc"), PLAIN, max_size=3)


@given(MAPPINGS, MAPPINGS)
def test_merging_is_the_algorithm_of_the_rfc(target: dict[str, Any], patch: dict[str, Any]) -> None:
    target = rfc_7386({}, target)
    assert merged(target, patch) == rfc_7386(target, patch)


def test_later_files_win_and_every_value_keeps_its_place(write: Write) -> None:
    write(
        "what-if/a.yaml", "extends: ../tiny.yaml\nmeta:\n  title: A\ndecision: {rule: threshold, theta: 1}\n"
    )
    write("what-if/b.yaml", "decision:\n  theta: 2\n")
    write("c.yaml", "extends: [what-if/a.yaml, what-if/b.yaml]\nmeta:\n  question: C?\n")
    loaded = load("c.yaml")
    assert loaded.scenario.meta.title == "A"
    assert loaded.scenario.meta.question == "C?"
    assert loaded.scenario.decision.rule == "threshold"
    assert loaded.scenario.decision.theta.value == 2
    assert list(loaded.files) == ["c.yaml", "what-if/a.yaml", "tiny.yaml", "what-if/b.yaml"]
    assert loaded.marks["meta", "title"] == ("what-if/a.yaml", 3, 10)
    assert loaded.marks["meta", "question"] == ("c.yaml", 3, 13)
    assert loaded.marks["decision", "theta"] == ("what-if/b.yaml", 2, 10)
    assert loaded.marks["period", "end"] == ("tiny.yaml", 7, 8)
    assert loaded.own == {"meta": {"question": "C?"}}


def test_errors_name_the_file_that_gave_the_value(write: Write) -> None:
    write("w.yaml", "extends: tiny.yaml\nfactions:\n  sons: {youth: 2}\n  guests: {home: null, nmae: X}\n")
    assert errors_of(lambda: load("w.yaml")) == [
        "tiny.yaml:52:3: factions.guests.home: required, but missing",
        "w.yaml:3:17: factions.sons.youth: 2 is outside 0 to 1 (share)",
        "w.yaml:4:24: factions.guests.nmae: unknown key (did you mean 'name'?)",
    ]


def test_a_file_extended_twice_is_laid_down_once(write: Write) -> None:
    write("one.yaml", "extends: tiny.yaml\ndecision: {theta: 1}\n")
    write("two.yaml", "extends: tiny.yaml\nmeta: {title: Two}\nevents: {plea: null}\n")
    write("both.yaml", "extends: [one.yaml, two.yaml]\n")
    scenario = load("both.yaml").scenario
    assert scenario.decision.theta.value == 1
    assert scenario.meta.title == "Two"
    assert "plea" not in scenario.events


def test_a_file_far_away_can_extend_a_bundled_scenario(write: Write) -> None:
    write("mine.yaml", "extends: baseline\nmeta: {title: Mine}\n")
    loaded = load("mine.yaml")
    assert loaded.scenario.meta.title == "Mine"
    assert loaded.scenario.factions == load("baseline").scenario.factions


BAD_EXTENDS = [
    ("extends: tinny.yaml\n", ["w.yaml:1:10: extends: 'tinny.yaml': no such file (did you mean 'tiny.yaml'?)"]),
    ("extends: sub/othr.yaml\n", ["w.yaml:1:10: extends: 'sub/othr.yaml': no such file (did you mean 'sub/other.yaml'?)"]),
    ("extends: sub\n", ["w.yaml:1:10: extends: 'sub': is a folder; name a scenario file"]),
    ("extends: 3\n", ["w.yaml:1:10: extends: should be the path of a file, or a list of paths, relative to this file"]),
    ("extends: [tiny.yaml, {a: b}]\n", ["w.yaml:1:22: extends: should be the path of a file, or a list of paths, relative to this file"]),
    ("extends: w.yaml\n", ["w.yaml:1:10: extends: files extend each other in a ring: w.yaml -> w.yaml"]),
    ("extends: sub/other.yaml\n", ["sub/other.yaml:1:10: extends: files extend each other in a ring: w.yaml -> sub/other.yaml -> w.yaml"]),
    ("extends: sub/broken.yaml\n", ["sub/broken.yaml:1:5: not valid YAML: did not find expected node content"]),
    ("extends: tiny.yaml\nevents: {pleaa: null}\n", ["w.yaml:2:10: events.pleaa: null removes nothing, there is no such key (did you mean 'plea'?)"]),
    ("extends: tiny.yaml\nevents:\n  elder_dies: null\n", ["w.yaml:3:3: events.elder_dies: removing it orphans events that need it: elder_revealed, elder_succeeded; remove or change them too"]),
    ("extends: tiny.yaml\nregions: {valley: null}\n", [
        "w.yaml:2:11: regions.valley: removing it leaves mentions of it: factions.guests.home, regions.hills.neighbours.1, "
        "events.valley_operation.regions.0; remove or change them too"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "lines"), BAD_EXTENDS)
def test_bad_extends(write: Write, text: str, lines: list[str]) -> None:
    write("sub/other.yaml", "extends: ../w.yaml\n")
    write("sub/broken.yaml", "a: [,\n")
    write("w.yaml", text)
    assert errors_of(lambda: load("w.yaml")) == lines


def test_a_chain_of_files_has_an_end(write: Write) -> None:
    for number in range(80):
        write(f"f{number}.yaml", f"extends: f{number + 1}.yaml\n")
    assert errors_of(lambda: load("f0.yaml")) == [
        "f63.yaml:1:10: extends: more than 64 files extend each other"
    ]


def test_a_removed_faction_or_patron_takes_what_hangs_on_it(tiny_text: str) -> None:
    scenario = load_text(tiny_text, ["factions.guests=null"]).scenario
    assert [(tie.a, tie.b) for tie in scenario.ties] == [("sons", "old_guard")]
    gone = {f"events.{name}": None for name in ("banner_calls", "banner_founded", "plea")}
    scenario = load_text(tiny_text, {"patrons.banner": None, **gone, "report.focus": None}).scenario
    assert list(scenario.patrons) == ["elders"]
    assert all(set(region.reach) == {"elders"} for region in scenario.regions.values())


BAD_SETS = [
    ("weights.b_embed", "weights.b_embed: write it as path=value, for example weights.b_embed=4"),
    ("weights.b_embed=", "weights.b_embed=: weights.b_embed: no value after =; write null to remove an entry"),
    ("weights..b=1", "weights..b=1: the path has an empty part; write it as factions.imu.fighters"),
    ("weights.b_embd=4", "weights.b_embd=4: weights.b_embd: unknown path: weights has no 'b_embd' (did you mean 'b_embed'?)"),
    ("wieghts.b_embed=4", "wieghts.b_embed=4: wieghts.b_embed: unknown path: the scenario has no 'wieghts' (did you mean 'weights'?)"),
    ("factions.gests.youth=0", "factions.gests.youth=0: factions.gests.youth: unknown path: factions has no 'gests' (did you mean 'guests'?)"),
    ("factions.guests.yuth=0", "factions.guests.yuth=0: factions.guests.yuth: unknown path: factions.guests has no 'yuth' (did you mean 'youth'?)"),
    ("factions.guests.embeddedness.eldrs=0", "factions.guests.embeddedness.eldrs=0: factions.guests.embeddedness.eldrs: unknown patron 'eldrs' (did you mean 'elders'?)"),
    ("events.plea.rgion=hills", "events.plea.rgion=hills: events.plea.rgion: unknown path: events.plea has no 'rgion'; known here: date, title, source, note, requires, voids, kind, patron, to, refused"),
    ("events.pleaa=null", "events.pleaa=null: events.pleaa: null removes nothing, there is no such key (did you mean 'plea'?)"),
    ("ties.2.weight=0", "ties.2.weight=0: ties.2.weight: ties is a list of 2; name a position from 0"),
    ("ties.x.weight=0", "ties.x.weight=0: ties.x.weight: ties is a list of 2; name a position from 0"),
    ("period.start.x=1", "period.start.x=1: period.start.x: unknown path: period.start has no 'x'"),
    ("weights.b_embed=.inf", "weights.b_embed=.inf: weights.b_embed: .inf is not a finite number"),
    ("weights.b_embed=[1", "weights.b_embed=[1: weights.b_embed: not valid YAML: did not find expected ',' or ']' "
     "(is a ] missing, or does a text with a comma or colon lack its quotes?)"),
    ("weights.b_embed=&a 1", "weights.b_embed=&a 1: weights.b_embed: anchors (&a) are not allowed; write the value out, or use extends"),
    ("weights.b_embed=much", "weights.b_embed=much: weights.b_embed: a number is wanted here, not the text 'much'"),
    ("weights.b_embed=99", "weights.b_embed=99: weights.b_embed: 99 is outside -30 to 30 (log-odds)"),
    ("period.start=2013-13", "period.start=2013-13: period.start: '2013-13' has month 13; months run from 01 to 12"),
    ("period.start=2013", "period.start=2013: period.start: '2013' is not a month; write it as YYYY-MM, for example 2015-07"),
    ("decision.rule=logti", "decision.rule=logti: decision.rule: 'logti' is none of logit, ideology_led, patronage_led, threshold, landscape, random (did you mean 'logit'?)"),
    ("mechanisms.M07=off", "mechanisms.M07=off: mechanisms.M07: should be true or false, not 'off'"),
    ("events.elder_revealed=null", "events.elder_revealed=null: events.elder_revealed: removing it orphans events that need it: elder_succeeded; remove or change them too"),
    ("events.elder_dies.date=2016-01", "events.elder_dies.date=2016-01: events.elder_dies.date: 2016-01 is after events that require it: elder_revealed (2015-07) and, through them, elder_succeeded; move or remove them too"),
]  # fmt: skip


@pytest.mark.parametrize(("override", "line"), BAD_SETS)
def test_bad_overrides(tiny_text: str, override: str, line: str) -> None:
    assert errors_of(lambda: load_text(tiny_text, [override])) == [f"--set {line}"]


def test_all_overrides_are_judged_at_once(tiny_text: str) -> None:
    assert errors_of(lambda: load_text(tiny_text, ["weights.b_embd=4", "period.strat=1", "decision.theta=-40"])) == [
        "--set decision.theta=-40: decision.theta: -40 is outside -30 to 30 (log-odds)",
        "--set period.strat=1: period.strat: unknown path: period has no 'strat' (did you mean 'start'?)",
        "--set weights.b_embd=4: weights.b_embd: unknown path: weights has no 'b_embd' (did you mean 'b_embed'?)",
    ]  # fmt: skip


def test_overrides_are_typed_by_the_schema(tiny_text: str) -> None:
    loaded = load_text(
        tiny_text,
        [
            "weights.b_embed=1e-3",
            "weights.b_power=2",
            "weights.wake_base.value=0.02",
            "factions.F02.embeddedness.banner=0.5",
            "ties.1.weight=0.9",
            "meta.title=2015",
            "meta.question=no",
            "mechanisms.M07=false",
            "events.valley_operation.regions=[valley, hills]",
            "weights.b_embed.prior.sd=3",
            "events.plea.title='x@2015-01'",
        ],
    )
    scenario = loaded.scenario
    assert (scenario.weights.b_embed.value, scenario.weights.b_embed.source) == (1e-3, "override")
    assert scenario.weights.b_embed.prior is not None
    assert scenario.weights.b_embed.prior.sd == 3
    assert (scenario.weights.b_power.value, scenario.weights.b_power.source) == (2, "override")
    assert (scenario.weights.wake_base.value, scenario.weights.wake_base.source) == (0.02, "override")
    assert scenario.factions["sons"].embeddedness["banner"].value == 0.5
    assert scenario.ties[1].weight.source == "override"
    assert (scenario.meta.title, scenario.meta.question) == ("2015", "no")
    assert scenario.mechanisms == {"M07": False}
    assert scenario.events["valley_operation"].model_dump()["regions"] == ("valley", "hills")
    assert scenario.events["plea"].title == "x@2015-01"
    assert loaded.overrides[0] == "weights.b_embed=1e-3"


def test_overrides_as_python_values(tiny_text: str) -> None:
    plea = load_text(tiny_text).scenario.events["plea"]
    loaded = load_text(
        tiny_text,
        {
            "weights.b_embed": np.float64(4),
            "patrons.banner.franchise_slots": np.int64(7),
            "mechanisms.M07": np.False_,
            "events.elder_revealed.date": datetime.date(2015, 8, 2),
            "events.second_plea": plea,
            "report.marks": ("plea",),
            "events.valley_operation": None,
        },
    )
    scenario = loaded.scenario
    assert scenario.weights.b_embed.value == 4
    assert scenario.patrons["banner"].franchise_slots.value == 7
    assert scenario.mechanisms["M07"] is False
    assert scenario.events["elder_revealed"].date == "2015-08"
    assert scenario.events["second_plea"] == plea
    assert "valley_operation" not in scenario.events


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (float("nan"), "nan is not a finite number of usual size"),
        (10**400, f"1{'0' * 36}... is not a finite number of usual size"),
        (object, "a value of type type has no place in a scenario"),
        (np.zeros(3), "a value of type ndarray has no place in a scenario"),
        ("a\0b", "the text has a control character"),
    ],
)
def test_python_values_that_have_no_place(tiny_text: str, value: object, reason: str) -> None:
    lines = errors_of(lambda: load_text(tiny_text, {"weights.b_embed": value}))
    assert lines == [f"set weights.b_embed: weights.b_embed: {reason}"]


def test_nested_python_values_have_a_depth() -> None:
    value: Any = 1
    for _ in range(100):
        value = [value]
    with pytest.raises(ValueError, match="nested more than 32 deep"):
        to_node(value, Mark("", 0, 0))


def test_overriding_again_reads_no_file(folder: Path) -> None:
    loaded = load("tiny.yaml", ["weights.b_embed=1"])
    (folder / "tiny.yaml").unlink()
    again = with_overrides(loaded, {"decision.theta": 2, "events.plea": None})
    assert again.scenario.weights.b_embed.value == 1
    assert again.scenario.decision.theta.value == 2
    assert again.overrides == ("weights.b_embed=1", "decision.theta=2", "events.plea=None")
    assert again.files == loaded.files
    assert "plea" in loaded.scenario.events
    with pytest.raises(ScenarioError, match="has no 'b_embd'"):
        with_overrides(loaded, ["weights.b_embd=1"])


def test_nothing_that_is_done_with_a_scenario_shows_when_it_is_loaded_again(folder: Path) -> None:
    """Files are composed once and kept; what is laid over them is not."""
    before = load("tiny.yaml")
    whole = compose((folder / "tiny.yaml").read_text(), "tiny.yaml")
    with_overrides(before, {"events.plea": None, "ties.1.weight": 0.9, "weights.b_embed@2014-06": 3})
    for removed in ("factions.guests", "events.valley_operation"):
        load("tiny.yaml", [f"{removed}=null", "decision.theta=2", "meta.title=Other"])
    before.own["weights"].clear()
    again = load("tiny.yaml")
    whole.value.pop("extends", None)
    assert again.node == whole
    assert again.scenario == before.scenario
    assert again.own == again.tree == flatten(whole).data
    (folder / "tiny.yaml").write_text(
        (folder / "tiny.yaml").read_text().replace("title: ", "title: Other ", 1)
    )
    assert load("tiny.yaml").scenario.meta.title == "Other " + before.scenario.meta.title


@pytest.mark.parametrize("name", ["tiny.yaml", "baseline"])
def test_the_resolved_file_loads_to_an_equal_scenario(folder: Path, name: str) -> None:
    loaded = load(name, {"meta.title": "1e5", "meta.question": "no\nyes: [#", "decision.theta": 1e-7})
    text = resolved_yaml(loaded)
    assert load_text(text).scenario == loaded.scenario
    assert "extends" not in load_text(text).tree
    assert text.endswith(resolved_yaml(loaded.scenario).partition("\n")[2])
    assert all(digest in text for digest in loaded.files.values())


TEXT = st.text(st.characters(blacklist_categories=("Cc", "Cs")), min_size=1, max_size=20)


@given(title=TEXT, number=st.floats(-30, 30))
def test_any_text_and_number_survives_being_written(tiny: Loaded, title: str, number: float) -> None:
    loaded = with_overrides(tiny, {"meta.title": title, "weights.b_embed": number})
    assert load_text(resolved_yaml(loaded)).scenario == loaded.scenario


def test_the_tiny_scenario_is_not_changed_by_merging() -> None:
    base = Node({"a": Node(1, Mark("f", 1, 1))}, Mark("f", 1, 1))
    merge(
        base,
        Node({"a": Node(None, Mark("g", 1, 1)), "b": Node(2, Mark("g", 1, 1))}, Mark("g", 1, 1)),
        Layers(),
    )
    assert flatten(base).data == {"a": 1}
