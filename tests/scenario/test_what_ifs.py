"""The bundled what-ifs: each says what it is about, changes levers only, runs, and leaves the past as it was."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.api.discovery import scenario_rows
from sim.api.library import changes_told, what_if_markdown, what_if_rows
from sim.engine.batch import run_batch
from sim.mechanisms import MECHANISMS
from sim.outcomes import MONTHLY, SUMMARY
from sim.scenario.bundled import bundled_scenarios
from sim.scenario.compile import compile_scenario
from sim.scenario.dates import resolve_dates
from sim.scenario.evidence import is_given
from sim.scenario.lint import is_what_if, lint
from sim.scenario.load import Loaded, load
from sim.scenario.quantities import month_index
from sim.scenario.schema import Scenario
from sim.scenario.walk import numbers
from sim.state import FloatArray

DOCS = Path(__file__).resolve().parents[2] / "docs"
WHAT_IFS = tuple(name for name, file in bundled_scenarios().items() if file.parent.name == "what-if")
SEEDS = range(6)
GOOD = 0.0

COVERED: dict[str, tuple[str, ...]] = {
    "Omar's death hidden until 2018": ("omar-hidden-until-2018",),
    "no succession dispute": ("no-succession-dispute",),
    "IS declines all, or the IMU": ("no-khorasan-oath", "is-declines-imu"),
    "no operation in North Waziristan": ("no-waziristan-operation",),
    "crackdown doubled or halved, selective or not": (
        "crackdown-doubled-selective", "crackdown-doubled-indiscriminate", "crackdown-halved",
    ),
    "the Taliban really expel foreign allies": ("taliban-expels-foreign-allies",),
    "returnees, and whose men they are": (
        "levant-returnees-0", "levant-returnees-10", "levant-returnees-25", "levant-returnees-50",
        "levant-returnees-25-al-qaeda",
    ),
    "no prison release": ("no-prison-release",),
    "the IS core survives, or falls early": (
        "baghuz-never", "baghuz-never-money-declines", "is-core-falls-two-years-early",
    ),
    "no leader losses for ISKP": ("no-iskp-leader-losses",),
    "Omar's death revealed at once": ("omar-revealed-at-once",),
    "no Baghdadi succession loss": ("no-baghdadi-loss",),
    "ISKP never founded": ("iskp-never-founded",),
    "Mansour recognised by all": ("mansour-recognised-by-all",),
    "IS invests in Central Asia": ("is-invests-in-central-asia",),
    "the Taliban shield the foreign core": ("taliban-shields-foreign-core",),
    "no US strikes": ("no-us-strikes", "no-us-strikes-on-iskp"),
    "caliphate never proclaimed": ("caliphate-never-proclaimed",),
    "IS accepts the unity plea": ("is-accepts-unity-plea", "is-accepts-unity-plea-and-peace"),
    "no resettlement, alone and with no operation": ("no-resettlement", "no-resettlement-no-operation"),
    "the IMU gets the sole franchise": ("imu-sole-franchise",),
    "drawdown on schedule or early": ("drawdown-on-schedule", "drawdown-early"),
    "Afghan attrition halved": ("afghan-attrition-halved",),
    "China and Russia do not court the Taliban": ("no-courting-of-taliban",),
    "Central Asian states do not over-react": ("central-asia-does-not-over-react",),
    "IS permits return": ("is-permits-return",),
    "no Doha truce": ("no-doha-truce",),
    "aid and recognition granted or withheld": ("aid-and-recognition-granted", "aid-and-recognition-withheld"),
    "minorities protected": ("minorities-protected", "no-minority-abuse"),
    "no madrasa pool": ("no-madrasa-pool",),
    "the Sahel": ("sahel-late-split",),
}  # fmt: skip


def base_of(name: str) -> str:
    """The scenario that a what-if extends."""
    return "sahel" if name.startswith("sahel-") else "baseline"


@cache
def loaded(name: str) -> Loaded:
    return load(name)


@cache
def outcomes(name: str) -> tuple[FloatArray, FloatArray]:
    compiled = compile_scenario(loaded(name).scenario)
    return run_batch(compiled.arrays, compiled.months, SEEDS, monthly=True)


def first_difference(base: Scenario, other: Scenario) -> int:
    """The month from which the levers differ: that of the earliest event that does, or the first where others do."""
    told_apart = {"meta", "report", "what_if", "sources", "events", "changes"}
    fields = set(Scenario.model_fields) - told_apart
    if any(getattr(base, field) != getattr(other, field) for field in fields):
        return 0
    start = month_index(base.period.start)
    when: list[int] = [month_index(month) - start for month in other.changes]
    arms = [(arm.events, resolve_dates(arm)) for arm in (base, other)]
    (events, months), (others, other_months) = arms
    for name in events.keys() | others.keys():
        if events.get(name) != others.get(name) or months.get(name) != other_months.get(name):
            when += [table[name] - start for table in (months, other_months) if name in table]
    return min(when)


def test_every_what_if_of_the_list_is_there_and_no_other() -> None:
    named = [name for names in COVERED.values() for name in names]
    assert len(named) == len(set(named))
    assert set(named) == set(WHAT_IFS)


@pytest.mark.parametrize("name", WHAT_IFS)
def test_it_changes_levers_only_and_gives_no_pause(name: str) -> None:
    made = loaded(name)
    assert is_what_if(made)
    assert [str(problem) for problem in lint(made)] == []
    allowed = {"meta", "events", "mechanisms", "patrons", "regions", "what_if", "report", "changes"}
    assert made.own.keys() <= allowed
    assert made.own.keys() & {"events", "mechanisms", "patrons", "regions", "changes"}
    base = loaded(base_of(name)).scenario
    kept = set(Scenario.model_fields) - allowed
    assert [field for field in kept if getattr(made.scenario, field) != getattr(base, field)] == []


@pytest.mark.parametrize("name", WHAT_IFS)
def test_every_number_that_it_sets_is_a_lever_with_a_reason(name: str) -> None:
    before = {path: number for path, number, _ in numbers(loaded(base_of(name)).scenario)}
    for path, number, _ in numbers(loaded(name).scenario):
        old = before.get(path)
        if (
            is_given(path, loaded(name).own)
            and path[0] != "what_if"
            and (old is None or old.value != number.value)
        ):
            assert (number.source or "").startswith("judgement: the lever of this what-if"), path


@pytest.mark.parametrize("name", WHAT_IFS)
def test_it_says_what_it_is_about(name: str) -> None:
    scenario = loaded(name).scenario
    about = scenario.what_if
    assert about is not None
    assert scenario.meta.question is not None
    assert scenario.meta.question.endswith("?")
    assert set(about.statements) <= {statement.id for statement in MECHANISMS}
    assert about.statements
    assert about.held_fixed
    assert about.readouts
    assert about.expects
    monthly, of_run = ({column.name for column in columns} for columns in (MONTHLY, SUMMARY))
    for readout in about.readouts:
        assert readout.outcome in (of_run if readout.month is None else monthly)
        # Without a month a name of both kinds would not say which is meant.
        assert readout.month is not None or readout.outcome not in monthly
        if readout.month is not None:
            assert scenario.period.start <= readout.month <= scenario.period.end
            at = month_index(readout.month) - month_index(scenario.period.start)
            assert at >= first_difference(loaded(base_of(name)).scenario, scenario)


@pytest.mark.parametrize("name", WHAT_IFS)
def test_it_runs_and_leaves_the_past_as_it_was(name: str) -> None:
    first = first_difference(loaded(base_of(name)).scenario, loaded(name).scenario)
    (_, base), (summary, other) = outcomes(base_of(name)), outcomes(name)
    assert (summary[:, -1] == GOOD).all()
    assert np.array_equal(base[:, :first], other[:, :first])
    assert not np.array_equal(base[:, first:], other[:, first:]), "the levers move nothing at all"


def test_the_first_difference_is_found() -> None:
    base = loaded("baseline").scenario
    found = {name: first_difference(base, loaded(name).scenario) for name in WHAT_IFS}
    assert found["no-waziristan-operation"] == 17
    assert found["is-invests-in-central-asia"] == 20
    assert found["omar-revealed-at-once"] == 3
    assert found["crackdown-halved"] == 104
    assert found["no-khorasan-oath"] == found["taliban-shields-foreign-core"] == 0


def test_what_the_levers_are_to_do_they_do() -> None:
    """Each lever that needed a rule of its own acts on the quantity that it names."""
    columns = [column.name for column in MONTHLY]

    def last(name: str, outcome: str) -> float:
        return float(outcomes(name)[1][:, -1, columns.index(outcome)].mean())

    returned = [last(f"levant-returnees-{share}", "returned") for share in (0, 10, 25, 50)]
    assert returned[0] == 0
    assert returned == sorted(returned)
    assert outcomes("no-khorasan-oath")[1][:, :, columns.index("focus_sworn_units")].max() == 0
    assert outcomes("caliphate-never-proclaimed")[1][:, :, columns.index("focus_declared_units")].max() == 0
    assert last("caliphate-never-proclaimed", "focus_fighters") == 0
    assert last("iskp-never-founded", "focus_core") == 0
    assert last("taliban-expels-foreign-allies", "incumbent_posture") > 0.5
    after = outcomes("is-accepts-unity-plea-and-peace")[1][
        :, month_index("2015-07") - month_index("2013-01") :
    ]
    assert after[:, :, columns.index("rival_deaths")].max() == 0


def test_the_table_of_the_documentation_is_current() -> None:
    page = (DOCS / "what-ifs.md").read_text(encoding="utf-8")
    told = "run `bayah list what-ifs --markdown` and put its output at the end of docs/what-ifs.md"
    assert page.endswith("\n\n" + what_if_markdown()), told
    for row in what_if_rows():
        assert f"| [{row['name']}](../scenarios/what-if/{row['name']}.yaml) | {row['question']} | " in page


def test_what_ifs_are_found_in_a_notebook() -> None:
    frame = sim.what_ifs()
    assert tuple(frame.index) == WHAT_IFS
    assert frame.loc["no-khorasan-oath", ["changes", "outcome", "month"]].tolist() == [
        "iskp.acceptance 0", "focus_fighters", "2016-12",
    ]  # fmt: skip
    assert (frame["unit"] != "").all()


def test_changes_are_told_in_one_line() -> None:
    own = {
        "extends": "baseline",
        "meta": {"title": "T"},
        "events": {
            "a": None, "b": None, "c": None, "d": None, "e": None, "f": None,
            "g": {"date": "2015-01", "title": "G", "requires": []},
            "h": {"kind": "support", "date": "a + 1", "patron": "x", "level": {"value": 0.5, "source": "s"}},
        },
        "mechanisms": {"M53": True},
        "patrons": {"x": {"accepts_only": ["u", "v"], "interest": {"r": {"value": 1, "source": "s"}}}},
        "changes": {"2015-06": {"set": {"patrons.x.effort": 0.5}, "remove": ["events.i"]}},
    }  # fmt: skip
    assert changes_told(own) == (
        "g.date 2015-01; adds h (a + 1, level 0.5); M53 on; x.accepts_only u, v; x.interest.r 1; "
        "from 2015-06: patrons.x.effort 0.5; from 2015-06: without i; "
        "without a, b, c, d and 2 more events"
    )


def test_listing_reads_each_file_once_and_stays_quick() -> None:
    """Merging the baseline under each of them would take seconds."""
    begun = time.process_time()
    rows = scenario_rows()
    assert time.process_time() - begun < 1.5
    assert {row["name"] for row in rows if row["extends"]} == set(WHAT_IFS)
    titles = {loaded(name).scenario.meta.title for name in ("baseline", "sahel")}
    assert {row["extends"] for row in rows if row["extends"]} == titles
