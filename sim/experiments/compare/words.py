"""The answer of a comparison in words: what differs in the model, who moved, through what."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill
from typing import TYPE_CHECKING, Any

from sim.outcomes import MONTHLY, SUMMARY

if TYPE_CHECKING:
    from sim.experiments.compare.comparison import Comparison, Reading
    from sim.results.explain import Explanation

__all__ = ["answer", "explain_faction", "plain", "signed"]

_MOST_TOLD = 6
_LEAST = 0.02
"""Share of pairs below which a faction is not told of."""


def plain(value: float) -> str:
    """A number in three digits, whole from a hundred on."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def signed(value: float) -> str:
    """A difference in the same form, with its sign."""
    return f"{value:+,.0f}" if abs(value) >= 100 else f"{value:+.3g}"


def answer(comparison: Comparison, width: int) -> str:
    """Everything in short."""
    lines = [
        fill(
            f"{comparison.base} ({comparison.titles[comparison.base]}) against what if, in the model: "
            f"{comparison.face}; both runs of a pair meet the same chance.",
            width,
        )
    ]
    lines += [fill(f"Note: {note}.", width, subsequent_indent="  ") for note in comparison.notes]
    for name in comparison.alternatives:
        lines += ["", *_one(comparison, name, width)]
    return "\n".join(lines)


def _one(comparison: Comparison, name: str, width: int) -> Iterator[str]:
    yield f"{name}: {comparison.titles[name]}"
    since = comparison.lever_months[name]
    if not since:
        yield "  It says the same as the base: nothing differs."
        return
    if since == comparison.months[0]:
        yield "  The levers differ from the first month on."
    else:
        yield fill(f"  The levers differ from {since} on; before that the runs are the same.", width)
    for reading in comparison.readouts[name]:
        yield fill(f"  {_told(comparison, name, reading)}", width, subsequent_indent="    ")
    yield from _movers(comparison, name, width)


def _told(comparison: Comparison, name: str, reading: Reading) -> str:
    frame: Any = comparison.frame("difference")
    row = frame.loc[(name, reading.outcome, reading.month)]
    when = "the whole run" if reading.month == "run" else reading.month
    unit = _unit(reading)
    text = f"{reading.outcome}, {when}: {plain(row.base)} in the base, {plain(row.alternative)} in the alternative"
    if row.p_higher + row.p_lower == 0:
        return f"{text}: the same in every pair."
    text += f": {signed(row.difference)}{unit} (95 % {signed(row.low)} to {signed(row.high)})"
    if "weights_sd" in row and row.weights_sd == row.weights_sd:
        text += f"; over the weights {signed(row.weights_low)} to {signed(row.weights_high)}"
    share = max(row.p_higher, row.p_lower)
    text += f"; {'higher' if row.p_higher >= row.p_lower else 'lower'} in {share:.0%} of pairs"
    return f"{text}; a difference of {plain(row.smallest)} could have been seen.{_verdict(row, reading)}"


def _unit(reading: Reading) -> str:
    columns = SUMMARY if reading.month == "run" else MONTHLY
    unit = next((column.unit for column in columns if column.name == reading.outcome), "")
    return "" if unit in ("count", "share", "ratio", "factor") else f" {unit}"


def _verdict(row: Any, reading: Reading) -> str:
    """Whether it counts as an effect, by what the what-if said beforehand."""
    if reading.no_effect is None:
        return ""
    limit = f"less than {reading.no_effect:g} counts as none"
    if abs(row.difference) >= reading.no_effect and row.low * row.high > 0:
        return f" An effect in the model ({limit})."
    if max(abs(row.low), abs(row.high)) < reading.no_effect:
        return f" No effect in the model ({limit})."
    return f" Not told apart from no effect ({limit})."


