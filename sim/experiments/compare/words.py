"""The answer of a comparison in words: what differs in the model, who moved, through what."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill
from typing import TYPE_CHECKING, Any

from sim.outcomes import MONTHLY, SUMMARY

if TYPE_CHECKING:
    from sim.experiments.compare.comparison import Comparison, Reading
    from sim.results.explain import Explanation

__all__ = ["answer", "explain_faction", "of_hundred", "plain", "signed", "verdict"]

_MOST_TOLD = 6
_LEAST = 0.02
"""Share of pairs below which a faction is not told of."""


def plain(value: float) -> str:
    """A number in three digits, whole from a hundred on."""
    if abs(value) < 5e-7:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def of_hundred(share: float) -> str:
    """A share as per cent; what is neither none nor all is not rounded to it."""
    if 0 < share < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 < share < 1 else f"{100 * share:.0f} %"


def signed(value: float) -> str:
    """A difference in the same form, with its sign."""
    if abs(value) < 5e-7:
        return "0"
    return f"{value:+,.0f}" if abs(value) >= 100 else f"{value:+.3g}"


def answer(comparison: Comparison, width: int) -> str:
    """Everything in short."""
    chance = "; both runs of a pair meet the same chance" if comparison.about["same_chance"] else ""
    head = f"{comparison.base} ({comparison.titles[comparison.base]}) against what if, in the model: {comparison.face}"
    lines = [fill(f"{head}{chance}.", width), *_unvalidated(comparison)]
    lines += [fill(f"Note: {note}.", width, subsequent_indent="  ") for note in comparison.notes]
    for name in comparison.alternatives:
        lines += ["", *_one(comparison, name, width)]
    return "\n".join(lines)


def _unvalidated(comparison: Comparison) -> list[str]:
    since = comparison.unvalidated_from
    return (
        []
        if since is None
        else [f"UNVALIDATED from {since} on: the model was not held against those months."]
    )


def _one(comparison: Comparison, name: str, width: int) -> Iterator[str]:
    yield f"{name}: {comparison.titles[name]}"
    since = comparison.lever_months[name]
    if not since:
        yield "  In the months compared it says the same as the base: nothing differs."
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
        over = f"{signed(row.weights_low)} to {signed(row.weights_high)}"
        text += (
            f"; over the weights {over}"
            if row.weights_sd > 0
            else "; over the weights no spread beyond chance"
        )
    share = max(row.p_higher, row.p_lower)
    text += f"; {'higher' if row.p_higher >= row.p_lower else 'lower'} in {of_hundred(share)} of pairs"
    text += f"; a difference of {plain(row.smallest)} could have been seen."
    told = verdict(row, reading)
    return f"{text} {told[0].upper()}{told[1:]}." if told else text


def _unit(reading: Reading) -> str:
    columns = SUMMARY if reading.month == "run" else MONTHLY
    unit = next((column.unit for column in columns if column.name == reading.outcome), "")
    return "" if unit in ("count", "share", "ratio", "factor") else f" {unit}"


def verdict(row: Any, reading: Reading) -> str:
    """Whether it counts as an effect, by what the what-if said beforehand; empty where it said nothing."""
    if reading.no_effect is None:
        return ""
    limit = f"less than {reading.no_effect:g} counts as none"
    ends = [row["low"], row["high"]]
    varied = "weights_low" in row and row["weights_low"] == row["weights_low"]
    wide = [*ends, row["weights_low"], row["weights_high"]] if varied else ends
    if _beyond(wide, reading.no_effect):
        return f"an effect in the model ({limit})"
    if all(abs(end) < reading.no_effect for end in wide):
        return f"no effect in the model ({limit})"
    if varied and (_beyond(ends, reading.no_effect) or all(abs(end) < reading.no_effect for end in ends)):
        return f"whether it counts depends on the weights ({limit})"
    return f"not told apart from no effect ({limit})"


def _beyond(ends: list[float], limit: float) -> bool:
    """Whether all ends lie on one side of zero and beyond what counts as none."""
    return min(ends) >= limit or max(ends) <= -limit


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
        text = f"{row['name']}: {of_hundred(row.moved)}, from {row.month} (median), {row.base_side} in the base, "
        text += f"{row.alternative_side} in the alternative (of those {of_hundred(row.share)})"
        yield fill(f"    {text}; {_why(comparison, name, faction)}.", width, subsequent_indent="      ")
    if len(moved) > _MOST_TOLD:
        more = len(moved) - _MOST_TOLD
        yield f"    and {more} other{'s' if more > 1 else ''}; who_moved() has all."


def _why(comparison: Comparison, name: str, faction: str) -> str:
    rows = _reasons_of(comparison, name, faction)
    if not len(rows):
        return "decisions cannot be set side by side"
    told = [f"{row.words} ({of_hundred(row.of_moved)})" for _, row in rows.head(2).iterrows()]
    return "mostly because " + ", or ".join(told)


def _reasons_of(comparison: Comparison, name: str, faction: str) -> Any:
    """Causes of a faction in an alternative, the commonest first, by cause."""
    frame: Any = comparison.frame("reasons")
    # The frame is in the order of shares, in which pandas looks up a pair of keys with a warning.
    mine = frame.index.get_level_values("alternative") == name
    mine &= frame.index.get_level_values("faction") == faction
    return frame[mine].droplevel(["alternative", "faction"])


def explain_faction(comparison: Comparison, faction: str, name: str) -> Explanation:
    """Why a faction stands elsewhere in an alternative."""
    from sim.results.explain import Explanation

    movers: Any = comparison.who_moved()
    moved = movers.loc[(name, faction)]
    reasons = _reasons_of(comparison, name, faction)
    data = {
        "kind": "comparison", "faction": faction, "name": moved["name"], "base": comparison.base, "alternative": name,
        "pairs": comparison.pairs_count, "face": comparison.face,
        "moved": {key: value for key, value in moved.items() if key != "name"},
        "reasons": [{"cause": cause, **row.to_dict()} for cause, row in reasons.iterrows()],
    }  # fmt: skip
    return Explanation(data, _faction_text(comparison, data))


def _faction_text(comparison: Comparison, data: dict[str, Any], width: int = 100) -> str:
    moved, focus = data["moved"], _focus_text(comparison, data["alternative"])
    lines = [
        f"{data['name']} ({data['faction']}): {data['alternative']} against {data['base']}, {data['face']}",
        "",
    ]
    lines[1:1] = _unvalidated(comparison)
    if moved["moved"] == 0:
        lines.append("In the model it stands where it stood in the base, in every pair.")
        return "\n".join(lines)
    lines.append(
        fill(
            f"In the model it stands elsewhere in {of_hundred(moved['moved'])} of pairs, for the first time in "
            f"{moved['month']} (median): most often {moved['alternative_side']} instead of {moved['base_side']} "
            f"({of_hundred(moved['share'])} of them). In the last month its side differs in "
            f"{of_hundred(moved['at_end'])} of pairs.",
            width,
        )
    )
    lines.append(fill(_oath_text(data["name"], moved, data["reasons"], focus), width))
    lines += [
        "",
        "The first difference comes about because (shares of the pairs in which it moved; they overlap):",
    ]
    for row in data["reasons"]:
        text = f"{of_hundred(row['of_moved']):>6}  {row['words']}"
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


def _focus_text(comparison: Comparison, name: str) -> str:
    """The focus patron, or both where they differ."""
    mine, theirs = (comparison.patrons[comparison.about["focus_of"][arm]] for arm in (comparison.base, name))
    return mine if mine == theirs else f"the focus patron ({mine} in the base, {theirs} in the alternative)"


_OATHS = (
    ("only_base", "does not offer {focus} an oath that it offers in the base"),
    ("later", "offers {focus} an oath later"),
    ("earlier", "offers {focus} an oath earlier"),
    ("only_alternative", "offers {focus} an oath that it does not offer in the base"),
)
"""What can become of an oath, and how it is told."""


def _oath_text(name: str, moved: dict[str, Any], reasons: list[dict[str, Any]], focus: str) -> str:
    """What becomes of its oath to the focus patron, most often, and why."""
    found = sorted(((moved[key], told) for key, told in _OATHS if moved[key] >= 0.005), reverse=True)
    ever = (
        f"It ever offers {focus} an oath in {of_hundred(moved['pledged_base'])} of the base's runs and in "
        f"{of_hundred(moved['pledged_alternative'])} of the alternative's."
    )
    if not found:
        return ever
    parts = [
        f"in {of_hundred(share)} of pairs {name if n == 0 else 'it'} {told.format(focus=focus if n == 0 else 'it')}"
        for n, (share, told) in enumerate(found)
    ]
    why = f"; its first difference comes mostly from {_noun(reasons[0])}" if reasons else ""
    text = ", ".join(parts)
    return f"{text[0].upper()}{text[1:]}{why}. {ever}"


def _noun(reason: dict[str, Any]) -> str:
    share = f"{of_hundred(reason['of_moved'])} of the pairs in which it moved"
    if reason["kind"] == "term":
        return f"{reason['words']} ({share})"
    told = {
        "joint": "several terms together",
        "unexplained": "what no swap shows",
        "offered": "other options on offer",
    }
    return f"{told.get(reason['kind'], 'this: ' + reason['words'])} ({share})"
