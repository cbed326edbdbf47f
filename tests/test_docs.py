"""The reference pages and the code name the same things: what is new must be written down, what is gone must go."""

import argparse
import ast
import dataclasses
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.misc import load_object

from moviecrawler.commands.export import KINDS
from moviecrawler.downloadermiddlewares import retry
from moviecrawler.items import Movie
from moviecrawler.policy.documents.merge import Merged
from moviecrawler.run import SUCCESSFUL
from moviecrawler.sandbox import options
from moviecrawler.sandbox.faults import fault_rules
from moviecrawler.sandbox.settings import Settings as SandboxSettings
from moviecrawler.stores.validation import check_record_kind
from tests.sources import fixture_files, the_numbers_files
from tests.support import pages
from tests.support.pages import PAGES, PROJECT
from tests.support.policies import composer
from tests.support.source_code import covered, nodes, stat_patterns

PACKAGE = PROJECT / "moviecrawler"
ATTRIBUTION = "This product uses the TMDB API but is not endorsed or certified by TMDB."


# --- Spiders ----------------------------------------------------------------------------------------------------


def _spiders() -> dict[str, Any]:
    loader = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": ["moviecrawler.spiders"]}))
    return {name: loader.load(name) for name in loader.list()}


def test_spiders_md_has_every_spider() -> None:
    headings = set(re.findall(r"^## (.*)$", pages.read("spiders.md"), re.MULTILINE))
    assert headings == _spiders().keys()


@pytest.mark.parametrize("spider", sorted(_spiders()))
def test_spiders_md_has_every_argument_with_its_default(spider: str) -> None:
    arguments = _spiders()[spider].accepted_arguments
    rows = {pages.names(row[0])[0]: row for row in pages.rows(pages.section(pages.read("spiders.md"), spider))}
    assert rows.keys() == arguments.keys()
    for name, argument in arguments.items():
        if argument.required:
            assert rows[name][1] == "required"
        elif argument.default is not None:
            assert (
                rows[name][1]
                == f"`{int(argument.default) if isinstance(argument.default, bool) else argument.default}`"
            )
        else:
            assert not rows[name][1].startswith("`") or rows[name][1].strip("`") in arguments


# --- Commands ---------------------------------------------------------------------------------------------------

COMMANDS = sorted(path.stem for path in (PACKAGE / "commands").glob("[!_]*.py"))


def _command(name: str) -> Any:
    command = load_object(f"moviecrawler.commands.{name}.Command")()
    command.settings = Settings()
    return command


def _options(name: str) -> set[str]:
    parser = argparse.ArgumentParser(prog=name, conflict_handler="resolve")
    _command(name).add_options(parser)
    return {option for action in parser._actions for option in action.option_strings}


