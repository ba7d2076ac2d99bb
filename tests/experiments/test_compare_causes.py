"""Why a faction stands elsewhere: the compiled attribution against one written out by hand."""

from __future__ import annotations

import math
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
from compared import MONTHS, OMAR, SEED, UNTIL, WAZIRISTAN, arm, loaded, measure, told

import sim
from sim import draws
from sim import state as s
from sim.agents import AllegianceModel
from sim.draws import seed_key
from sim.engine.batch import Room, seed_keys
from sim.engine.world import MUTABLE, History, run_engine
from sim.experiments.compare import swap
from sim.experiments.compare.arms import Arm
from sim.outcomes import M_WIDTH, O_WIDTH
from sim.scenario.compile import Compiled

MISSING = -1.0e29
TERMS = tuple(column.name for column in s.TERM)
OFFERED, RULE = len(TERMS), len(TERMS) + 1

# By hand


class Decision(NamedTuple):
    """A decision as the record has it."""

    held: int
    chosen: int
    why: int
    terms: Any
    utilities: Any


def chosen_by_hand(utilities: Any, held: int, parameters: Any, u: float) -> int:
    """The option chosen by the logit rule, with its threshold, on a draw."""
    rationality, theta = parameters[s.A_RATIONALITY], parameters[s.A_THETA]
    best = max(utilities)
    if theta > 0 and best - utilities[held] <= theta:
        return held
    odds = [math.exp(rationality * (value - best)) if value > MISSING else 0.0 for value in utilities]
    shares = [one / math.fsum(odds) for one in odds]
    passed = 0.0
    for option, share in enumerate(shares):
        passed += share
        if share > 0 and u * sum(shares) < passed:
            return option
    return max(option for option, share in enumerate(shares) if share > 0)


def summed(terms: Any, offered: Any) -> list[float]:
    """Utilities: the terms one after the other, as an appraisal adds them up."""
    total = []
    for row, there in zip(terms.tolist(), offered, strict=True):
        value = 0.0
        for term in row:
            value += term
        total.append(value if there > MISSING else -1.0e30)
    return total


def reverting(goal: int, of: Decision, into: Decision, rule_of: Any, rule_into: Any, u: float) -> set[int]:
    """Which single ingredients of one decision, put into another, give the choice ``goal``."""
    held, found = into.held, set()
    for term in range(len(TERMS)):
        mixed = into.terms.copy()
        mixed[:, term] = of.terms[:, term]
        if chosen_by_hand(summed(mixed, into.utilities), held, rule_into, u) == goal:
            found.add(term)
    if chosen_by_hand(summed(into.terms, of.utilities), held, rule_into, u) == goal:
        found.add(OFFERED)
    if chosen_by_hand(into.utilities, held, rule_of, u) == goal:
        found.add(RULE)
    return found


@cache
def record(source: Arm, seed: int) -> History:
    config = source.compiled
    return run_engine(config.arrays, config.months, seed, config.stages)


def decision(source: Arm, seed: int, month: int, row: int) -> Decision | None:
    made = record(source, seed).decisions
    found = np.flatnonzero((made.keys[:, 0] == month) & (made.keys[:, 1] == row))
    if not len(found):
        return None
    n = int(found[0])
    _, _, held, chosen, why = made.keys[n].tolist()
    return Decision(held, chosen, why, made.terms[n], made.values[n, 0])


def asked(config: Compiled, seed: int, month: int, row: int) -> Decision | None:
    """What a faction would choose in a month, awake or not, by the Mesa model stepped up to its decisions."""
    model = AllegianceModel(config, seed=seed, record=False)
    model.run(month)
    world = model.world
    for stage in config.stages:
        if stage.month == month:
            world.enter(stage.compiled.arrays, stage.jumps)
    world.C[s.C_MONTH] = month
    model._begin_month()
    if world.I[row, s.I_FATE] != s.FATE_ACTIVE:
        return None
    faction = model.all_factions[row]
    options, utilities = faction.appraise()
    values = np.where(np.isneginf(utilities), -1.0e30, utilities)
    held = int(world.I[row, s.I_ALLEGIANCE])
    choice = faction.choose(options, utilities.copy(), draw(config, seed, month, row))
    return Decision(held, choice, 0, world.T.copy(), values)


def draw(config: Compiled, seed: int, month: int, row: int) -> float:
    one, two = seed_key(seed)
    return float(draws.uniform(one, two, int(config.arrays["I"][row, s.I_ENTITY]), month, draws.CHOICE, 0))


def rule_of(config: Compiled, month: int) -> Any:
    found = config.arrays["A"]
    for stage in config.stages:
        if stage.month <= month:
            found = stage.compiled.arrays["A"]
    return found


