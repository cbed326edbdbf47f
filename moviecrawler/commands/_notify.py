"""What commands tell the hooks of the NOTIFY_* settings."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moviecrawler.commands import say

if TYPE_CHECKING:
    from moviecrawler.config import Config
    from moviecrawler.policy.jobs.notifications import Notification


def when_and_where() -> dict[str, str]:
    """``at`` and ``host`` of a message."""
    import socket
    from datetime import UTC, datetime

    from moviecrawler import timestamps

    return {"at": timestamps.iso(datetime.now(UTC)), "host": socket.gethostname()}


async def tell(name: str, config: Config, message: Notification, *, wanted: bool = False) -> bool:
    """Tell the hooks if one of the message's events is in NOTIFY_ON, or it is ``wanted``; False if one failed.

    A hook that fails is a line on stderr, after the ``name`` of the command.
    """
    from urllib.request import getproxies

    from moviecrawler.notify.hooks import has_hooks, notify
    from moviecrawler.policy.secrets.redaction import Secrets

    if not has_hooks(config.notify) or not (wanted or set(message["events"]) & {*config.notify.on}):
        return True
    secrets = Secrets.of(config, getproxies())
    told: Mapping[str, Any] = secrets.redact_all(message)
    return await notify(
        config.notify, told, lambda line: say(f"scrapy {name}: {secrets.redact(line)}", file=sys.stderr)
    )
