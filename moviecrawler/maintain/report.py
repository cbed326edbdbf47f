"""What was gained, for people, in 80 columns."""

from collections.abc import Iterator, Sequence

from moviecrawler.maintain.work import Gain, Outcome
from moviecrawler.policy.terminal import COLUMNS, labelled, wrapped


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    """One step.

    >>> print(*outcome_lines(Outcome(step="terms", rows=1204)), sep="\\n")
    terms      1,204 rows
    """
    texts = [gained(outcome), *outcome.notes]
    if outcome.undone:
        texts.append(f"{'waits' if outcome.state == 'skipped' else 'not done'}: {outcome.undone}")
    texts = list(filter(None, texts)) or ["in order"]
    yield from labelled(
        [(f"{outcome.step:9}" if not at else " " * 9, text) for at, text in enumerate(texts)], indent=""
    )


def summary(outcomes: Sequence[Outcome], *, dry_run: bool) -> str:
    """The last line.

    >>> summary([Outcome(files=2, bytes=5_100_000), Outcome(state="failed", undone="why")], dry_run=False)
    '2 files, 5.1 MB gained; 1 step could not be done'
    """
    total = Gain(*(sum(getattr(one, name) for one in outcomes) for name in ("rows", "files", "bytes")))
    line = f"{gained(total) or 'nothing'} {'would be ' if dry_run else ''}gained"
    if failed := sum(one.state == "failed" for one in outcomes):
        line += f"; {failed} {'step' if failed == 1 else 'steps'} could not be done"
    return wrapped(line, COLUMNS)[0]


def gained(gain: Gain) -> str:
    """Empty: nothing.

    >>> gained(Gain(rows=1, bytes=2048))
    '1 row, 2.0 kB'
    """
    counts = ((gain.rows, "row"), (gain.files, "file"))
    parts = [f"{count:,} {word if count == 1 else word + 's'}" for count, word in counts if count]
    return ", ".join([*parts, *([_size(gain.bytes)] if gain.bytes else [])])


def _size(count: int) -> str:
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1e6:,.1f} MB" if count >= 100_000 else f"{count / 1e3:,.1f} kB"