def stands(source: Arm, seed: int, month: int, row: int) -> tuple[int, int]:
    """Fate and allegiance at the end of a month; before the first one those of the start."""
    codes = record(source, seed).arrays["I"][month, row] if month >= 0 else source.compiled.arrays["I"][row]
    return int(codes[s.I_FATE]), int(codes[s.I_ALLEGIANCE])


def explained_by_hand(base: Arm, other: Arm, seed: int, month: int, row: int) -> tuple[Any, ...]:
    """Kind of cause, ingredients that revert the choice, those that bring it about, why each was awake."""
    arms, exit_ = (base, other), len(base.compiled.options) - 1
    made = [decision(each, seed, month, row) for each in arms]
    before, now = ([stands(each, seed, when, row) for each in arms] for when in (month - 1, month))
    why = [one.why if one else 0 for one in made]
    for each, was, is_, one in zip(arms, before, now, made, strict=True):
        if was[0] == s.FATE_WAITING and is_[0] != s.FATE_WAITING:
            # It comes into being this month, and holds what it begins with.
            was = (s.FATE_ACTIVE, stands(each, seed, -1, row)[1])
        expected = one.chosen if one else was[1]
        fate = s.FATE_RECONCILED if expected == exit_ and one else was[0] if not one else s.FATE_ACTIVE
        if is_ != (fate, expected):
            return swap.KIND_FATE, set(), set(), why
    whole = [
        one or asked(each.compiled, seed, month, row) for one, each in zip(made, arms, strict=True)
    ]  # fmt: skip
    first, second = whole
    assert first is not None
    assert second is not None
    if first.chosen == second.chosen:
        return swap.KIND_AWAKE, set(), set(), why
    u = draw(base.compiled, seed, month, row)
    rules = [rule_of(each.compiled, month) for each in arms]
    if made[1] is None:
        first, second, rules = second, first, rules[::-1]
    back = reverting(first.chosen, first, second, rules[0], rules[1], u)
    there = reverting(second.chosen, second, first, rules[1], rules[0], u)
    if back:
        return swap.KIND_DECIDED, back, there, why
    all_at_once = chosen_by_hand(first.utilities, first.held, rules[0], u)
    kind = swap.KIND_JOINT if all_at_once == first.chosen else swap.KIND_UNEXPLAINED
    return kind, set(), there, why


def bits(number: int) -> set[int]:
    return {bit for bit in range(RULE + 1) if number >> bit & 1}


