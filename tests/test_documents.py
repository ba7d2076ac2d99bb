"""What README, changelog and citation say is so."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def test_the_share_of_judgement_in_the_readme_is_that_of_the_baseline() -> None:
    from sim.scenario.evidence import evidence, summary
    from sim.scenario.load import load

    shares = {kind: (count, share) for kind, count, share in summary(evidence(load("baseline")))}
    assert (
        f"Of the {shares['all'][0]} numbers of the baseline, {shares['judgement'][1]:.1%}".replace("%", " %")
        in README
    )
    assert f"{shares['coding'][1]:.1%}".replace("%", " %") + " are coded" in README
    assert f"{shares['record'][1]:.1%}".replace("%", " %") + " are in the record" in README


def test_every_target_of_make_in_the_readme_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    made = {
        line.split()[1] for block in blocks("sh") for line in block.splitlines() if line.startswith("make ")
    }
    assert {"run", "test"} <= made <= targets


def test_every_file_that_the_readme_links_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_one_version_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    assert project["version"] == citation["version"] == newest[1]
    assert project["license"] == citation["license"]


def test_every_dependency_that_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.match(r"[A-Za-z0-9-]+", text)[0].lower() for text in project["dependencies"]}  # type: ignore[index]
    module_to_project = {"yaml": "pyyaml"}
    optional = {"SALib", "sklearn", "pyabc", "distributed", "dask", "dask_jobqueue", "solara", "ipyvue"}
    optional |= {"reacton", "uvicorn"}  # of solara
    found: set[str] = set()
    for path in (ROOT / "sim").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    foreign = found - sys.stdlib_module_names - optional - {"sim"}
    transitive = {"pydantic_core"}
    assert {module_to_project.get(name, name).lower() for name in foreign - transitive} <= declared
