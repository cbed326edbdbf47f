"""The figures and the misses as docs/identity.md shows them: ``python -m tests.policy.identity.page`` writes them."""

from collections.abc import Iterator
from pathlib import Path

from tests.policy.identity import table

PAGE = Path(__file__).parents[3] / "docs" / "identity.md"
BEGIN, END = "<!-- generated: begin -->\n", "<!-- generated: end -->\n"


def generated() -> str:
    results, blind = table.run(), table.run(folder=table.BLIND)
    parts = {
        "all": results,
        "tuned on": [result for result in results if not result.pair.held_out],
        "held out": [result for result in results if result.pair.held_out],
        "all, by the same title and year": table.run(table.naive, table.exact_keys),
        "a table never seen": blind,
    }
    lines = ["| pairs | | films here | ids given | right | precision | recall |", "|---|---|---|---|---|---|---|"]
    for name, part in parts.items():
        pairs, given, right, wanted = figures = table.figures(part)
        lines.append(
            f"| {name} | {pairs} | {wanted} | {given} | {right} | {figures.precision:.4f} | {figures.recall:.4f} |"
        )
    lines += ["", "| said | meant | answer |", "|---|---|---|", *_misses(results, table.films())]
    lines += ["", "Of the table never seen:", "", "| said | meant | answer |", "|---|---|---|"]
    lines += _misses(blind, table.films(table.BLIND))
    return "\n".join(lines) + "\n"


def _misses(results: list[table.Result], films: list[table.Document]) -> Iterator[str]:
    spelt = {film["_id"]: f"{film['title']} ({film['release_date'] or film['year']})" for film in films}
    for pair, match in (result for result in results if result.miss):
        said = ", ".join(
            str(value) for value in (pair.record["release_date"] or pair.record["year"], *pair.directors) if value
        )
        meant = spelt[pair.expected] if pair.expected else "several fit" if pair.ambiguous else "not here"
        answer = spelt[match.id] if match.id else f"`{match.how}`"
        yield f"| {pair.record['title']}, {said}{' (held out)' if pair.held_out else ''} | {meant} | {answer} |"


def written() -> str:
    return PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(page.replace(written(), generated()), encoding="utf-8")
