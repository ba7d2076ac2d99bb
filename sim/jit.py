"""Compilation of rules, with a cache that cannot go stale.

numba keys its cache by the file of the function compiled and does not see an edit in another file whose function
was inlined. So the folder of the cache is keyed here by a hash of all compiled sources.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core import config as numba_config

__all__ = ["cache_folder", "jit", "jit_apart", "source_hash"]

F = TypeVar("F", bound=Callable[..., Any])
_PACKAGE = Path(__file__).resolve().parent
_SOURCES = ("jit.py", "draws.py", "state.py", "observation.py", "outcomes.py", "tables.py", "rules", "engine")


@functools.cache
def source_hash() -> str:
    """A hash of every source file that takes part in compilation, and of numba's version."""
    digest = hashlib.blake2b(numba.__version__.encode(), digest_size=12)
    for name in _SOURCES:
        place = _PACKAGE / name
        files = sorted(place.rglob("*.py")) if place.is_dir() else [place] if place.exists() else []
        for file in files:
            digest.update(file.relative_to(_PACKAGE).as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


@functools.cache
def cache_folder() -> Path:
    """Where compiled code is kept: below ``BAYAH_CACHE`` or the user's cache folder."""
    from platformdirs import user_cache_dir

    base = os.environ.get("BAYAH_CACHE") or user_cache_dir("bayah", appauthor=False)
    return Path(base) / "compiled" / source_hash()


def jit(function: F) -> F:
    """Compile a rule into its caller: exact arithmetic (no fastmath), releasing the interpreter lock, cached on disk.

    Division by zero follows IEEE 754, so that a bad number shows as a status code and not as an exception. Rules
    make no arrays, so they are compiled without reference counts; counting them took three quarters of the time.
    """
    return _compile(function, inline=True)


def jit_apart(function: F) -> F:
    """Compile a rule that is called seldom, or once a month: like :func:`jit`, but not copied into its callers."""
    return _compile(function, inline=False)


def _compile(function: F, inline: bool) -> F:
    before = numba_config.CACHE_DIR
    numba_config.CACHE_DIR = str(cache_folder())
    try:
        compiled = numba.njit(
            cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True, _nrt=False, forceinline=inline
        )(function)
    finally:
        numba_config.CACHE_DIR = before
    return compiled  # type: ignore[no-any-return]