def test_commands_md_has_every_command() -> None:
    headings = re.findall(r"^## scrapy (.*)$", pages.read("commands.md"), re.MULTILINE)
    assert sorted(headings) == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_documented_and_no_other(name: str) -> None:
    text = pages.read("commands.md")
    general = text.partition("\n## ")[0]
    own_section = (
        pages.section(pages.read("sandbox.md"), "Options")
        if name == "sandbox"
        else pages.section(text, f"scrapy {name}")
    )
    own = "".join(row[0] for row in pages.rows(own_section))
    said = set(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", general + own))
    assert said - {"-s", "--set"} == _options(name) - {"-s", "--set"}


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_md_has_every_exit_status_of_the_command(name: str) -> None:
    documented = re.search(r"Exit status: (.*)", _command(name).__class__.__doc__ or "", re.DOTALL)
    text = pages.section(pages.read("commands.md"), f"scrapy {name}").lower()
    assert "exit status" in text
    for status in re.findall(r"\b\d+\b", documented[1] if documented else ""):
        assert re.search(rf"\b{status}\b", text), status


# --- The sandbox ------------------------------------------------------------------------------------------------


def test_sandbox_md_has_the_defaults_of_the_options() -> None:
    parser = argparse.ArgumentParser()
    options.add_options(parser)
    defaults = {action.option_strings[0]: action.default for action in parser._actions}
    defaults |= {"--port": options.PORT, "--years": "-".join(map(str, defaults["--years"]))}
    empty = {"any", "the real ones", "no limit", "0", ""}
    for row in pages.rows(pages.section(pages.read("sandbox.md"), "Options")):
        names = re.findall(r"--[a-z-]+", row[0])
        for name, said in zip(names, row[1].split(", "), strict=True):
            default = defaults[name]
            shown = f"{default:g}" if isinstance(default, float) else str(default)
            assert said == shown if default else said in empty, name


def test_sandbox_md_has_every_fault_and_every_setting_of_the_control() -> None:
    text = pages.read("sandbox.md")
    rows = pages.rows(pages.section(text, "Faults"))
    assert {name for row in rows for name in pages.names(row[0])} == set(fault_rules.FAULT_KINDS)
    settings = next(row[1] for row in pages.rows(pages.section(text, "The control")) if "settings" in row[0])
    said = re.search(r"\{([^}]*)\}", settings)
    assert said
    assert set(said[1].split(", ")) == {field.name for field in dataclasses.fields(SandboxSettings)}


# --- Stats ------------------------------------------------------------------------------------------------------


def _stats_of_the_code() -> set[str]:
    found = stat_patterns()
    # What stands behind these is known, so the page must name each.
    known = {
        "titles/*": get_args(get_type_hints(Merged)["outcome"]),
        "records/*": sorted(set(KINDS) - {"movies", "shows", "runs"}),
    }
    for pattern, names in known.items():
        assert pattern in found
        found = found - {pattern} | {pattern.replace("*", name) for name in names}
    return found


def _documented_stats(heading: str) -> set[str]:
    rows = pages.rows(pages.section(pages.read("stats.md"), heading))
    found = {re.sub(r"<[^>]+>", "*", name) for row in rows for name in pages.names(row[0])}
    return (found - {"records/*"}) | {
        f"records/{name}" for row in rows if row[0] == "`records/<kind>`" for name in pages.names(row[1])
    }


def test_stats_md_has_every_stat_that_the_code_counts() -> None:
    documented = _documented_stats("Ours")
    assert not {key for key in _stats_of_the_code() if not covered(key, documented)}


def test_stats_md_has_no_stat_that_the_code_does_not_count() -> None:
    counted = _stats_of_the_code()
    assert not {key for key in _documented_stats("Ours") if not covered(key, counted)}


# --- Finish reasons ---------------------------------------------------------------------------------------------


def _finish_reasons() -> Iterator[str]:
    for _, node in nodes(ast.Call):
        if not (node.args and isinstance(node.args[0], ast.Constant)):
            continue
        called = ast.unparse(node.func)
        if called.endswith("lifecycle.stop") or called == "CloseSpider":
            yield str(node.args[0].value)
    yield from (reason for reason, _ in retry._ENDS_RUN.values())
    yield retry._THROTTLED_TOO_LONG[0]
    yield from SUCCESSFUL
    yield from ("finished", "shutdown")  # Scrapy's own


def test_operations_md_says_what_to_do_about_every_finish_reason() -> None:
    rows = pages.rows(pages.section(pages.read("operations.md"), "Finish reasons"))
    assert {pages.names(row[0])[0] for row in rows} == set(_finish_reasons())
    for row in rows:
        assert row[1].startswith("0") == (pages.names(row[0])[0] in SUCCESSFUL)


def _shape(text: str) -> str:
    """A message with 0 for each number and for each place where one is filled in.

    >>> _shape("again in %.1f s (try %d)"), _shape("again in 1.3 s (try 2)")
    ('again in 0 s (try 0)', 'again in 0 s (try 0)')
    """
    return re.sub(r"%[.\d]*[a-z]|\d+(\.\d+)?", "0", text)


def test_a_log_line_that_operations_md_explains_is_written_by_the_code() -> None:
    written = {_shape(node.value) for _, node in nodes(ast.Constant) if isinstance(node.value, str)}
    rows = pages.rows(pages.section(pages.read("operations.md"), "Lines of the log"))
    explained = [part for row in rows for name in pages.names(row[0]) for part in name.split("...")]
    assert explained
    assert not [part for part in explained if not any(_shape(part) in line for line in written)]


def _warnings() -> Iterator[str]:
    """What the package warns of, or gives up, in the log of a run, as far as it is a fixed text."""
    for _, node in nodes(ast.Call):
        if isinstance(node.func, ast.Attribute) and node.args:
            line = node.args[-1] if node.func.attr == "give_up" else node.args[0]
            if node.func.attr in ("warning", "give_up") and isinstance(line, ast.Constant | ast.JoinedStr):
                parts = line.values if isinstance(line, ast.JoinedStr) else [line]
                texts = (part.value if isinstance(part, ast.Constant) else 0 for part in parts)
                yield "".join(map(str, texts))


@pytest.mark.parametrize("line", [line for line in _warnings() if re.search(r"[a-z]+ [a-z]+ [a-z]+", line)])
def test_operations_md_explains_every_warning_and_what_is_given_up(line: str) -> None:
    rows = pages.rows(pages.section(pages.read("operations.md"), "Lines of the log"))
    explained = [_shape(part) for row in rows for name in pages.names(row[0]) for part in name.split("...")]
    assert [part for part in explained if part in _shape(line)]


# --- Data model -------------------------------------------------------------------------------------------------


def test_data_model_md_has_every_kind_of_record() -> None:
    rows = pages.rows(pages.section(pages.read("data-model.md"), "Records").partition("\n### ")[0])
    kinds = [pages.names(row[0])[0] for row in rows]
    assert sorted(kinds) == sorted(set(KINDS) - {"movies", "shows"})
    assert all(check_record_kind(kind) == kind for kind in kinds)


_NAMES = {"tmdb": "TMDB", "omdb": "OMDB", "the_numbers": "The Numbers"}


def _told() -> dict[str, set[str]]:
    """Field of a document -> the sources whose parsers fill it in some fixture."""
    answers = [
        (source, expected)
        for source in ("tmdb", "omdb")
        for name in fixture_files.names("movie", "show", source=source)
        if (expected := fixture_files.read(name, "expected", source))
    ]
    answers += [("the_numbers", the_numbers_files.expected(name)) for name in the_numbers_files.names("film")]
    told: dict[str, set[str]] = defaultdict(set)
    for source, answer in answers:
        for path in _filled(answer):
            told[re.sub(r"^watch\.[A-Z]{2}", "watch.<region>", path)].add(source)
    return told


def _filled(value: Any, path: str = "") -> Iterator[str]:
    """``people.cast[].name``: the paths that hold something, lists without numbers.

    >>> list(_filled({"title": "Alien", "runtime": None, "cast": [{"name": "S. Weaver"}]}))
    ['title', 'cast', 'cast[].name', 'cast[]']
    """
    if isinstance(value, dict):
        for name, below in value.items():
            yield from _filled(below, f"{path}.{name}" if path else name)
        if path and value:
            yield path
    elif value not in (None, "", []):
        yield path
        for one in value if isinstance(value, list) else ():
            if isinstance(one, dict):
                yield from _filled(one, f"{path}[]")


def _said_of_fields() -> dict[str, list[str]]:
    """Field -> who may say it, in this order, by the page; only where it names sources."""
    rows = pages.rows(pages.section(pages.read("data-model.md"), "A document"))
    said = {pages.names(row[0])[0]: row[2].split(", ") for row in rows if len(row) == 3}
    return {field: sources for field, sources in said.items() if set(sources) <= set(_NAMES.values())}


@pytest.mark.parametrize("field", sorted(_said_of_fields()))
def test_data_model_md_names_the_sources_of_a_field_in_their_order(field: str) -> None:
    told = _told()["id" if field == "_id" else field]
    order = composer().order(field.partition(".")[0])
    assert _said_of_fields()[field] == [_NAMES[source] for source in order if source in told]


# --- Figures that two pages show ----------------------------------------------------------------------------------


def test_performance_md_has_the_figures_of_identity_md() -> None:
    """Those of identity.md are held against the matcher (``tests/policy/identity/test_table.py``)."""
    rows = pages.rows(pages.section(pages.read("identity.md"), "Measured"))
    pairs, precision, recall = next((row[1], row[5], row[6]) for row in rows if row[0] == "all")
    text = " ".join(pages.read("performance.md").split())
    assert f"precision {float(precision):.3f} and recall {float(recall):.3f} of {pairs} pairs" in text


# --- Dependencies -----------------------------------------------------------------------------------------------


def _name_of(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement)[0]


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_dependencies_md_has_a_reason_for_every_dependency(file: str) -> None:
    lines = (PROJECT / file).read_text(encoding="utf-8").splitlines()
    required = {_name_of(line) for line in lines if line and not line.startswith(("#", "-"))}
    text = pages.read("dependencies.md")
    heading = next(one for one in re.findall(r"^## (.*)$", text, re.MULTILINE) if f"`{file}`" in one)
    rows = pages.rows(pages.section(text, heading))
    assert {pages.names(row[0])[0] for row in rows} == required
    assert all(row[1] for row in rows)


def test_dependencies_md_has_every_optional_extra() -> None:
    extras = re.search(r"extras_require=(\{.*?\})", (PROJECT / "setup.py").read_text(encoding="utf-8"), re.DOTALL)
    assert extras
    text = pages.section(pages.read("dependencies.md"), "Optional")
    for extra, packages in ast.literal_eval(extras[1]).items():
        assert f"[{extra}]" in text
        assert all(f"`{_name_of(package)}`" in text for package in packages)


# --- All pages --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=pages.name_of)
def test_no_link_is_broken(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    broken = []
    for target in pages.links(text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in pages.anchors(file.read_text(encoding="utf-8"))):
            broken.append(target)
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=pages.name_of)
def test_a_file_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = {name for name in pages.names(text) if re.fullmatch(r"[\w./-]+/[\w.-]+\.(py|md|csv|txt|toml)", name)}
    assert not {name for name in named if not (PROJECT / name).is_file() and not (PACKAGE / name).is_file()}


def test_the_index_leads_to_every_page() -> None:
    linked = {target.partition("#")[0] for target in pages.links(pages.read("index.md"))}
    assert {page.name for page in PAGES if page.parent == pages.DOCS} - {"index.md"} <= linked


# --- Adding a source --------------------------------------------------------------------------------------------


def test_no_file_names_a_source_beside_its_settings_its_folder_its_spiders_and_the_sandbox() -> None:
    """As adding-a-source.md says; TMDB is left out, since its ids are those of the documents."""
    found = set()
    for path, node in nodes(ast.Constant):
        room, *_ = parts = path.relative_to(PACKAGE).parts
        own = room in ("sources", "sandbox") or (room == "spiders" and parts[-1].startswith(tuple(_NAMES)))
        if not own and node.value in {*_NAMES} - {"tmdb"}:
            found.add("/".join(parts))
    assert not found


# --- Glossary ---------------------------------------------------------------------------------------------------


def _glossary() -> dict[str, str]:
    return {row[0]: row[1] for row in pages.rows(pages.read("glossary.md"))}


def test_the_glossary_has_few_words_in_one_sentence_each() -> None:
    words = [row[0] for row in pages.rows(pages.read("glossary.md"))]
    assert len(words) <= 25
    assert words == sorted(set(words))
    assert not [word for word, meaning in _glossary().items() if not re.fullmatch(r"[A-Z][^.]*\.", _unlinked(meaning))]


def _unlinked(text: str) -> str:
    """The text without what stands in backticks, and without the targets of its links.

    >>> _unlinked("`a.b` is [this](c.md#d).")
    ' is this.'
    """
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", re.sub("`[^`]*`", "", text))


@pytest.mark.parametrize("word", sorted(_glossary()))
def test_a_word_of_the_glossary_is_used_elsewhere(word: str) -> None:
    others = (page for page in PAGES if page.name not in ("glossary.md", "CHANGELOG.md"))
    assert any(re.search(rf"\b{word}", _unlinked(page.read_text("utf-8")), re.IGNORECASE) for page in others)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/index.md"])
def test_the_glossary_is_found_from_where_people_begin(page: str) -> None:
    targets = pages.links((PROJECT / page).read_text(encoding="utf-8"))
    assert any(target.endswith("glossary.md") for target in targets)


# --- README -----------------------------------------------------------------------------------------------------


def test_the_readme_is_short_and_shows_one_picture_one_run_and_one_document() -> None:
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 90
    assert len(re.findall(r"!\[", text)) == len(pages.examples(text)) == len(pages.code_blocks(text, "json")) == 1
    assert len(re.findall("^- ", pages.section(text, "What makes it different"), re.MULTILINE)) == 6


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_tmdb_is_named_as_its_terms_ask(page: str) -> None:
    assert ATTRIBUTION in (PROJECT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=pages.name_of)
def test_a_make_target_that_a_page_names_is_there(page: Path) -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"(?m)(?:^|`)make ([a-z-]+)", page.read_text(encoding="utf-8"))) <= targets


