"""A crawl that Scrapyd has started: what is said in the log of the job, since nobody sees its terminal."""

from collections.abc import Iterator, Mapping
from typing import Any


def is_job(arguments: Mapping[str, str]) -> bool:
    """Scrapyd gives every job its id as an argument."""
    return "_job" in arguments


def surprises(settings: Any) -> Iterator[str]:
    """One line for each thing that is not as somebody who deploys would expect."""
    from pathlib import Path
    from zipimport import zipimporter

    from moviecrawler import places

    if not Path(settings["DATA_DIR"]).expanduser().is_absolute():
        yield (
            f"DATA_DIR={settings['DATA_DIR']!r} is relative to the folder in which Scrapyd was started: "
            f"this job's data go to {places.data_dir(settings)}. Set an absolute one in Scrapyd's environment"
        )
    if places.__spec__ and not isinstance(places.__spec__.loader, zipimporter):
        yield (
            f"this job runs the code in {Path(places.__file__).parents[1]}, not the egg that was deployed. "
            "Start Scrapyd in a folder, and with a Python, where moviecrawler cannot be imported"
        )


def note(settings: Any, line: str) -> None:
    """Write why a job could not start into its log, beside Scrapyd's own."""
    if file := settings["LOG_FILE"]:
        with open(file, "a", encoding="utf-8") as log:
            log.write(f"{line}\n")
