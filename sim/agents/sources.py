"""Which code of a user's own takes part in a run, and a hash of it for the record."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

from sim.agents.faction import Faction
from sim.agents.patron import Patron

__all__ = ["is_own", "source_of"]


def is_own(kind: type) -> bool:
    """Whether a class is a user's own rather than the model's."""
    return kind not in (Faction, Patron)


def source_of(code: type | Callable[..., Any]) -> str:
    """SHA-256 of the source of a class, with the user's classes it derives from, or of a callable.

    Where there is no source to be had (code typed at a prompt), the compiled code is hashed instead; that
    hash differs between versions of Python.
    """
    parts: list[Any] = [code]
    if isinstance(code, type):
        parts = [kind for kind in code.__mro__ if issubclass(kind, Faction | Patron) and is_own(kind)]
    elif not isinstance(code, FunctionType):
        parts = [type(code)]
    digest = hashlib.sha256()
    for part in parts:
        try:
            digest.update(_text(part).encode())
        except (OSError, TypeError):
            for function in [part] if isinstance(part, FunctionType) else vars(part).values():
                if isinstance(function, FunctionType):
                    _add_code(digest, function.__code__)
    return digest.hexdigest()


def _text(part: Any) -> str:
    # `python -c` keeps its own text under the name that all code of exec has.
    if isinstance(part, FunctionType) and part.__code__.co_filename in ("<string>", "<stdin>"):
        raise OSError("no source")
    return inspect.getsource(part)


def _add_code(digest: Any, code: CodeType) -> None:
    digest.update(code.co_name.encode() + code.co_code + repr(code.co_names).encode())
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            _add_code(digest, constant)
        else:
            digest.update(repr(constant).encode())
