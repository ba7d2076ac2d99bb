"""Every command and code block of README and docs runs, and shows what it prints."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest
from document_blocks import APART, LANGUAGES, PAGES, ROOT, blocks_of, pages_with, prose_of
from document_runner import AS_THEY_STAND, PageRun, matches
from document_tables import ELSEWHERE, SCALED, scaled
from warm_process import warm_command

import sim
from sim.cli import cli

SHELL = ("sh", "bash", "console")
HELP = ("docs/reference/commands.md",)
REAL = ("README.md",)
"""Pages whose commands are those of the environment, and not of a process that is warm."""


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with warm_command(tmp_path_factory.mktemp("warm")) as folder:
        yield folder


@pytest.fixture(scope="module")
def ucdp_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Invented files in the columns of the UCDP, by the names that pages give them."""
    rows = _module("ucdp_rows", ROOT / "tests" / "experiments" / "ucdp_rows.py")
    nonstate = [rows.nonstate("IS", "Taleban", year, 100, 80, 130) for year in (2015, 2016, 2017)]
    battle = [
        rows.battle("Government of Afghanistan", "IS", year, best, best - 20, best + 20)
        for year, best in ((2015, 200), (2016, 300), (2017, 400))
    ]
    days = [f"{year}-{month:02d}-03" for year in (2014, 2015, 2016, 2017, 2018) for month in range(1, 13)]
    events = [
        rows.event(place, "Government of Afghanistan", "IS", day, "Afghanistan")
        for place, day in enumerate(days)
    ]
    folder = tmp_path_factory.mktemp("ucdp")
    found = {}
    for names, columns, lines in (
        (("Nonstate_v23_1.csv", "nonstate.csv"), rows.NONSTATE, nonstate),
        (("BattleDeaths_v24_1.csv", "brd.csv"), rows.BATTLE, battle),
        (("GEDEvent_v24_1.csv",), rows.EVENTS, events),
    ):
        text = Path(rows.write(folder / names[0], columns, lines)).read_text(encoding="utf-8")
        found |= dict.fromkeys(names, text)
    return found


def _module(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.parametrize("page", pages_with("python", "yaml", *SHELL))
def test_every_block_of_a_page_runs(
    page: str, commands: Path, ucdp_files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")
    import matplotlib.pyplot as plt

    PageRun(page, tmp_path, tmp_path if page in REAL else commands, ucdp_files).all()
    plt.close("all")


def test_every_block_is_of_a_language_that_is_run_or_plain_text() -> None:
    assert {block.language for page in PAGES for block in blocks_of(page)} <= set(LANGUAGES)


def test_pages_apart_are_run_by_their_tests() -> None:
    assert [place for pair in APART.items() for place in pair if not (ROOT / place).is_file()] == []


def _commands_in_plain_text() -> list[tuple[str, str]]:
    return [
        (block.place, line)
        for page in PAGES
        for block in blocks_of(page)
        if block.language == "text" and "prints" not in block.notes
        for line in block.text.splitlines()
        if re.match(r"(\$ |>>> |bayah |make |pip )", line)
    ]


def test_commands_stand_in_plain_text_only_where_the_help_of_commands_is_copied() -> None:
    elsewhere = [place for place, _ in _commands_in_plain_text() if not place.startswith(HELP)]
    assert elsewhere == []


@pytest.mark.parametrize(
    "line", sorted({line for _, line in _commands_in_plain_text() if "[OPTIONS]" not in line})
)
def test_a_command_of_the_help_has_its_options(line: str) -> None:
    for part in line.split(" && "):
        _has_its_options(part)


def test_every_way_to_run_a_line_smaller_is_of_use() -> None:
    used: set[object] = set()
    for page in PAGES:
        for block in blocks_of(page):
            if block.language in (*SHELL, "python", "yaml"):
                text = re.sub(r"^\$ ", "", block.text, flags=re.MULTILINE)
                scaled(text, block.language, used, page in AS_THEY_STAND)
    assert [entry for entry in (*SCALED, *ELSEWHERE) if entry not in used] == []


def test_what_is_run_elsewhere_is_run_there() -> None:
    for entry in ELSEWHERE:
        assert entry.because
        if entry.test:
            file, _, name = entry.test.partition("::")
            body = (ROOT / file).read_text(encoding="utf-8").partition(f"def {name}(")[2]
            words = entry.line.split()[1:]
            assert words
            assert all(f'"{word}"' in body.partition("\ndef ")[0] for word in words), entry


def _has_its_options(line: str) -> None:
    command: click.Command = cli
    context = click.Context(cli, help_option_names=["-h", "--help"])
    words = shlex.split(line.partition(" > ")[0])[1:]
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        if words[0].isupper():  # a word that stands for any
            return
        inner = command.get_command(context, words.pop(0))
        assert inner is not None, line
        command = inner
    known = {
        name for option in command.get_params(context) for name in (*option.opts, *option.secondary_opts)
    }
    options = [word.partition("=")[0] for word in words if word.startswith("-")]
    assert set(options) <= known, line


def _commands_in_prose() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        text = "\n".join(line for _, line in prose_of(page))
        found += [(page, " ".join(words.split())) for words in re.findall(r"`(bayah\s[^`]+)`", text)]
    return found


@pytest.mark.parametrize(("page", "line"), sorted(set(_commands_in_prose())))
def test_a_command_in_a_sentence_has_its_options(page: str, line: str) -> None:
    assert page
    _has_its_options(line)


def test_names_of_the_package_in_sentences_are_there() -> None:
    text = {page: "\n".join(line for _, line in prose_of(page)) for page in PAGES}
    named = {(page, name) for page, prose in text.items() for name in re.findall(r"`sim\.(\w+)\(", prose)}
    assert named
    assert sorted(pair for pair in named if not hasattr(sim, pair[1])) == []


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a\nb\n", "a  \nb\n\n", True),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("in ... s\n", "in 3.1 s\n", True),
        ("a\n", "a\nb\n", False),
        ("1.5\n", "1.4\n", False),
    ],
)
def test_what_a_page_may_leave_out(shown: str, printed: str, same: bool) -> None:
    assert matches(shown, printed) is same
