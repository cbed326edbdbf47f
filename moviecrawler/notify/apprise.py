"""Messages through the library ``apprise``, in a process of its own.

Its plugins wait in threads that nobody can end, and that a process which exits would wait for.
"""

import json
import sys
from collections.abc import Sequence

from moviecrawler.notify.failed import HookFailed
from moviecrawler.notify.programs import run_program

_PROGRAM = """
import json, sys
import apprise
said = json.load(sys.stdin)
target = apprise.Apprise()
added = [target.add(url) for url in said["urls"]]
told = target.notify(body=said["body"], title=said["title"], body_format=apprise.NotifyFormat.TEXT)
sys.exit(0 if told and all(added) else 1)
"""


async def send_by_apprise(urls: Sequence[str], title: str, text: str, seconds: float) -> None:
    """HookFailed if one of the services did not take it. The addresses, which may hold secrets, are in no list of
    processes."""
    said = json.dumps({"urls": [*urls], "title": title, "body": text or title})
    if await run_program([sys.executable, "-c", _PROGRAM], said.encode(), seconds):
        raise HookFailed("a service did not take it, or its address is none of apprise's")
