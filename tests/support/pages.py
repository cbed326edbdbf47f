"""Reading our own Markdown: tables, names in backticks, links, headings, console examples."""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.support.sandbox import Sandbox

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"
PAGES = [PROJECT / "README.md", PROJECT / "CHANGELOG.md", PROJECT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))]

Row = list[str]

_HEADING = re.compile(r"^(#+) +(.*)$", re.MULTILINE)
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    """One ``$`` line of a console block and what stands below it."""

    command: str
    shown: list[str]


class Script(NamedTuple):
    """A Python block, and the text block that follows it: what the script prints."""

    code: str
    shown: list[str]


def read(name: str) -> str:
    """The text of a page of ``docs``."""
    return (DOCS / name).read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    return page.relative_to(PROJECT).as_posix()


def section(text: str, heading: str) -> str:
    """What stands below a heading, as far as the next one of its level or above; LookupError when it is not there.

    >>> section("# a\\n## b\\ntext\\n### c\\nmore\\n## d\\n", "b")
    'text\\n### c\\nmore\\n'
    """
    prose = _FENCE.sub(lambda block: " " * len(block[0]), text)
    for found in _HEADING.finditer(prose):
        if found[2].strip() == heading:
            following = (one for one in _HEADING.finditer(prose, found.end()) if len(one[1]) <= len(found[1]))
            end = next((one.start() for one in following), len(text))
            return text[found.end() + 1 : end]
    raise LookupError(f"there is no heading {heading!r}")


def rows(text: str) -> list[Row]:
    r"""The cells of all rows of all tables, without headings.

    >>> rows("| a | b |\n| --- | --- |\n| `x` | 1 \\| 2 |\n")
    [['`x`', '1 | 2']]
    """
    found: list[Row] = []
    for line in text.splitlines():
        if not line.startswith("|"):
            continue
        cells = [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])]
        if all(set(cell) <= set("-: ") for cell in cells):
            found.pop()  # the row above was the heading
        else:
            found.append(cells)
    return found


def names(cell: str) -> list[str]:
    """What stands in backticks.

    >>> names("`TMDB_RATE`, `TMDB_BURST` and more")
    ['TMDB_RATE', 'TMDB_BURST']
    """
    return re.findall(r"`([^`]+)`", cell)


def anchors(text: str) -> set[str]:
    """The anchors of the headings, as GitHub makes them.

    >>> sorted(anchors("# Rate limits: `policy/network/rate_limit.py`\\n## A, b\\n"))
    ['a-b', 'rate-limits-policynetworkrate_limitpy']
    """
    prose = _FENCE.sub("", text)
    return {re.sub(r"[^\w\- ]", "", found[2].strip().lower()).replace(" ", "-") for found in _HEADING.finditer(prose)}


def links(text: str) -> Iterator[str]:
    """The targets of all links and pictures."""
    prose = _FENCE.sub("", text)
    yield from re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", prose)
    yield from re.findall(r"\b(?:src|href)=\"([^\"]+)\"", prose)


def code_blocks(text: str, language: str) -> list[str]:
    return [found[2] for found in _FENCE.finditer(text) if found[1] == language]


def examples(text: str) -> list[Example]:
    """The examples of all console blocks, in their order.

    >>> examples("```console\\n$ true\\n$ echo a\\na\\n```\\n")
    [Example(command='true', shown=[]), Example(command='echo a', shown=['a'])]
    """
    found: list[Example] = []
    for block in code_blocks(text, "console"):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Example(line[2:], []))
            else:
                found[-1].shown.append(line)
    return found


def scripts(text: str) -> list[Script]:
    """All Python blocks, in their order.

    >>> scripts("```python\\nprint(1)\\n```\\n\\n```text\\n1\\n```\\n\\n```python\\npass\\n```\\n")
    [Script(code='print(1)\\n', shown=['1']), Script(code='pass\\n', shown=[])]
    """
    found: list[Script] = []
    end = 0
    for block in _FENCE.finditer(text):
        if block[1] == "python":
            found.append(Script(block[2], []))
        elif block[1] == "text" and found and not text[end : block.start()].strip():
            found[-1].shown.extend(block[2].splitlines())
        end = block.end() if block[1] == "python" else 0
    return found


# --- Running them ----------------------------------------------------------------------------------------------


def environment(sandbox: Sandbox) -> dict[str, str]:
    """For examples: nothing of the user's; no rate limit and no pictures, so that they take seconds; patience."""
    return {
        **sandbox.env,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": str(PROJECT),
        "HOME": os.environ.get("HOME", "/"),
        "LC_ALL": "C.UTF-8",
        "TMDB_RATE": "0",
        "OMDB_RATE": "0",
        "IMAGES_ENABLED": "0",
        "CONNECT_TIMEOUT": "60",
        "FAILOVER_PATIENCE": "60",
    }


def shape(text: str) -> list[str]:
    """Lines without what differs from run to run: numbers and blank lines."""
    lines = (re.sub(r"\d[\d.,]*", "0", line).rstrip() for line in text.splitlines())
    return [f"{line}\n" for line in lines if line]


def shows(shown: str, output: str) -> bool:
    r"""Whether the output has the shape that is shown.

    >>> shows("...\n3 found", "log\n12 found\n"), shows("3 found", "log\n12 found"), shows("log\n...", "log\n")
    (True, False, True)
    """
    lines = (r"(?:.*\n)*" if line == "...\n" else re.escape(line).replace(r"\.\.\.", ".*") for line in shape(shown))
    pattern = "".join(lines)
    return re.fullmatch(pattern, "".join(shape(output))) is not None


def copy_of_the_project(folder: Path, *left_out: str) -> Path:
    """All of it but what was made, and what has these names."""
    made = ("__pycache__", ".*", "data", "build", "dist", "*.egg-info")
    return shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns(*made, *left_out))


def apply_diff(diff: str, folder: Path) -> list[str]:
    """Change the files as the diff says; returns their names. A hunk without line numbers must fit in one place."""
    names = []
    for part in diff.split("--- a/")[1:]:
        name, _, hunks = part.partition("\n")
        path, code = folder / name, (folder / name).read_text(encoding="utf-8")
        for hunk in re.split(r"^@@.*\n", hunks, flags=re.MULTILINE)[1:]:
            lines = hunk.splitlines(keepends=True)
            before, after = ("".join(line[1:] for line in lines if line[0] in kept) for kept in (" -", " +"))
            assert code.count(before) == 1, f"{name} has {code.count(before)} places like this:\n{before}"
            code = code.replace(before, after)
        path.write_text(code, encoding="utf-8")
        names.append(name)
    return names
