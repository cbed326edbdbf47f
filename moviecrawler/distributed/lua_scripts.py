"""Loads the Lua scripts of ``lua/``, each with the common parts that it names in its first line in front of it."""

import re
from functools import cache
from importlib.resources import files

ENTRY_VERSION = "m2"
"""Goes up when entries, ``request.meta`` or the arguments of callbacks change; older entries become dead letters."""

ENDED = "ENDED"
"""The error of every script of the queue whose crawl is no longer there."""

_INCLUDE = re.compile(r"-- include: (.+)\n")


def load_script(name: str, **constants: float | str) -> str:
    """The Lua code of ``lua/NAME.lua``, complete. ``constants`` become local variables in front of it.

    >>> load_script("clock", LIMIT=5, UNIT="s").splitlines()[:2]
    ['local LIMIT = 5', "local UNIT = 's'"]
    """
    code = read_script(name)
    first = _INCLUDE.match(code)
    locals_ = [f"local {constant} = {value!r}\n" for constant, value in constants.items()]
    return "".join([*locals_, *(map(read_script, first[1].split()) if first else ()), code])


@cache
def queue_script(name: str) -> str:
    """A script that works on the queue of a crawl."""
    return load_script(name, ENTRY_VERSION=ENTRY_VERSION)


def read_script(name: str) -> str:
    """One file as it stands; it may lie in a zip (an egg)."""
    return (files(__package__) / "lua" / f"{name}.lua").read_text("utf-8")