def test_what_make_test_fast_runs_is_there() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    fast = re.search(r"^FAST := (.*)$", makefile, re.MULTILINE)
    assert fast
    assert not [name for name in fast[1].split() if not (PROJECT / "tests" / name).exists()]


@pytest.mark.parametrize("page", PAGES, ids=pages.name_of)
def test_a_folder_that_a_page_names_is_there(page: Path) -> None:
    named = {
        name for name in pages.names(page.read_text(encoding="utf-8")) if re.match(r"(moviecrawler|tests)/.*/$", name)
    }
    assert not {name for name in named if not (PROJECT / name.replace("SITE/", "")).is_dir()}


async def test_the_pipeline_of_contributing_md_is_one() -> None:
    (code,) = pages.code_blocks((PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8"), "python")
    names: dict[str, Any] = {}
    exec(code, names)
    item = Movie(source="tmdb", source_id="603", tagline="Welcome to the Real World.")
    assert (await names["TrimTaglinePipeline"]().process_item(item)).tagline == "Welcome to the Real World"


@pytest.mark.parametrize("picture", sorted((PROJECT / "docs" / "pictures").iterdir()), ids=lambda path: path.name)
def test_a_picture_of_the_pages_is_small_and_shown_somewhere(picture: Path) -> None:
    assert picture.stat().st_size < 200_000
    assert any(target.endswith(picture.name) for page in PAGES for target in pages.links(page.read_text("utf-8")))
