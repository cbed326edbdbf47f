"""The command-line options of ``python -m moviecrawler.sandbox`` and ``scrapy sandbox``."""

from __future__ import annotations

import argparse
import math

from moviecrawler.sandbox.faults import fault_rules
from moviecrawler.sandbox.server import SandboxConfig
from moviecrawler.sandbox.settings import LAYOUTS, Settings

PORT = 8420

EXAMPLES = """\
examples:
  scrapy sandbox                                   the replica alone; put the lines that it prints into .env
  scrapy sandbox -- scrapy crawl tmdb_trending     the replica for the duration of one command
  scrapy sandbox --movies 50000 --years 2024-2025  more films in a year than discover can page through
  scrapy sandbox --rate 40 --fault 503:cdn1=0.2    40 requests per second; a fifth of one CDN's answers fail
  scrapy sandbox --omdb-quota 20 --layout 2019     OMDB stops after 20 answers; The Numbers as it was
"""


_PORT_HELP = f"port of the API, the other servers use the next four; 0 and a COMMAND: free ports (default: {PORT})"
_FAULT_HELP = (
    f"send a fault to a share of the requests; may be repeated. Kinds are {', '.join(fault_rules.FAULT_KINDS)}. "
    f"Targets are {', '.join(fault_rules.SERVERS)}, cdn, or a path prefix (default: all)"
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add all options to a parser; ``config_from_options`` reads the result."""
    default = SandboxConfig()
    burst, wait = default.settings.burst, default.settings.slow_seconds
    add = parser.add_argument
    add("--host", default=default.host, help="address to listen on (default: %(default)s)")
    add("--port", type=_parse_count, metavar="N", help=_PORT_HELP)
    add("--movies", type=_parse_count, metavar="N", help="number of films; those beyond the real ones are invented")
    add("--shows", type=_parse_count, default=default.shows, metavar="N", help="number of shows (default: %(default)s)")
    add(
        "--years",
        type=_parse_years,
        default=default.years,
        metavar="Y-Y",
        help="years of invented works (default: 1970-2025)",
    )
    add("--seed", type=int, default=default.seed, metavar="N", help="seed of invented works and faults (default: 1)")
    add("--key", default="", metavar="K", help="the only key that is accepted (default: any)")
    add("--omdb-key", default="", metavar="K", help="the only key that OMDB accepts (default: any)")
    add(
        "--omdb-quota",
        type=_parse_count,
        default=default.settings.omdb_quota,
        metavar="N",
        help="answers of OMDB per day, 0: no limit (default: %(default)s)",
    )
    add(
        "--layout",
        choices=LAYOUTS,
        default=default.settings.layout,
        help="layout of The Numbers (default: %(default)s)",
    )
    add("--latency", type=_parse_amount, default=0.0, metavar="MS", help="delay of every answer in milliseconds")
    add("--rate", type=_parse_amount, default=0.0, metavar="R", help="requests per second on the API; above it 429")
    add(
        "--burst",
        type=_parse_count,
        default=burst,
        metavar="B",
        help="requests at once within --rate (default: %(default)s)",
    )
    add("--no-retry-after", action="store_true", help="send 429 without Retry-After")
    add("--fault", action="append", default=[], type=_parse_fault, metavar="KIND[:TARGET]=RATE", help=_FAULT_HELP)
    add(
        "--slow-seconds",
        type=_parse_amount,
        default=wait,
        metavar="S",
        help="delay of the fault slow (default: %(default)g)",
    )
    add("--log", metavar="FILE", help="append every request to FILE, as JSON lines")
    add("--quiet", action="store_true", help="no notice and no summary on stderr")


def config_from_options(opts: argparse.Namespace, *, port: int) -> SandboxConfig:
    """The configuration that the options ask for; ``port`` is used without ``--port``."""
    return SandboxConfig(
        host=opts.host,
        port=port if opts.port is None else opts.port,
        movies=opts.movies,
        shows=opts.shows,
        seed=opts.seed,
        years=opts.years,
        settings=Settings(
            latency=opts.latency,
            rate=opts.rate,
            burst=opts.burst,
            key=opts.key,
            retry_after=not opts.no_retry_after,
            slow_seconds=opts.slow_seconds,
            omdb_key=opts.omdb_key,
            omdb_quota=opts.omdb_quota,
            layout=opts.layout,
        ),
        faults=opts.fault,
    )


def _parse_count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: must be a whole number from 0 up")
    return int(text)


def _parse_amount(text: str) -> float:
    try:
        amount = float(text)
    except ValueError:
        amount = -1.0
    if not 0 <= amount < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r}: must be a number from 0 up")
    return amount


def _parse_years(text: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    if not (first.isdecimal() and (last.isdecimal() or not dash)):
        raise argparse.ArgumentTypeError(f"{text!r}: must be YEAR or YEAR-YEAR")
    years = int(first), int(last or first)
    if not 1900 <= years[0] <= years[1] <= 2100:
        raise argparse.ArgumentTypeError(f"{text!r}: must be years from 1900 to 2100, the earlier one first")
    return years


def _parse_fault(text: str) -> fault_rules.FaultRule:
    try:
        return fault_rules.parse_rule(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