def _movers(comparison: Comparison, name: str, width: int) -> Iterator[str]:
    frame: Any = comparison.who_moved()
    moved = frame.loc[name]
    moved = moved[moved["moved"] >= _LEAST].sort_values("moved", ascending=False, kind="stable")
    if not len(moved):
        yield "  No faction stands elsewhere in more than one pair of fifty."
        return
    yield "  Factions that stand elsewhere, by share of pairs:"
    for faction in moved.index[:_MOST_TOLD]:
        row = moved.loc[faction]
        text = f"{row['name']}: {row.moved:.0%}, from {row.month} (median), {row.base_side} in the base, "
        text += f"{row.alternative_side} in the alternative (of those {row.share:.0%})"
        yield fill(f"    {text}; {_why(comparison, name, faction)}.", width, subsequent_indent="      ")
    if len(moved) > _MOST_TOLD:
        yield f"    and {len(moved) - _MOST_TOLD} others; who_moved() has all."


def _why(comparison: Comparison, name: str, faction: str) -> str:
    frame: Any = comparison.frame("reasons")
    if (name, faction) not in frame.index.droplevel("cause"):
        return "decisions cannot be set side by side"
    rows = frame.loc[(name, faction)]
    told = [f"{row.words} ({row.of_moved:.0%})" for _, row in rows.head(2).iterrows()]
    return "mostly because " + ", or ".join(told)


def explain_faction(comparison: Comparison, faction: str, name: str) -> Explanation:
    """Why a faction stands elsewhere in an alternative."""
    from sim.results.explain import Explanation

    movers: Any = comparison.who_moved()
    moved = movers.loc[(name, faction)]
    frame: Any = comparison.frame("reasons")
    known = (name, faction) in frame.index.droplevel("cause")
    reasons = frame.loc[(name, faction)] if known else frame.iloc[:0]
    data = {
        "kind": "comparison", "faction": faction, "name": moved["name"], "base": comparison.base, "alternative": name,
        "pairs": comparison.pairs_count, "face": comparison.face,
        "moved": {key: value for key, value in moved.items() if key != "name"},
        "reasons": [{"cause": cause, **row.to_dict()} for cause, row in reasons.iterrows()],
    }  # fmt: skip
    return Explanation(data, _faction_text(comparison, data))


def _faction_text(comparison: Comparison, data: dict[str, Any], width: int = 100) -> str:
    moved, focus = data["moved"], comparison.patrons[comparison.focus]
    lines = [
        f"{data['name']} ({data['faction']}): {data['alternative']} against {data['base']}, {data['face']}",
        "",
    ]
    if moved["moved"] == 0:
        lines.append("In the model it stands where it stood in the base, in every pair.")
        return "\n".join(lines)
    lines.append(
        fill(
            f"In the model it stands elsewhere in {moved['moved']:.0%} of pairs, for the first time in {moved['month']} "
            f"(median): most often {moved['alternative_side']} instead of {moved['base_side']} ({moved['share']:.0%} of "
            f"them). In the last month its side differs in {moved['at_end']:.0%} of pairs.",
            width,
        )
    )
    lines.append(fill(_oath_text(moved, focus), width))
    lines += [
        "",
        "The first difference comes about because (shares of the pairs in which it moved; they overlap):",
    ]
    for row in data["reasons"]:
        text = f"{row['of_moved']:>5.0%}  {row['words']}"
        if row["kind"] == "term":
            side = "for" if row["log_odds"] > 0 else "against"
            text += (
                f": {abs(row['log_odds']):.2f} log-odds {side} what it chose in the alternative, on the mean"
            )
        lines.append(fill(f"  {text}", width, subsequent_indent=" " * 9))
    if not data["reasons"]:
        lines.append("  decisions of the two scenarios cannot be set side by side")
    lines += [
        "",
        fill(
            "A cause is credited only if the choice reverts when it alone is put back, on the same draw. This speaks of "
            "the model, not of the men.",
            width,
        ),
    ]
    return "\n".join(lines)


def _oath_text(moved: dict[str, Any], focus: str) -> str:
    base, other = moved["pledged_base"], moved["pledged_alternative"]
    text = f"It ever offers an oath to {focus} in {base:.0%} of the base's runs and in {other:.0%} of the alternative's"
    parts = [
        f"{verb} in {moved[key]:.0%} of pairs"
        for key, verb in (
            ("later", "later"), ("earlier", "earlier"), ("only_base", "not any more"), ("only_alternative", "only there"),
        )
        if moved[key] >= 0.005
    ]  # fmt: skip
    return f"{text}: {', '.join(parts)}." if parts else f"{text}."
