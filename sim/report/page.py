"""The page itself: what a comparison says, put into the template."""

from __future__ import annotations

import hashlib
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from sim.experiments.compare.making import KEPT
from sim.plots.comparison_record import part
from sim.scenario.bundled import bundled_scenarios

from .frame import environment
from .pictures import pictures_of_all, pictures_of_causes, pictures_of_movers, pictures_of_outcomes
from .tables import moved_table, outcome_tables, reason_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.experiments.compare.comparison import Comparison

__all__ = ["command", "page"]


def page(comparison: Comparison) -> str:
    """The report as HTML."""
    template = environment().get_template("page.html")
    return template.render(
        one=comparison,
        base=_about(comparison, comparison.base),
        alternatives=[_alternative(comparison, name) for name in comparison.alternatives],
        pictures=list(pictures_of_all(comparison)),
        answer=_paragraphs(comparison.text(1_000_000)),
        seeds=_seeds(comparison),
        command=command(comparison),
        packages=comparison.about["packages"],
        code=comparison.about["code"],
    )


def _about(comparison: Comparison, name: str) -> dict[str, Any]:
    entry: Mapping[str, Any] = comparison.about["scenarios"][name]
    return {"name": name, **entry}


def _alternative(comparison: Comparison, name: str) -> dict[str, Any]:
    stated = comparison.what_ifs[name] or {}
    return {
        **_about(comparison, name),
        "levers": comparison.lever_months[name],
        "statements": list(stated.get("statements", ())),
        "held_fixed": list(stated.get("held_fixed", ())),
        "expects": stated.get("expects"),
        "because": [one for one in comparison.readouts[name] if one.because],
        "parts": [
            ("What differs", list(pictures_of_outcomes(comparison, name)), outcome_tables(comparison, name)),
            ("Who moved", list(pictures_of_movers(comparison, name)), [moved_table(comparison, name)]),
            ("Why", list(pictures_of_causes(comparison, name)), [reason_table(comparison, name)]),
        ],
    }


def _paragraphs(text: str) -> list[tuple[int, str]]:
    """Lines that are not empty, and how far each is set in."""
    lines = [line for line in text.splitlines() if line.strip()]
    return [((len(line) - len(line.lstrip())) // 2, line.strip()) for line in lines]


def _seeds(comparison: Comparison) -> str:
    seeds = comparison.pairs["seed"]
    return f"{int(seeds.min()):,} to {int(seeds.max()):,}"


def command(comparison: Comparison) -> str:
    """What makes the comparison again; empty where no single command does."""
    about = comparison.about
    names = [comparison.base, *comparison.alternatives]
    changes = [tuple(about["scenarios"][name]["overrides"]) for name in names]
    if changes[0] or len(set(changes[1:])) > 1 or not _all_pairs(comparison) or about["weights"] == "a frame":
        return ""
    base, *others = (_source(about["scenarios"][name]["files"]) for name in names)
    words = [base, *(other for other in others if other != base or not changes[1])]
    words += [word for entry in changes[1] for word in ("--set", entry)]
    words += ["--runs", str(about["runs"]), "--seed", str(comparison.seed)]
    words += ["--until", about["until"]] if about["until"] else []
    if about["weights"]:
        words += ["--weights", about["weights"], "--draws", str(len(about["points"]))]
    stated = {reading.outcome for name in comparison.alternatives for reading in comparison.readouts[name]}
    further = [name for name in comparison.kept if name not in stated and name not in KEPT]
    words += [word for name in further for word in ("--outcome", name)]
    return " ".join(quote(word) for word in ["bayah", "compare", *words, "--report", "report.html"])


def _all_pairs(comparison: Comparison) -> bool:
    """Whether the pairs are those of a whole comparison, not chosen ones."""
    seeds = part(comparison.pairs, comparison.alternatives[0])["seed"].to_numpy(dtype=object)
    return list(seeds) == list(range(comparison.seed, comparison.seed + len(seeds)))


def _source(files: Mapping[str, str]) -> str:
    """A scenario as a command names it: a bundled one by its name, another one by its file."""
    file, digest = next(iter(files.items()), ("scenario.yaml", ""))
    bundled = bundled_scenarios().get(Path(file).stem)
    # Where it lay when it was read says nothing of where the reader is; what it says does.
    same = bundled is not None and hashlib.sha256(bundled.read_bytes()).hexdigest() == digest
    return Path(file).stem if same else Path(file).name
