"""The page on the statements of the articles: what each says, what carries it, where it shows."""

from __future__ import annotations

from collections.abc import Iterator

from sim.mechanisms import ARTICLES, CITED, MECHANISMS, Mechanism
from sim.odd.cells import code, prose, table

__all__ = ["statements_page"]

_INTRO = """\
# Mechanisms

<!-- written by: bayah reference mechanisms -->

The model states {count} mechanisms, each taken from one of {articles} published articles and put in our words. Each is
carried by a rule and can be switched off in a scenario (`mechanisms: {{M05: false}}`); {off} are off by default, for
other sources contest them.

- **Rule**: the function that carries it, whose docstring gives the formula; [the model](../odd.md) quotes them all.
- **Switch**: the dotted path by which files, designs and `--set` switch it.
- **Shows in**: the monthly outcome (`bayah list outcomes`) that should move, and which way, when the statement is on rather
  than off, averaged over these months.

`bayah mechanisms M08` prints one. `bayah mechanisms --check` switches each off in 64 paired runs and tells whether its
readout moves as stated. That a statement moves its readout shows that the rule does what the article says, not that the
article is right.
"""
_HEADS = ("", "statement", "rule", "switch", "shows in")


def statements_page() -> str:
    """The page as Markdown."""
    off = " and ".join(one.id for one in MECHANISMS if not one.default)
    intro = _INTRO.format(count=len(MECHANISMS), articles=len(ARTICLES), off=off)
    return "\n".join([intro, *(line for key in ARTICLES for line in _article(key)), *_contested()])


def _article(key: str) -> Iterator[str]:
    yield f"## {key}: {CITED[key]}\n"
    yield f"{prose(ARTICLES[key])}.\n"
    yield table(_HEADS, (_row(one) for one in MECHANISMS if one.article == key)) + "\n"


def _row(one: Mechanism) -> tuple[str, ...]:
    way = "up" if one.direction > 0 else "down"
    shown = f"{code(one.readout)}, {way}, {one.window[0]} to {one.window[1]}"
    if one.setting:
        shown += "; with " + ", ".join(code(f"{path}={value}") for path, value in one.setting.items())
    switch = code(one.switch) + ("" if one.default else ", off by default")
    return (one.id, f"**{prose(one.title)}.** {prose(one.statement)}", code(f"sim.{one.rule}"), switch, shown)


def _contested() -> Iterator[str]:
    rows = [(one.id, prose(one.title), prose(one.contested)) for one in MECHANISMS if one.contested]
    if rows:
        yield "## Contested\n"
        yield table(("", "statement", "what is held against it"), rows) + "\n"
