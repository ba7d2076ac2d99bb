"""What every command shares: the lazy group, how errors are shown, how ``--json`` answers.

Conventions of the command line
    Answers go to stdout, progress and errors to stderr. With ``--json`` stdout holds one JSON document and
    nothing else; numbers that are not finite are ``null`` there. Exit codes: 0 done, 1 some runs failed or a
    check was not met, 2 usage or scenario error, 3 incomplete but resumable, 130 interrupted, 141 the reader
    of stdout went away.
"""

from __future__ import annotations

import errno
import importlib
import json
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from sim.errors import BayahError, Problem

__all__ = [
    "EXIT_FAILED",
    "EXIT_INCOMPLETE",
    "EXIT_INTERRUPTED",
    "EXIT_PIPE",
    "EXIT_USAGE",
    "LazyCommand",
    "LazyGroup",
    "echo_json",
    "errors_as_lines",
    "json_option",
    "os_error_line",
    "plain",
    "run_group",
]

_F = TypeVar("_F", bound=Callable[..., Any])

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INCOMPLETE = 3
EXIT_INTERRUPTED = 130
EXIT_PIPE = 141

# Errors of the disk and of permissions can arrive without a file name; they are still the user's to mend.
_USERS_ERRNO = frozenset(
    {
        errno.EACCES,
        errno.EDQUOT,
        errno.EEXIST,
        errno.EFBIG,
        errno.EISDIR,
        errno.ENAMETOOLONG,
        errno.ENOENT,
        errno.ENOSPC,
        errno.ENOTDIR,
        errno.ENOTEMPTY,
        errno.EPERM,
        errno.EROFS,
    }
)


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """A command that is imported only when it is called.

    Parameters
    ----------
    target
        Where it is, as ``"package.module:attribute"``.
    help
        The line that the group's help shows, so that showing it imports nothing.
    """

    target: str
    help: str

    def load(self) -> click.Command:
        """Import the command.

        Returns
        -------
        click.Command
            The command, with this line as its short help unless it states one itself.
        """
        module_name, _, attribute = self.target.partition(":")
        command = getattr(importlib.import_module(module_name), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{self.target} is not a click command")
        if not command.short_help:
            command.short_help = self.help
        return command


class LazyGroup(click.Group):
    """A click group that imports a sub-command only to run it, and turns users' errors into lines.

    Parameters
    ----------
    commands_by_name
        The sub-commands in the order in which the help shows them.
    """

    def __init__(
        self, *args: Any, commands_by_name: Mapping[str, LazyCommand] | None = None, **kw: Any
    ) -> None:
        super().__init__(*args, **kw)
        self.commands_by_name: dict[str, LazyCommand] = dict(commands_by_name or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the sub-commands, in the order of the help."""
        return list(self.commands_by_name)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The sub-command of that name, imported now, or None."""
        lazy = self.commands_by_name.get(cmd_name)
        return None if lazy is None else lazy.load()

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse; no words at all ask for the help."""
        # click's own answer to no words differs between its versions.
        return super().parse_args(ctx, args or ["--help"])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the sub-command, or say which one may be meant."""
        name = args[0]
        if name not in self.commands_by_name and not name.startswith("-"):
            raise click.UsageError(f"there is no command '{name}'{self._did_you_mean(name)}", ctx)
        return super().resolve_command(ctx, args)

    def _did_you_mean(self, name: str) -> str:
        from difflib import get_close_matches

        near = get_close_matches(name.lower(), self.commands_by_name, n=1, cutoff=0.5)
        return f" (did you mean '{near[0]}'?)" if near else f"; there are: {', '.join(self.commands_by_name)}"

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of sub-commands from the map, importing none."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.help) for name, lazy in self.commands_by_name.items()])

    def make_context(self, *args: Any, **kw: Any) -> click.Context:
        """Parse the words of the group itself; ``--help`` already writes here."""
        with errors_as_lines():
            return super().make_context(*args, **kw)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the sub-command; what the user can mend becomes lines on stderr and an exit code."""
        with errors_as_lines():
            return super().invoke(ctx)


def run_group(group: click.Group, arguments: Sequence[str] | None = None) -> int:
    """Run a group of commands to its exit code.

    Parameters
    ----------
    group
        The group to run.
    arguments
        The words after the program's name; by default those of the process.

    Returns
    -------
    int
        The exit code, as the conventions above have it.
    """
    try:
        result = group.main(arguments, prog_name=group.name, standalone_mode=False)
        with errors_as_lines():
            sys.stdout.flush()
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return EXIT_INTERRUPTED
    return result if isinstance(result, int) else 0


@contextmanager
def errors_as_lines() -> Iterator[None]:
    """Turn errors that are the user's to mend into lines on stderr and an exit code.

    Raises
    ------
    click.exceptions.Exit
        With the exit code, in place of the error.
    """
    try:
        yield
    except BayahError as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        raise click.exceptions.Exit(error.exit_code) from error
    except KeyboardInterrupt as error:
        click.echo("interrupted", err=True)
        raise click.exceptions.Exit(EXIT_INTERRUPTED) from error
    except BrokenPipeError as error:
        _quiet_stdout()
        raise click.exceptions.Exit(EXIT_PIPE) from error
    except OSError as error:
        if error.filename is None and error.errno not in _USERS_ERRNO:
            raise
        click.echo(os_error_line(error), err=True)
        raise click.exceptions.Exit(EXIT_USAGE) from error
    except Exception as error:
        if not _from_the_cache(error):
            raise
        click.echo("compiled code in the cache is broken; `bayah doctor --clean` makes it anew", err=True)
        raise click.exceptions.Exit(EXIT_USAGE) from error


def _from_the_cache(error: BaseException) -> bool:
    # A power cut or a full disk leaves files that numba fails on in many ways, all of them from one module.
    place = error.__traceback__
    while place is not None:
        if place.tb_frame.f_code.co_filename.replace("\\", "/").endswith("numba/core/caching.py"):
            return True
        place = place.tb_next
    return False


def os_error_line(error: OSError) -> str:
    """One line for an error of the operating system: the path, then what is wrong with it."""
    reason = (error.strerror or str(error)).strip() or type(error).__name__
    reason = reason[0].lower() + reason[1:]
    paths = [os.fsdecode(path) for path in (error.filename, error.filename2) if isinstance(path, str | bytes)]
    return str(Problem(reason, " -> ".join(paths)))


def _quiet_stdout() -> None:
    # The reader of stdout has gone (``bayah list | head -1``). Python flushes stdout once more at exit and
    # would complain: give it a place that takes the rest.
    try:
        descriptor = sys.stdout.fileno()
    except (OSError, ValueError):
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


def json_option(function: _F) -> _F:
    """Add ``--json`` to a command, as the argument ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")(
        function
    )


def echo_json(value: Any) -> None:
    """Print a value as one JSON document on stdout, fit for a terminal: what is not printable is escaped."""
    text = json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False)
    if not text.replace("\n", "").isprintable():
        text = "".join(c if c == "\n" or c.isprintable() else json.dumps(c)[1:-1] for c in text)
    click.echo(text)


def plain(value: Any) -> Any:
    """A value in JSON's own types.

    Parameters
    ----------
    value
        Mappings, sequences, sets, numpy scalars and arrays, dates, months and paths, nested as they like.

    Returns
    -------
    object
        The same in dict, list, str, int, float, bool and None; numbers that are not finite are None.
    """
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        converted = value.tolist()
        return plain(converted) if type(converted) is not type(value) else str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return str(value)
