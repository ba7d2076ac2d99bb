"""``python -m tests.licences`` writes docs/licences.md: the licence of each package that Bayah rests on.

Licences are read from the metadata of what is installed. Versions are left out, so that the page changes only where
a package or its licence does.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

__all__ = ["FILE", "copyleft", "direct", "licence_of", "name_of", "page"]

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "docs" / "licences.md"
NOT_FOR_USERS = "dev"
COPYLEFT = re.compile(r"\b(?:[AL]?GPL|GNU|MPL|Mozilla|EPL|Eclipse|CDDL|EUPL|CC[- ]BY[- ]SA)", re.IGNORECASE)
MEANT = {
    "certifi": "A list of certificates under MPL 2.0, unchanged: using it asks for nothing.",
    "docutils": "Public domain and BSD for all that is installed; the GPL covers one file for the editor Emacs.",
    "hypothesis": "MPL 2.0, file by file; only the tests import it.",
    "tqdm": "MPL 2.0 covers its files, one by one. Whoever changes a file of tqdm itself and passes it on publishes that "
    "file; Bayah and what is built on it are not touched.",
}
"""What copyleft asks of somebody who uses or passes on Bayah."""

READ = {"atheris": "Apache-2.0"}
"""Licences that metadata do not tell, read from the text that is installed."""

HEAD = """\
# Licences

Bayah is under the [Apache License 2.0](../LICENSE). What it rests on is installed beside it, each package under a
licence of its own. None of them limits what may be done with results, scenarios or Bayah itself.
`python -m tests.licences` writes this page from the metadata of what is installed (newest versions).

Copyleft, where there is any, is of the weak kind, and is marked **copyleft** and explained [below](#copyleft). The wheels of
numpy, scipy and scikit-learn also hold run-time libraries of GCC, under the GPL with the exception that lets programs of
any licence be linked with them.
"""


def name_of(requirement: str) -> str:
    """The name of a package as registries spell it."""
    return re.sub(r"[-_.]+", "-", Requirement(requirement).name).lower()


def direct() -> dict[str, list[str]]:
    """Direct dependencies by extra, "" for what is always there; as pyproject.toml has them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {"": project["dependencies"], **project["optional-dependencies"]}


def licence_of(name: str) -> str:
    """The licence of an installed package: its expression, else its classifiers, else the first line of its text."""
    told = distribution(name).metadata
    if told.get("License-Expression"):
        return str(told.get("License-Expression"))
    prefix = "License :: "
    classes = [one.split(" :: ")[-1] for one in told.get_all("Classifier") or () if one.startswith(prefix)]
    if classes:
        return "; ".join(sorted(classes))
    return (told.get("License") or "").strip().partition("\n")[0] or READ.get(name, "not told")


def copyleft(licence: str) -> bool:
    """Whether a licence asks something of those who pass changes on."""
    return bool(COPYLEFT.search(licence))


def behind(lines: Iterable[str]) -> set[str]:
    """Packages that requirements bring along here, all the way down, without those that they name."""
    waiting = [(name_of(line), frozenset(Requirement(line).extras)) for line in lines]
    named, seen = {name for name, _ in waiting}, set(waiting)
    while waiting:
        name, extras = waiting.pop()
        for line in distribution(name).requires or () if _there(name) else ():
            requirement = Requirement(line)
            marker = requirement.marker
            entry = (name_of(line), frozenset(requirement.extras))
            asked = marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras))
            if asked and entry not in seen:
                seen.add(entry)
                waiting.append(entry)
    return {name for name, _ in seen} - named


def page() -> str:
    """The page as it should be."""
    needed = direct()
    always = needed.pop("")
    known = {*map(name_of, always), *behind(always)}
    blocks = [HEAD, "## Always installed\n", table(map(name_of, always))]
    blocks += ["And what these bring along:\n", table(behind(always))]
    for extra, lines in sorted(needed.items()):
        if extra != NOT_FOR_USERS:
            names = set(map(name_of, lines)) - known
            more = behind(lines) - known - names
            blocks += [f"## With the extra `{extra}`\n", table(names)]
            blocks += ["And what these bring along:\n", table(more)] if more else []
    names = set(map(name_of, needed[NOT_FOR_USERS])) - known
    blocks += ["## To develop Bayah\n", table(names)]
    return "\n".join([*blocks, meaning("\n".join(blocks))]).rstrip() + "\n"


def table(names: Iterable[str]) -> str:
    """A table of packages."""
    rows = [f"| {name} | {_shown(name)} |" for name in sorted(names) if _there(name)]
    return "\n".join(["| package | licence |", "| --- | --- |", *rows, ""])


def meaning(text: str) -> str:
    """What copyleft means, for each package of the page that has it."""
    marked = sorted(set(re.findall(r"^\| (\S+) \| .*\(\*\*copyleft\*\*\)", text, re.MULTILINE)))
    lines = [f"- `{name}`: {MEANT[name]}" for name in marked]
    return "\n".join(["## Copyleft\n", *lines])


def _there(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def _shown(name: str) -> str:
    licence = licence_of(name)
    return f"{licence} (**copyleft**)" if copyleft(licence) else licence


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
