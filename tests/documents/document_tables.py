"""How commands and code of the documents are run smaller than printed, and what of them is not run, each with a reason.

Nothing else stands between what is printed and what is run. Every entry must be of use: a test says which is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["ELSEWHERE", "GIVEN", "SCALED", "Elsewhere", "Scaled", "scaled"]


@dataclass(frozen=True)
class Scaled:
    """What is found in a line is replaced in the languages named; ``add`` goes behind the words of the command."""

    find: str
    because: str
    to: str | None = None
    add: str = ""
    languages: tuple[str, ...] = ("sh", "bash", "console")
    always: bool = False
    """Also on pages that run as they stand."""

    def apply(self, line: str) -> str:
        """The line as it is run."""
        if self.to is not None:
            return re.sub(self.find, self.to, line)
        if not re.search(self.find, line):
            return line
        words, mark, comment = line.partition("  #")
        return f"{words.rstrip()} {self.add}{mark}{comment}"


@dataclass(frozen=True)
class Elsewhere:
    """Lines that are not run here, by how they begin, and why; ``test`` is what runs the same command instead."""

    line: str
    because: str
    test: str = ""


SCALED = (
    Scaled(r"^bayah compare (?!.*(--runs \d\d?\b))", "eight pairs show that it runs", add="--runs 8"),
    Scaled(r"^bayah compare (?!.*(--no-figures|--report))", "figures take seconds", add="--no-figures"),
    Scaled(r"^bayah compare .*--weights", "eight pairs at four points", add="--draws 4 --until 2014-12"),
    Scaled(r"^bayah compare .*--parameters", "eight pairs at four draws", add="--draws 4"),
    Scaled(
        r"^bayah sweep (?!.*(--dry-run|--slurm|--runs \d\d?\b))", "two runs at each point", add="--runs 2"
    ),
    Scaled(r"^bayah replay (\S+) 1234", "a run that the smaller sweep has", to=r"bayah replay \1 123"),
    Scaled(r"^bayah replay (?!.*--no-figures)", "figures take seconds", add="--no-figures"),
    Scaled(r"^bayah run (?!.*(--json|--no-figures))", "figures take seconds", add="--no-figures"),
    Scaled(r"^bayah plot (?!.*--only)", "one kind of figure of four", add="--only scatter"),
    Scaled(
        r"^bayah mechanisms --check",
        "four pairs for each statement; with so few some do not show, which is exit code 1",
        to="bayah mechanisms --check --seeds 4 || test $? = 1  #",
    ),
    Scaled(
        r"^bayah calibrate( --step .*?)?(?=\s*(#|$))",
        "two million runs: its file is checked; a small one is run on the page how-to/calibrate.md",
        to="bayah check calibration",
    ),
    Scaled(
        r"^bayah calibrate (mine.yaml) --out \S+",
        "a small one is run on the page how-to/calibrate.md",
        to=r"bayah check \1",
    ),
    Scaled(
        r"^bayah sensitivity sensitivity\b(?! *--dry-run)",
        "30 numbers, half a million runs; these are two",
        to="bayah sensitivity tiny-morris.yaml --no-figures",
    ),
    Scaled(r"(?<=--out )/shared/", "no folder of this machine's root is touched", to="shared/"),
    Scaled(r"^sbatch ", "there is no SLURM here: the file is read as the shell reads it", to="bash -n "),
    Scaled(
        r"^make (?!-)",
        "inside a test make says what it would do",
        to="make --dry-run --directory ROOT ",
        always=True,
    ),
    Scaled(
        r"^bash \.ci/run",
        "it runs these tests: the file is read as the shell reads it",
        to="bash -n ROOT/.ci/run",
    ),
    Scaled(
        r"^\. \.venv/bin/activate",
        "the environment that runs the tests",
        to=". ENVIRONMENT/bin/activate",
        always=True,
    ),
    Scaled(
        r"draws: 4000, replicates: 8, accept: 0.01",
        "a table of 128 runs shows that it runs; the file is checked as it is printed",
        to="draws: 64, replicates: 2, accept: 0.4",
        languages=("yaml",),
    ),
    Scaled(r"\bruns=\d{3,}\b", "a few runs show that it runs", to="runs=20", languages=("python",)),
)

ELSEWHERE = (
    Elsewhere(
        "bayah dashboard",
        "it serves the page until it is stopped",
        "tests/e2e/test_page.py::_start",
    ),
    Elsewhere("pip install 'bayah[viz]'", "the environment that runs the tests has it"),
    Elsewhere(
        "bayah validate",
        "half a minute even in its quick form",
        "tests/cli/test_calibration_commands.py::test_the_quick_validation",
    ),
    Elsewhere(
        "bayah compare baseline --all",
        "45 scenarios are read, ten seconds even with two pairs of each",
        "tests/cli/test_compare_commands.py::test_all_what_ifs_of_a_base",
    ),
)

_CALIBRATION = """\
meta: {title: Two weights, question: Which?, schema_version: 1}
scenario: baseline
patterns: patterns
free: {weights.b_power: prior, patrons.iskp.constant: prior}
at_prior_mean: ["weights.*"]
table: {draws: 64, replicates: 2, accept: 0.4}
seed: 3
"""
_WHAT_IF = """\
extends: baseline
meta: {title: A what-if, question: What if ISKP had had fewer places to give?}
patrons: {iskp: {franchise_slots: {value: SEATS, source: "judgement: the lever of this what-if"}}}
"""

GIVEN = {
    "mine.yaml": _CALIBRATION,
    "my-what-if.yaml": _WHAT_IF.replace("SEATS", "4"),
    "another.yaml": _WHAT_IF.replace("SEATS", "12"),
    "my-design.yaml": """\
meta: {title: Seats, question: How many factions can ISKP hold?, schema_version: 1}
scenario: baseline
until: 2016-12
levers: [{grid: {patrons.iskp.franchise_slots: [4, 8, 12, 16]}}]
replicates: 100
chunk: 2
""",
    "tiny-morris.yaml": """\
meta: {title: Two numbers, question: Which?, schema_version: 1}
scenario: baseline
until: 2015-12
outputs: {pledges: {title: Units that pledged, statistic: pledged_ever}}
parameters: [weights.b_embed, weights.b_tie]
morris: {trajectories: 4, replicates: 2}
""",
}
"""Files that lie in the folder of a page: those that smaller commands name, and those that a page takes for granted."""


def scaled(text: str, language: str, used: set[object] | None = None, as_it_stands: bool = False) -> str:
    """The text of a block as it is run; entries that were of use are noted."""
    lines = []
    for line in text.splitlines():
        for apart in ELSEWHERE if language not in ("python", "yaml") and not as_it_stands else ():
            if line.startswith(apart.line):
                line = ":"
                _note(used, apart)
        for entry in SCALED:
            if as_it_stands and not entry.always:
                continue
            if language in entry.languages and (other := entry.apply(line)) != line:
                line = other
                _note(used, entry)
        lines.append(line)
    return "".join(f"{line}\n" for line in lines)


def _note(used: set[object] | None, entry: object) -> None:
    if used is not None:
        used.add(entry)
