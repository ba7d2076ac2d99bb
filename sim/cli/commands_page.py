"""The page on the commands, from the commands themselves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

from ..odd.cells import code, prose, table

__all__ = ["commands_page"]

_INTRO = """\
# Commands

<!-- written by: bayah reference commands -->

Every command of `bayah`, as `bayah COMMAND --help` tells it. SCENARIO is a YAML file or the name of a bundled scenario
(`bayah list`).

Answers go to stdout; progress and errors go to stderr. With `--json`, stdout holds one JSON document. Exit codes: 0 done;
1 some runs failed or a check was not met; 2 a mistake in the words of a command or in a file, told in a line each;
3 incomplete, and the same line goes on; 130 interrupted.
"""


def commands_page(root: click.Group) -> str:
    """The page as Markdown.

    Parameters
    ----------
    root
        The group of all commands.
    """
    context = click.Context(root, info_name="bayah")
    listed = [(path, command) for path, command in _commands(root, context, ()) if path]
    rows = (
        (f"[{code(_name(path))}](#{_anchor(path)})", prose(command.get_short_help_str(200)))
        for path, command in listed
    )
    told = (line for path, command in listed for line in _command(path, command, context))
    return "\n".join([_INTRO, table(("command", "what it does"), rows) + "\n", *told])


def _commands(
    command: click.Command, context: click.Context, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """A command and those below it, each with the words that call it."""
    yield path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None and not child.hidden:
                yield from _commands(child, context, (*path, name))


def _name(path: tuple[str, ...]) -> str:
    return " ".join(("bayah", *path))


def _anchor(path: tuple[str, ...]) -> str:
    return "-".join(("bayah", *path))


def _command(path: tuple[str, ...], command: click.Command, context: click.Context) -> Iterator[str]:
    own = click.Context(command, info_name=path[-1], parent=context)
    yield f"{'#' * (len(path) + 1)} {_name(path)}\n"
    yield f"```text\n{_name(path)} {' '.join(command.collect_usage_pieces(own))}\n```\n"
    yield from _text(command.help or "")
    rows = [
        _option(option, own)
        for option in command.params
        if isinstance(option, click.Option) and not option.hidden
    ]
    if rows:
        yield table(("option", "what it does"), rows) + "\n"


def _text(text: str) -> Iterator[str]:
    """Paragraphs; what is marked as written line by line becomes a block."""
    for part in re.split(r"\n\s*\n", inspect.cleandoc(text)):
        if not part.startswith("\b"):
            yield prose(part) + "\n"
            continue
        lines = part.removeprefix("\b").strip("\n").splitlines()
        if lines and lines[0].endswith(":"):
            yield prose(lines.pop(0)) + "\n"
        yield f"```text\n{inspect.cleandoc(chr(10).join(lines))}\n```\n"


def _option(option: click.Option, context: click.Context) -> tuple[str, str]:
    names, text = option.get_help_record(context) or ("", "")
    return code(names.replace("|", "\\|")), prose(text)