RULES = ("decision.theta=1@2015-02", "patrons.iskp.effort=0.2@2015-02")
CASES = {
    "omar": (OMAR,), "waziristan": (WAZIRISTAN,), "caliphate": ("caliphate-never-proclaimed",),
    "rule": ("baseline", *RULES),
    "rule of the start": ("baseline", "decision.rationality=0.4"),
    "peace": ("baseline", "events.hig_peace_offer.date=2015-03", "events.hig_peace_offer.level=1"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_attribution_is_that_made_by_hand(case: str) -> None:
    base, other = arm("baseline"), arm(*CASES[case])
    measured, both = measure(base, other, range(SEED, SEED + 6))
    pairs, codes, gaps = measured.causes()
    assert len(codes) == (measured.first[:, :, 0] >= 0).sum() > 0
    kinds = set()
    for pair, code, gap in zip(pairs, codes, gaps, strict=True):
        seed, month, row = SEED + int(pair), int(code[1]), int(both.rows[0][code[0]])
        assert row == both.rows[1][code[0]]
        kind, back, there, why = explained_by_hand(base, other, seed, month, row)
        assert (code[2], bits(code[8]), bits(code[9])) == (kind, back, there), (seed, month, row)
        assert code[6:8].tolist() == why
        kinds.add(kind)
        if kind in (swap.KIND_DECIDED, swap.KIND_JOINT):
            one = decision(base, seed, month, row) or asked(base.compiled, seed, month, row)
            two = decision(other, seed, month, row) or asked(other.compiled, seed, month, row)
            assert one is not None
            assert two is not None
            taken, left = (two.chosen, one.chosen)
            wanted = (two.terms[taken] - two.terms[left]) - (one.terms[taken] - one.terms[left])
            assert np.allclose(gap, wanted, rtol=1e-12, atol=1e-12)
    assert swap.KIND_UNEXPLAINED not in kinds


@pytest.mark.core
def test_the_rule_by_hand_is_the_rule_of_the_model() -> None:
    """Every decision of a run, from its utilities alone: else the tests above would compare nothing."""
    source = arm("baseline")
    made = record(source, SEED).decisions
    for key, terms, values in zip(made.keys.tolist(), made.terms, made.values, strict=True):
        month, row, held, chosen, why = key
        if row >= len(source.compiled.factions):
            continue
        assert why
        assert summed(terms, values[0]) == values[0].tolist()
        u = draw(source.compiled, SEED, month, row)
        assert chosen_by_hand(values[0], held, rule_of(source.compiled, month), u) == chosen


def test_every_kind_of_cause_occurs() -> None:
    def kinds_of(*names: str) -> Any:
        measured, _ = measure(arm("baseline"), arm(*names), range(SEED, SEED + 30))
        return measured.causes()[1]

    omar, waziristan = kinds_of(OMAR), kinds_of(WAZIRISTAN)
    assert {swap.KIND_DECIDED, swap.KIND_JOINT, swap.KIND_AWAKE} <= set(omar[:, 2].tolist())
    assert {swap.KIND_FATE, swap.KIND_AWAKE} <= set(waziristan[:, 2].tolist())
    never = kinds_of("caliphate-never-proclaimed")
    assert (never[:, 8] >> OFFERED & 1).any()
    rules = kinds_of(*CASES["rule"])
    assert (rules[:, 8] >> RULE & 1).any()
    assert not (omar[:, 8] >> RULE & 1).any()
    assert not (omar[:, 2] == swap.KIND_UNASKED).any()


def test_causes_are_told_in_words() -> None:
    """Shares of the frame are those of the codes, and each cause has its words."""
    over = sim.compare("baseline", [OMAR, WAZIRISTAN], runs=30, seed=SEED, until=UNTIL, progress=False)
    for name in (OMAR, WAZIRISTAN):
        measured, both = measure(arm("baseline"), arm(name), range(SEED, SEED + 30))
        pairs, codes, gaps = measured.causes()
        frame = over.reasons().loc[name]
        for (faction, cause), row in frame.iterrows():
            mine = codes[:, 0] == both.factions.index(faction)
            assert row["of_moved"] == pytest.approx(row["count"] / mine.sum())
            assert row["share"] == pytest.approx(row["count"] / 30)
            assert row["words"]
            if row["kind"] == "term":
                term = TERMS.index(cause)
                here = mine & (codes[:, 2] == swap.KIND_DECIDED) & (codes[:, 8] >> term & 1 == 1)
                assert row["count"] == here.sum()
                assert row["log_odds"] == pytest.approx(gaps[here, term].mean())
                assert row["brings"] == pytest.approx((codes[here, 9] >> term & 1).mean())
            elif row["kind"] == "joint":
                assert row["count"] == (mine & (codes[:, 2] == swap.KIND_JOINT)).sum()
            else:
                assert np.isnan(row["log_odds"])
        moved = over.who_moved().loc[name]
        assert set(frame.index.get_level_values("faction")) == set(moved.index[moved["moved"] > 0])
        # Nobody moves without a cause.
        assert len(pairs) == round(float((moved["moved"] * 30).sum()))


@pytest.mark.parametrize("rule", ["threshold", "landscape", "random"])
def test_another_way_of_choosing_is_not_told_as_terms(rule: str) -> None:
    """Where one arm does not choose by terms, the rule is the cause; where neither does, no term is credited."""
    ruled = f"decision.rule={rule}"
    measured, _ = measure(arm("baseline"), arm("baseline", ruled), range(SEED, SEED + 3))
    codes = measured.causes()[1]
    chosen = codes[np.isin(codes[:, 2], (swap.KIND_DECIDED, swap.KIND_JOINT, swap.KIND_UNEXPLAINED))]
    assert len(chosen) > 0
    assert (chosen[:, 2] == swap.KIND_DECIDED).all()
    assert (chosen[:, 8] == 1 << RULE).all()
    both, _ = measure(arm(OMAR, ruled), arm("baseline", ruled), range(SEED, SEED + 3))
    codes = both.causes()[1]
    assert not codes[:, 8:10].any()
    assert not (codes[:, 2] == swap.KIND_JOINT).any()


# The sleeping are asked


def test_asking_changes_nothing_and_tells_what_an_awake_faction_would_choose() -> None:
    source = arm("baseline", *RULES)
    config, plain = source.compiled, record(arm("baseline", *RULES), SEED)
    rows = len(config.factions)
    probes = np.array([(month, row) for month in range(MONTHS) for row in range(rows)])
    room = Room(config.arrays, stages=config.stages)
    kept = {
        name: np.empty((MONTHS, *config.arrays[name].shape), config.arrays[name].dtype) for name in MUTABLE
    }
    outcomes, summary = np.zeros((1, MONTHS, M_WIDTH)), np.zeros((1, O_WIDTH))
    made = room.room_for(MONTHS * config.arrays["F"].shape[0])
    count = room._legs(
        MONTHS, seed_keys([SEED]), outcomes, summary, np.empty((1, 0, 0), np.uint8),
        (*(kept[name] for name in MUTABLE), *made), probes,
    )  # fmt: skip
    for name, array in plain.arrays.items():
        assert kept[name].tobytes() == array.tobytes(), name
    assert outcomes[0].tobytes() == plain.outcomes.tobytes()
    assert summary[0].tobytes() == plain.summary.tobytes()
    keys, terms, values = (each[:count] for each in made)
    awake = keys[:, 4] != 0
    assert keys[awake].tobytes() == plain.decisions.keys.tobytes()
    assert terms[awake].tobytes() == plain.decisions.terms.tobytes()
    assert values[awake].tobytes() == plain.decisions.values.tobytes()
    active = sum(
        int((plain.arrays["I"][month, :rows, s.I_FATE] == s.FATE_ACTIVE).sum()) for month in range(MONTHS)
    )
    assert 0.9 * active < len(keys[~awake]) + awake.sum() <= 1.1 * active
    would_move = np.flatnonzero(~awake & (keys[:, 2] != keys[:, 3]))
    assert len(would_move) > 0
    chance = np.random.default_rng(2)
    for n in [*would_move[:4], *chance.choice(np.flatnonzero(~awake), 4)]:
        month, row, held, chosen, _ = keys[n].tolist()
        told_ = asked(config, SEED, month, row)
        assert told_ is not None
        assert (told_.held, told_.chosen) == (held, chosen)
        assert told_.terms.tobytes() == terms[n].tobytes()
        assert told_.utilities.tobytes() == values[n, 0].tobytes()


def test_few_probes_are_found_among_many_months() -> None:
    config = arm("baseline").compiled
    room = Room(config.arrays)
    nothing = np.empty((1, 0, M_WIDTH)), np.zeros((1, O_WIDTH)), np.empty((1, 0, 0), np.uint8)
    awake = {tuple(key) for key in record(arm("baseline"), SEED).decisions.keys[:, :2].tolist()}
    fates = record(arm("baseline"), SEED).arrays["I"][41, :, s.I_FATE]
    last = int(np.flatnonzero(fates == s.FATE_ACTIVE)[7])
    wanted = [(3, 5), (3, 9), (20, 0), (41, last)]
    decisions, count = room.trace(MONTHS, seed_keys([SEED]), *nothing, room.room_for(4096), np.array(wanted))
    asleep = [tuple(key[:2]) for key in decisions[0][:count].tolist() if key[4] == 0]
    assert asleep == [key for key in wanted if key not in awake]


# Newcomers


def test_a_newcomer_that_decides_at_once_is_explained() -> None:
    """A faction that comes into being and is awake in the same month held nothing in the month before."""
    texts = ("weights.wake_base=1", "decision.theta=0")
    base, other = arm("baseline", *texts), arm("baseline", *texts, "weights.b_embed=0")
    measured, both = measure(base, other, range(SEED, SEED + 4))
    pairs, codes, _ = measured.causes()
    start = base.compiled.arrays["I"][:, s.I_ACTIVE_FROM]
    came = [
        (pair, code) for pair, code in zip(pairs, codes, strict=True)
        if 0 < start[both.rows[0][code[0]]] == code[1] and code[2] != swap.KIND_FATE
    ]  # fmt: skip
    assert came, "no newcomer differs in its first month"
    for pair, code in came:
        seed, month, row = SEED + int(pair), int(code[1]), int(both.rows[0][code[0]])
        made = decision(base, seed, month, row)
        assert made is not None
        assert code[3] == made.held < len(base.compiled.options)
        u = draw(base.compiled, seed, month, row)
        two = decision(other, seed, month, row)
        assert two is not None
        rule = rule_of(base.compiled, month)
        assert bits(code[8]) == reverting(made.chosen, made, two, rule, rule, u)


# In words


@pytest.mark.core
def test_a_faction_is_explained() -> None:
    moved = told().who_moved().loc[OMAR]
    faction = str(moved["moved"].idxmax())
    told_ = told().explain(faction, OMAR)
    row, reasons = moved.loc[faction], told().reasons(faction).loc[OMAR]
    text = " ".join(str(told_).split())
    assert text.startswith(f"{row['name']} ({faction}): {OMAR} against baseline, weights fixed, 40 pairs")
    assert f"stands elsewhere in {100 * row['moved']:.0f} % of pairs" in text
    assert "In the model" in text
    for words in reasons["words"]:
        assert words in text
    assert [one["cause"] for one in told_.as_dict()["reasons"]] == reasons.index.get_level_values(
        "cause"
    ).tolist()
    code = loaded("baseline").scenario.factions[faction].code
    assert code is not None
    assert str(told().explain(code.lower(), OMAR)) == str(told_)
    still = str(moved.index[moved["moved"] == 0][0])
    assert "stands where it stood in the base, in every pair" in str(told().explain(still, OMAR))
