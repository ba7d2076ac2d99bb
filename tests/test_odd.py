"""The description of the model is what the program writes, and says all that there is to say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from sim import measures
from sim.cli import COMMANDS, main
from sim.errors import ExperimentError
from sim.mechanisms import MECHANISMS
from sim.odd import document
from sim.odd.demands import demands
from sim.odd.document import PARTS
from sim.odd.free import Free, free_parameters
from sim.odd.numbers import GROUPS
from sim.odd.rules import MODULES, RULE_FUNCTIONS, documented
from sim.odd.states import STATE_TABLES, data
from sim.scenario.dates import resolve_dates
from sim.scenario.evidence import Row, evidence, summary
from sim.scenario.load import Loaded, load, load_text
from sim.scenario.quantities import Within, month_text
from sim.scenario.schema import DECISION_RULES
from sim.scenario.weights import Weights

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "docs" / "odd.md"
ODD = FILE.read_text(encoding="utf-8")
SECTIONS = {
    "2.1": ("FACTION", "FACTION_CODES"),
    "2.2": ("FACTION_PATRON",),
    "2.3": ("PATRON",),
    "2.4": ("PATRON_PATRON",),
    "2.5": ("REGION",),
    "2.6": ("REGION_PATRON",),
    "2.7": ("CONTROL",),
}
Cells = list[str]


def section(number: str, text: str = ODD) -> str:
    """The text of a section, by its number."""
    found = re.search(rf"^###? {re.escape(number)}\.? .*?(?=^##|\Z)", text, re.DOTALL | re.MULTILINE)
    assert found is not None, number
    return found[0]


def tables(text: str) -> list[list[Cells]]:
    """The tables of a text: rows of cells, the head among them and the line below it not."""
    blocks = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    rows = [[re.split(r"(?<!\\)\|", line)[1:-1] for line in block.splitlines()] for block in blocks]
    return [[[cell.strip() for cell in row] for row in (table[0], *table[2:])] for table in rows]


def named(text: str) -> dict[str, Cells]:
    """The other cells of rows whose first cell is code, by it."""
    rows = (row for table in tables(text) for row in table[1:])
    return {row[0].strip("`"): row[1:] for row in rows if row[0].startswith("`")}


@pytest.fixture(scope="module")
def baseline() -> Loaded:
    return load("baseline")


@pytest.fixture(scope="module")
def numbers(baseline: Loaded) -> list[Row]:
    return evidence(baseline)


@pytest.mark.core
def test_the_page_is_what_the_program_writes(baseline: Loaded) -> None:
    assert document(baseline) == ODD, "write it anew: bayah odd --out docs/odd.md"


def test_every_part_of_the_text_is_used() -> None:
    files = {path.name for path in (ROOT / "sim" / "odd" / "text").iterdir()}
    assert files == {f"{part}.md.j2" for part in PARTS}


@pytest.mark.core
@pytest.mark.parametrize("number", SECTIONS)
def test_every_state_variable_has_a_row_and_nothing_else_has(number: str) -> None:
    told = [row for table in tables(section(number)) for row in table[1:]]
    columns = [column for name in SECTIONS[number] for column in STATE_TABLES[name]]
    assert [(row[0].strip("`"), row[1], row[5]) for row in told] == [tuple(column) for column in columns]
    assert all(row[2] and row[3] and row[4] for row in told)


@pytest.mark.core
def test_what_only_the_description_knows_is_known_of_everything_there_is() -> None:
    assert sum(map(len, SECTIONS.values())) == len(STATE_TABLES)
    told = {name: list(entries) for name, entries in data("columns").items()}
    assert told == {name: [column.name for column in columns] for name, columns in STATE_TABLES.items()}
    assert list(data("statements")) == [entry.id for entry in MECHANISMS]
    assert RULE_FUNCTIONS.keys() == set(DECISION_RULES)
    assert list(GROUPS) == [name for name in Weights.model_fields if name in GROUPS]


@pytest.mark.core
def test_every_weight_has_default_unit_range_value_prior_and_class(numbers: list[Row]) -> None:
    rows = {row.path: row for row in numbers}
    told = named(section("7.15"))
    for name, field in Weights.model_fields.items():
        (within,) = (item for item in field.metadata if isinstance(item, Within))
        row = rows[f"weights.{name}"]
        default, unit, span, value, prior, kind, what = told[name]
        assert (float(default), unit, span) == (field.default.value, within.unit, within.text()), name
        assert (float(value), prior, kind) == (row.value, row.prior, row.kind), name
        assert what, name


@pytest.mark.core
def test_no_number_is_left_out(numbers: list[Row]) -> None:
    single = named(section("7.15"))
    of_the_run = [row for row in numbers if row.path.startswith(("weights.", "decision.", "observation."))]
    for row in of_the_run:
        told = single[row.path.removeprefix("weights.")]
        assert (float(told[3]), told[4], told[5]) == (row.value, row.prior, row.kind), row.path
    grouped = [row for table in tables(section("7.17")) if table[0][0] == "field" for row in table[1:]]
    assert sum(int(row[1]) for row in grouped) + len(of_the_run) == len(numbers)
    kinds: Counter[str] = Counter(row.kind for row in of_the_run)
    for row in grouped:
        kinds.update({kind: int(count) for count, kind in re.findall(r"(\d+) (\w+)", row[5])})
    assert kinds == Counter(row.kind for row in numbers)


@pytest.mark.core
def test_counts_are_those_of_the_evidence(numbers: list[Row]) -> None:
    text = section("7.17")
    (counts,) = (table[1:] for table in tables(text) if table[0][0] == "class")
    assert [(row[0], int(row[1]), row[2]) for row in counts] == [
        (kind, count, f"{share:.1%}") for kind, count, share in summary(numbers)
    ]
    known = sum(bool(row.prior) for row in numbers)
    assert int(counts[-1][3]) == known == sum(int(row[3]) for row in counts[:-1])
    assert f"**{len(numbers)} numbers**" in text
    assert f"**{known} have a prior.**" in text


@pytest.mark.core
def test_the_span_of_a_field_is_that_of_its_numbers(baseline: Loaded) -> None:
    told = named(section("7.17"))
    fighters = [faction.fighters.value for faction in baseline.scenario.factions.values()]
    count, unit, span, *_ = told["factions.FACTION.fighters"]
    assert (int(count), unit) == (len(fighters), "persons")
    assert [float(part) for part in span.split(" to ")] == [min(fighters), max(fighters)]


@pytest.mark.core
def test_every_event_is_listed_in_its_month(baseline: Loaded) -> None:
    months = resolve_dates(baseline.scenario)
    (table,) = tables(section("6.1"))
    assert {row[1].strip("`"): row[0] for row in table[1:]} == {
        name: month_text(index) for name, index in months.items()
    }
    late = [row for row in table[1:] if row[0] > "2018-12"]
    assert f"{len(late)} are dated after 2018-12" in section("6.1")


@pytest.mark.core
def test_every_statement_is_there_with_the_rule_that_carries_it() -> None:
    (table,) = tables(section("7.16"))
    assert [row[:3] for row in table[1:]] == [[m.id, m.statement, m.article] for m in MECHANISMS]
    for row in table[1:]:
        module, _, function = row[3].strip("`").rpartition(".")
        assert function in documented(module), row
        assert row[4], row


@pytest.mark.core
def test_every_rule_is_quoted() -> None:
    files = {f"rules/{path.name}" for path in (ROOT / "sim" / "rules").glob("*.py")} - {"rules/__init__.py"}
    assert set(MODULES.values()) == files | {"observation.py"}
    text = section("7.19")
    for module in MODULES:
        for function, words in documented(module).items():
            assert words, (module, function)
            quoted = "\n".join(f"    {line}" if line else "" for line in words.splitlines())
            assert f"\n{module}.{function}\n{quoted}\n" in text


@pytest.mark.core
def test_every_outcome_is_there() -> None:
    rows = [row for table in tables(section("7.18")) for row in table[1:]]
    columns = (*measures.MONTHLY, *measures.SUMMARY)
    assert [(row[0].strip("`"), *row[1:]) for row in rows] == [tuple(column) for column in columns]


@pytest.mark.core
def test_every_demand_of_reviewers_is_answered() -> None:
    (table,) = tables(section("8"))
    assert [int(row[0]) for row in table[1:]] == list(range(1, 25))
    assert [row[2].strip("*") for row in table[1:]] == [
        {"yes": "met", "part": "met in part", "no": "not met"}[one.met] for one in demands()
    ]
    for one in demands():
        assert one.answer
        assert one.where
        assert ("Not met:" in one.answer) == (one.met != "yes"), one.asks


PLACES = sorted({place for one in demands() for place in one.where})


@pytest.mark.core
@pytest.mark.parametrize("place", PLACES)
def test_where_a_demand_is_met_is_a_place(place: str) -> None:
    if place.startswith("bayah "):
        assert place.removeprefix("bayah ") in COMMANDS
    elif place.startswith("section "):
        assert section(place.removeprefix("section "))
    else:
        assert (ROOT / place).is_file()


@pytest.mark.core
def test_without_a_calibration_nothing_is_free(baseline: Loaded, tmp_path: Path) -> None:
    text = section("7.17", document(baseline, tmp_path / "none.yaml"))
    assert "Free parameters: none are inferred yet." in text


@pytest.mark.core
def test_free_parameters_are_counted_with_their_priors(
    baseline: Loaded, numbers: list[Row], tmp_path: Path
) -> None:
    file = tmp_path / "calibration.yaml"
    file.write_text(
        "scenario: baseline\nfree:\n"
        "  weights.b_resource: prior\n"
        "  weights.b_punish: {prior: {dist: normal, mean: 9, sd: 2, low: 0}}\n"
        "  decision.theta: {low: 1, high: 5}\n"
        "  patrons.iskp.constant: {prior: scenario}\n",
        encoding="utf-8",
    )
    own = {row.path: row.prior for row in numbers}
    found = free_parameters("baseline", numbers, file)
    assert found == [
        Free("weights.b_resource", own["weights.b_resource"]),
        Free("weights.b_punish", "normal(9, 2) in [0, ]"),
        Free("decision.theta", "uniform(1, 5)"),
        Free("patrons.iskp.constant", own["patrons.iskp.constant"]),
    ]
    text = section("7.17", document(baseline, file))
    assert "**Free parameters: 4.**" in text
    (table,) = (table[1:] for table in tables(text) if table[0][0] == "inferred")
    assert [(row[0].strip("`"), row[3]) for row in table] == [(one.path, one.prior) for one in found]
    assert free_parameters("sahel", numbers, file) == []


@pytest.mark.core
def test_free_parameters_that_are_none_are_told_all_at_once(numbers: list[Row], tmp_path: Path) -> None:
    file = tmp_path / "calibration.yaml"
    file.write_text(
        "free: {weights.b_none: prior, weights.split_share_max: prior, decision.theta: {dist: beta, a: 1}}\n",
        encoding="utf-8",
    )
    with pytest.raises(ExperimentError) as caught:
        free_parameters("baseline", numbers, file)
    assert [(problem.path, problem.message) for problem in caught.value.problems] == [
        ("free.weights.b_none", "baseline gives no number of that name"),
        ("free.weights.split_share_max", "it has no prior"),
        ("free.decision.theta", "it has no prior"),
    ]


@pytest.mark.core
def test_tables_have_as_many_cells_as_heads() -> None:
    for table in tables(ODD):
        assert {len(row) for row in table} == {len(table[0])}, table[0]


STRANGE = """
extends: baseline
meta: {title: "Pipes | and *stars*", question: "What if?"}
events:
  odd_news: {kind: prestige, date: 2014-03, patron: iskp, momentum: 0.1, title: "A | B", source: "judgement: `x` | <y>"}
