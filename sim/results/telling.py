"""A decision in plain sentences, from the data of :mod:`sim.results.explain`."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill, indent
from typing import Any

from sim.results.wording import NOUNS, REASONS, option_words

__all__ = ["tell", "tell_all", "tell_asleep"]

_WIDTH = 100
_SMALL = 0.05
"""Log-odds below which a difference is not told."""
_MOST = 6
"""Reasons told at most, of each kind."""

_RULES = {
    "threshold": "It follows its peers once enough have gone before; the terms above played no part.",
    "landscape": "It goes where it meets least friction with the others; the terms above played no part.",
    "random": "It chose at random among what there was; the terms above played no part.",
}


def tell(data: dict[str, Any]) -> str:
    """One decision in full."""
    lines = [_title(data, data["month"]), "", *_woken(data), *_choice(data), "", *_options(data)]
    if data["against"] is not None and data["by_terms"]:
        lines += ["", *_for_and_against(data)]
    elif not data["by_terms"]:
        lines += ["", _RULES.get(data["rule"], f"It chose by a rule of its own, {data['rule']}.")]
    lines += ["", *_since(data)]
    if data["after"]:
        lines += ["", "What came of it:"]
        lines += [f"  {event['month']}  {event['detail']}" for event in data["after"]]
    return "\n".join(lines)


def _title(data: dict[str, Any], month: str | None) -> str:
    code = f", {data['code']}" if data["code"] else ""
    title = f"{data['name']} ({data['faction']}{code})"
    if month is not None:
        late = data["unvalidated_from"] and month >= data["unvalidated_from"]
        title += f", {month}{' (unvalidated)' if late else ''}"
    return f"{title}, seed {data['seed']}"


def _words(data: dict[str, Any], option: str) -> str:
    return option_words(option, data["patrons"])


def _woken(data: dict[str, Any]) -> Iterator[str]:
    reasons = data["reasons"]
    if reasons in ([], ["nothing in particular"]):
        yield "It thought again for no particular reason, as factions do now and then."
        return
    told = [reason for reason in reasons if reason != "nothing in particular"]
    yield fill(f"What made it think again: {'; '.join(told)}.", _WIDTH)
    for event in data["events"]:
        who = "" if event["subject"] == data["faction"] else f"{event['subject']}: "
        yield fill(
            f"{event['month']}  {who}{event['detail']}",
            _WIDTH,
            initial_indent="  ",
            subsequent_indent=" " * 11,
        )


def _choice(data: dict[str, Any]) -> Iterator[str]:
    held, chosen = _words(data, data["held"]), _words(data, data["chosen"])
    chance = f"{data['probability']:.0%}" if data["probability"] < 0.995 else "near certain"
    if data["moved"]:
        yield fill(f"It left {held} and chose {chosen} (probability {chance}).", _WIDTH)
    else:
        yield fill(f"It stayed with {chosen} (probability {chance}).", _WIDTH)


def _options(data: dict[str, Any]) -> Iterator[str]:
    wide = max(len(option["option"]) for option in data["options"])
    yield f"{'option':{wide}}  {'utility':>8}  {'probability':>11}"
    for option in data["options"]:
        marks = [
            text
            for text, name in (("held", data["held"]), ("chosen", data["chosen"]))
            if name == option["option"]
        ]
        mark = f"  {', '.join(marks)}" if marks else ""
        if option["available"]:
            numbers = f"{option['utility']:>8.2f}  {option['probability']:>11.3f}"
            yield f"{option['option']:{wide}}  {numbers}{mark}"
        else:
            yield f"{option['option']:{wide}}  {'not there':>21}{mark}"


def _for_and_against(data: dict[str, Any]) -> Iterator[str]:
    other = _words(data, data["against"])
    chosen = _words(data, data["chosen"])
    speaks_for = [item for item in data["differences"] if item["difference"] > _SMALL]
    against = [item for item in data["differences"] if item["difference"] < -_SMALL]
    yield fill(f"For {chosen} rather than {other} ({data['gap']:+.2f} log-odds in sum):", _WIDTH)
    yield from _reasons(speaks_for, 0)
    yield "Against it:"
    yield from _reasons(against, 1)
    yield from _hesitation(data)


def _reasons(items: list[dict[str, Any]], side: int) -> Iterator[str]:
    for item in items[:_MOST]:
        yield f"  {item['difference']:+7.2f}  {REASONS[item['term']][side]} ({item['group']})"
    if len(items) > _MOST:
        rest = items[_MOST:]
        yield f"  {sum(item['difference'] for item in rest):+7.2f}  {len(rest)} smaller ones"
    if not items:
        yield "           nothing that counts"


def _hesitation(data: dict[str, Any]) -> Iterator[str]:
    """How the choice came out of the sums: the threshold, and chance."""
    theta, gap = data["theta"], data["gap"]
    if not data["moved"] and gap >= 0:
        text = "Nothing else was worth more."
    elif not data["moved"] and -gap <= theta:
        text = f"The other was worth more by {-gap:.2f}, but a faction moves only for more than {theta:g}."
    elif not data["moved"]:
        text = f"The other was worth more by {-gap:.2f}: that it stayed was chance."
    elif gap > theta:
        text = f"It moved because the best option beat the present one by more than {theta:g}."
    else:
        text = (
            f"Another option beat the present one by more than {theta:g}; that it took this one was chance."
        )
    yield fill(text, _WIDTH)


def _since(data: dict[str, Any]) -> Iterator[str]:
    since = data["since"]
    if since is None:
        yield "It had not decided before in this run."
        return
    did = "stayed with" if since["held"] == since["chosen"] else "chose"
    changes = [item for item in since["changes"] if abs(item["change"]) > _SMALL]
    yield fill(f"Since {since['month']}, when it {did} {_words(data, since['chosen'])}:", _WIDTH)
    for item in changes[:_MOST]:
        verb = "rose" if item["change"] > 0 else "fell"
        yield f"  {item['change']:+7.2f}  {NOUNS[item['term']]} {verb}, for {_words(data, item['option'])}"
    if not changes:
        yield "           nothing that counts has changed"


def tell_all(data: dict[str, Any]) -> str:
    """All decisions in short, the most telling one in its reasons."""
    lines = [_title(data, None), ""]
    if not data["decisions"]:
        return "\n".join([*lines, "It decided nothing in this run."])
    for decision in data["decisions"]:
        moved = (
            f"{decision['held']} -> {decision['chosen']}"
            if decision["moved"]
            else f"stays with {decision['held']}"
        )
        gap = "" if decision["gap"] is None else f" ({decision['gap']:+.2f} against {decision['against']})"
        lines.append(f"  {decision['month']}  {moved}{gap}")
        lines.append(indent(fill("; ".join(decision["reasons"]), _WIDTH - 11), " " * 11))
    telling = data["telling"]
    if telling is None:
        return "\n".join([*lines, "", "It never changed its allegiance."])
    full = {**data, **telling, "by_terms": True}
    lines += ["", f"Its most telling decision, {telling['month']}:", "", *_for_and_against(full)]
    return "\n".join([*lines, "", f"More on one decision: name its month, for example {telling['month']}."])


def tell_asleep(data: dict[str, Any]) -> str:
    """A month without a decision."""
    lines = [_title(data, data["month"]), ""]
    if data["fate"] == "waiting":
        began = f" (from {data['from']})" if data["from"] else ""
        lines.append(f"It did not exist yet{began}.")
    elif data["fate"] != "active":
        lines.append(f"It was no longer there: {data['fate']}.")
    else:
        lines.append(f"It did not decide in this month: nothing woke it. It held {data['allegiance']}.")
    for label, item in (("before", data["before"]), ("after", data["next"])):
        if item:
            did = (
                f"stayed with {item['held']}"
                if item["held"] == item["chosen"]
                else f"left {item['held']} for {item['chosen']}"
            )
            lines.append(f"The nearest decision {label}: {item['month']}, when it {did}.")
    return "\n".join(lines)
