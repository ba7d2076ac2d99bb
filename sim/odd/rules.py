"""What the code says of its rules: docstrings, read without importing what has to be compiled."""

from __future__ import annotations

import ast
import inspect
import re
from functools import cache
from importlib.resources import files

from sim.mechanisms import MECHANISMS
from sim.scenario.schema import DECISION_RULES

from .cells import code, prose, table
from .states import data

__all__ = [
    "MODULES",
    "RULE_FUNCTIONS",
    "decision_rules",
    "documented",
    "rule",
    "rules_of",
    "statements_table",
]

MODULES: dict[str, str] = {
    "common": "rules/common.py",
    "news": "rules/news.py",
    "succession": "rules/succession.py",
    "posture": "rules/posture.py",
    "awareness": "rules/awareness.py",
    "appraisal": "rules/appraisal.py",
    "choice": "rules/choice.py",
    "oaths": "rules/oaths.py",
    "clash": "rules/clash.py",
    "sustain": "rules/sustain.py",
    "movement": "rules/movement.py",
    "reorganise": "rules/reorganise.py",
    "observation": "observation.py",
    "sums": "rules/sums.py",
    "opening": "rules/opening.py",
}
"""Modules of rules in the order of a month, by name, and their files below ``sim``."""

RULE_FUNCTIONS: dict[str, tuple[str, str]] = {
    "logit": ("choice.probabilities", "The faction stays"),
    "ideology_led": ("appraisal.appraise", "The rules ideology_led"),
    "patronage_led": ("appraisal.appraise", "The rules ideology_led"),
    "threshold": ("choice.threshold_utilities", "Rule threshold"),
    "landscape": ("choice.landscape_utilities", "Rule landscape"),
    "random": ("choice.even_odds", "The same probability"),
}
"""The function that makes a decision rule what it is, and where in its docstring that is said."""


@cache
def documented(module: str) -> dict[str, str]:
    """The functions of a module with their docstrings, in the order of the file."""
    path = files("sim").joinpath(*MODULES[module].split("/"))
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    return {node.name: _plain(ast.get_docstring(node) or "") for node in functions}


def _plain(text: str) -> str:
    """A docstring without its marks."""
    text = re.sub(r":\w+:`~?([^`]+)`", r"\1", inspect.cleandoc(text))
    return text.replace("``", "")


def rule(name: str) -> str:
    """What a rule, ``module.function``, states of itself."""
    module, _, function = name.rpartition(".")
    return documented(module)[function]


def rules_of(module: str) -> str:
    """All rules of a module with what they state, as a block of text."""
    parts = []
    for name, text in documented(module).items():
        lines = (f"    {line}" if line else "" for line in text.splitlines())
        parts.append("\n".join((f"{module}.{name}", *lines)))
    return "\n".join(("```text", "\n\n".join(parts), "```"))


def decision_rules() -> str:
    """The decision rules that a scenario can name, with what the function behind each says of it."""
    rows = []
    for name in DECISION_RULES:
        function, start = RULE_FUNCTIONS[name]
        text = " ".join(rule(function).split())
        rows.append((code(name), code(function), prose(text[text.index(start) :])))
    return table(("`decision.rule`", "function", "which says"), rows)


def statements_table() -> str:
    """The statements with their article, the function that carries each, its default and where it acts."""
    acts: dict[str, str] = data("statements")
    rows = (
        (m.id, m.statement, m.article, code(m.rule.removeprefix("rules.")), acts[m.id]) for m in MECHANISMS
    )
    return table(("", "statement", "from", "carried by", "acts in"), rows)
