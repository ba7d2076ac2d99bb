"""The page on the numbers of the baseline: counts first, then every number with its source."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from sim.odd.cells import code, number, prose, table
from sim.odd.numbers import Numbers
from sim.scenario.evidence import Row
from sim.scenario.load import Loaded, load

__all__ = ["sources_page"]

_INTRO = """\
# Evidence

<!-- written by: bayah reference evidence -->

Where the {total} numbers of the scenario `baseline` are from, as `bayah evidence baseline` prints them. The classes, the
firmest first: an article, the literature, data, coding from cases, the record of events, judgement. **{judgement} are
judgement**: a reason is given, and no more than that is claimed.

"""
_AFTER = """
{with_prior} of them have a prior: what was believed before the record was looked at. `bayah calibrate` infers {free} of
these; [the model](../odd.md) names them. Keys of sources are resolved at the [end](#sources).
"""
_HEADS = ("number", "value", "unit", "class", "prior", "source")
_NAMED = ("patrons", "factions", "regions", "events")


def sources_page() -> str:
    """The page as Markdown."""
    loaded = load("baseline")
    told = Numbers(loaded)
    judged = sum(row.kind == "judgement" for row in told.rows)
    head = _INTRO.format(total=f"{told.total:,}", judgement=f"{judged:,}") + told.counts_table() + "\n"
    after = _AFTER.format(with_prior=told.with_prior, free=len(told.free))
    return "\n".join([head + after, *_all(told.rows, loaded), *_cited(loaded)])


def _all(rows: list[Row], loaded: Loaded) -> Iterator[str]:
    for section, group in groupby(rows, lambda row: _section(row.path)):
        yield f"## {section}\n"
        entries = list(group)
        if section not in _NAMED:
            yield _table(entries, section)
            continue
        for name, part in groupby(entries, lambda row: row.path.split(".")[1]):
            entry = getattr(loaded.scenario, section)[name]
            title = getattr(entry, "name", None) or getattr(entry, "title", None)
            yield f"### {name}\n"
            if title:
                yield f"{prose(title)}.\n"
            yield _table(list(part), f"{section}.{name}")


def _section(path: str) -> str:
    return path.replace("[", ".").split(".")[0]


def _table(rows: list[Row], above: str) -> str:
    """Numbers, by their paths below a heading."""
    cells = (
        (code(row.path.removeprefix(f"{above}.")), number(row.value), row.unit, row.kind, row.prior, prose(row.source))
        for row in rows
    )  # fmt: skip
    return table(_HEADS, cells) + "\n"


def _cited(loaded: Loaded) -> Iterator[str]:
    yield "## Sources\n"
    sources = loaded.scenario.sources
    yield (
        table(
            ("key", "kind", "how to cite it"), ((code(k), s.kind, prose(s.cite)) for k, s in sources.items())
        )
        + "\n"
    )