structure: {concealment_erosion: true}
decision: {rule: threshold}
weights: {b_tie: 2}
changes:
  2015-06: {set: {patrons.iskp.acceptance: {value: 0, source: "judgement: a trial"}}}
"""


@pytest.mark.parametrize("name", ["sahel", "omar-hidden-until-2018", "strange"])
def test_other_scenarios_are_told_too(name: str) -> None:
    loaded = load_text(STRANGE) if name == "strange" else load(name)
    text = document(loaded)
    for table in tables(text):
        assert {len(row) for row in table} == {len(table[0])}, table[0]
    grouped = [row for table in tables(section("7.17", text)) if table[0][0] == "field" for row in table[1:]]
    single = named(section("7.15", text))
    rows = evidence(loaded)
    inside = [row for row in rows if row.path.partition(".")[0] in {"weights", "decision", "observation"}]
    assert {row.path.removeprefix("weights.") for row in inside} <= single.keys()
    assert sum(int(row[1]) for row in grouped) == len(rows) - len(inside)
    if name == "strange":
        assert single["decision.rule"][3] == "`threshold`"
        assert single["structure.concealment_erosion"][3] == "on"
        assert r"A \| B" in text
        assert "`changes.MONTH`: `patrons.iskp.acceptance`" in text


@pytest.mark.core
def test_the_command_prints_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["odd"]) == 0
    assert capsys.readouterr().out == ODD
    out = tmp_path / "model.md"
    assert main(["odd", "baseline", "--out", str(out)]) == 0
    assert out.read_bytes() == FILE.read_bytes()
    assert capsys.readouterr().out == ""
    assert main(["odd", "basline"]) == 2
    assert "did you mean 'baseline'" in capsys.readouterr().err
    assert main(["odd", "--out", str(tmp_path / "none" / "model.md")]) == 2


@pytest.mark.parametrize("hash_seed", ["1", "77"])
def test_neither_the_hash_seed_nor_the_folder_matters(hash_seed: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sim", "odd"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode("utf-8").replace("\r\n", "\n") == ODD
