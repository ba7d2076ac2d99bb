"""The command line as a whole: help, unknown words, errors, pipes, exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import click
import numpy as np
import pytest

from sim.cli import COMMANDS, cli, main
from sim.cli._shared import EXIT_INTERRUPTED, EXIT_PIPE, LazyCommand, LazyGroup, plain, run_group

COMMANDS_THAT_FAIL = '''
import errno, os, sys, time
import click
from sim.cli._shared import LazyCommand, LazyGroup, echo_json, json_option, run_group
from sim.errors import Problem, RunError, ScenarioError

@click.command()
def scenario():
    raise ScenarioError([
        Problem("must be 0 to 1", file="a.yaml", line=3, column=7, path="factions.imu.youth"),
        Problem("unknown faction 'imv' (did you mean 'imu'?)", file="a.yaml", line=9, column=1, path="ties"),
    ])

@click.command()
def broken_run():
    raise RunError("the run ended in a number that is not finite, 2014-03")

@click.command()
def missing():
    open("no/such/file.yaml")

@click.command()
def full():
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

@click.command()
def odd():
    raise OSError("a library's own")

@click.command()
def bug():
    raise ZeroDivisionError("ours")

@click.command()
def wait():
    print("waiting", flush=True)
    time.sleep(60)

@click.command()
def much():
    for number in range(200_000):
        click.echo(f"line {number}")

@click.command()
@json_option
def answer(as_json):
    """Answers, and says more about it here."""
    if as_json:
        echo_json({"share": float("nan"), "name": "Ansār"})
    else:
        click.echo("a table")

@click.command()
def three():
    click.get_current_context().exit(3)

NOT_A_COMMAND = 1

names = ["scenario", "broken_run", "missing", "full", "odd", "bug", "wait", "much", "answer", "three"]
commands = {name: LazyCommand(f"trial_commands:{name}", name) for name in names}
group = LazyGroup("trial", commands_by_name=commands)

if __name__ == "__main__":
    sys.exit(run_group(group))
'''


@pytest.fixture(scope="module")
def trial_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("trial") / "trial_commands.py"
    path.write_text(COMMANDS_THAT_FAIL, encoding="utf-8")
    return path


@pytest.fixture
def trial(trial_file: Path, monkeypatch: pytest.MonkeyPatch) -> LazyGroup:
    monkeypatch.syspath_prepend(trial_file.parent)
    import trial_commands

    group = trial_commands.group
    assert isinstance(group, LazyGroup)
    return group


@pytest.mark.core
def test_help_names_every_command_and_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for name, lazy in COMMANDS.items():
        assert f"\n  {name} " in text
        assert lazy.help in text
    assert "\n    bayah run baseline --out results/baseline\n" in text


def test_no_words_show_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    without = capsys.readouterr().out
    main(["-h"])
    assert without == capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    from importlib.metadata import version

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"bayah {version('bayah')}\n"


@pytest.mark.core
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_map_is_there(name: str) -> None:
    command = COMMANDS[name].load()
    assert command.get_short_help_str(100) == COMMANDS[name].help
    with cli.make_context("bayah", [name, "--help"]) as context:
        assert command.get_help(context).startswith("Usage:")


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("rnu", "did you mean 'run'?"),
        ("EXPLAIN", "did you mean 'explain'?"),
        ("zzz", "there are: run, explain"),
    ],
)
def test_an_unknown_command_gets_a_hint(word: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([word]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"there is no command '{word}'" in captured.err
    assert hint in captured.err


def test_an_unknown_option_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--versoin"]) == 2
    assert "--version" in capsys.readouterr().err


@pytest.mark.core
def test_all_problems_of_a_scenario_go_to_stderr(
    trial: LazyGroup, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_group(trial, ["scenario"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "a.yaml:3:7: factions.imu.youth: must be 0 to 1",
        "a.yaml:9:1: ties: unknown faction 'imv' (did you mean 'imu'?)",
    ]


@pytest.mark.parametrize(
    ("command", "code", "line"),
    [
        ("broken_run", 1, "the run ended in a number that is not finite, 2014-03"),
        ("missing", 2, "no/such/file.yaml: no such file or directory"),
        ("full", 2, "no space left on device"),
        ("three", 3, ""),
    ],
)
def test_errors_become_a_line_and_an_exit_code(
    trial: LazyGroup, command: str, code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_group(trial, [command]) == code
    assert capsys.readouterr().err.strip() == line


@pytest.mark.parametrize(("command", "error"), [("odd", OSError), ("bug", ZeroDivisionError)])
def test_our_own_faults_are_not_hidden(trial: LazyGroup, command: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        run_group(trial, [command])


def test_json_is_one_document(trial: LazyGroup, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_group(trial, ["answer", "--json"]) == 0
    text = capsys.readouterr().out
    assert json.loads(text) == {"share": None, "name": "Ansār"}
    assert "Ansār" in text
    assert run_group(trial, ["answer"]) == 0
    assert capsys.readouterr().out == "a table\n"


def test_the_line_of_the_map_is_the_short_help(trial: LazyGroup) -> None:
    with trial.make_context("trial", ["answer"]) as context:
        command = trial.get_command(context, "answer")
    assert command is not None
    assert command.get_short_help_str() == "answer"


def test_a_map_that_points_at_no_command_is_our_fault(trial: LazyGroup) -> None:
    with pytest.raises(TypeError, match="is not a click command"):
        LazyCommand("trial_commands:NOT_A_COMMAND", "").load()


def test_plain_turns_what_science_uses_into_json() -> None:
    value = {
        "array": np.array([[1.0, np.inf], [2.5, np.nan]]),
        "count": np.int64(3),
        "yes": np.bool_(True),
        "day": date(2015, 7, 29),
        "set": {"tehreek", "imu"},
        "path": Path("a/b"),
        5: (None, True, "x"),
    }
    assert plain(value) == {
        "array": [[1.0, None], [2.5, None]],
        "count": 3,
        "yes": True,
        "day": "2015-07-29",
        "set": ["imu", "tehreek"],
        "path": str(Path("a/b")),
        "5": [None, True, "x"],
    }


def test_commands_also_work_inside_click(trial: LazyGroup) -> None:
    from click.testing import CliRunner

    result = CliRunner().invoke(trial, ["scenario"])
    assert result.exit_code == 2
    assert "must be 0 to 1" in result.output
    assert isinstance(trial, click.Group)


def start(words: list[str], **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,  # type: ignore[call-overload]
    )


def test_python_dash_m_is_the_command() -> None:
    process = start(["-m", "sim", "--help"])
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert out.startswith("Usage: bayah ")
    process = start(["-m", "sim", "rnu"])
    assert "did you mean 'run'" in process.communicate(timeout=60)[1]
    assert process.returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes differ on Windows")
def test_interrupting_gives_one_line_and_130(trial_file: Path) -> None:
    process = start([str(trial_file), "wait"])
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == EXIT_INTERRUPTED
    assert err == "interrupted\n"


@pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes differ on Windows")
@pytest.mark.parametrize("words", [["much"], ["answer"], ["--help"]])
def test_a_reader_that_goes_away_is_no_error(words: list[str], trial_file: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.Popen(
        [sys.executable, str(trial_file), *words], stdout=writing, stderr=subprocess.PIPE, text=True
    )
    os.close(writing)
    _, err = process.communicate(timeout=60)
    assert err == ""
    assert process.returncode == EXIT_PIPE
