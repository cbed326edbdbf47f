"""The hooks of the NOTIFY_* settings: each gets the message, all at the same time and within a bounded time."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from importlib.util import find_spec
from typing import Any
from uuid import uuid4

from moviecrawler.config.monitoring import NotifyConfig, words_of_command
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.notify.apprise import send_by_apprise
from moviecrawler.notify.failed import HookFailed
from moviecrawler.notify.programs import run_program
from moviecrawler.notify.webhook import post

_GRACE_SECONDS = 1.0
"""Seconds beyond NOTIFY_SECONDS for a hook to say what went wrong, before it is left to itself."""


def check(config: NotifyConfig) -> None:
    """ConfigurationError if a setting lacks its library."""
    if config.apprise.get_secret_value() and find_spec("apprise") is None:
        raise ConfigurationError("NOTIFY_APPRISE is set, but its library is missing: pip install apprise")


def has_hooks(config: NotifyConfig) -> bool:
    """Whether anybody is told anything."""
    return bool(_hooks(config))


async def notify(config: NotifyConfig, message: Mapping[str, Any], on_failure: Callable[[str], object]) -> bool:
    """Tell all hooks; whether each of them took the message. It takes at most NOTIFY_SECONDS and raises nothing.

    ``on_failure`` gets one line for each hook that failed, with nothing of what may be secret. The message must hold
    no key.
    """
    hooks = _hooks(config)
    body = json.dumps(message, ensure_ascii=False, default=str).encode("utf-8", "replace")
    told = await asyncio.gather(*(_told(hook(config, message, body), config.seconds) for hook in hooks.values()))
    for name, failure in zip(hooks, told, strict=True):
        if failure:
            on_failure(f"the hook {name} was not told of {', '.join(message['events'])}: {failure}")
    return not any(told)


async def _told(hook: Awaitable[None], seconds: float) -> str:
    """What went wrong; empty if nothing did."""
    try:
        await asyncio.wait_for(hook, seconds + _GRACE_SECONDS)
    except TimeoutError:
        return f"it took longer than {seconds:g} s (NOTIFY_SECONDS)"
    except HookFailed as error:
        return str(error)
    except Exception as error:  # noqa: BLE001  (a hook must not end a run; the text may quote a setting)
        return type(error).__name__
    return ""


Hook = Callable[[NotifyConfig, Mapping[str, Any], bytes], Awaitable[None]]


def _hooks(config: NotifyConfig) -> dict[str, Hook]:
    """Setting -> hook, of those that are set."""
    hooks = {"NOTIFY_URL": _url, "NOTIFY_COMMAND": _command, "NOTIFY_APPRISE": _apprise}
    secrets = {"NOTIFY_URL": config.url, "NOTIFY_COMMAND": config.command, "NOTIFY_APPRISE": config.apprise}
    return {name: hook for name, hook in hooks.items() if secrets[name].get_secret_value()}


async def _url(config: NotifyConfig, message: Mapping[str, Any], body: bytes) -> None:
    url, secret = config.url.get_secret_value(), config.secret.get_secret_value()
    await post(url, body, secret=secret, id=f"msg_{uuid4().hex}", seconds=config.seconds)


async def _command(config: NotifyConfig, message: Mapping[str, Any], body: bytes) -> None:
    words = words_of_command(config.command.get_secret_value())
    if failure := await run_program(words, body, config.seconds):
        raise HookFailed(f"its program ended with {failure}")


async def _apprise(config: NotifyConfig, message: Mapping[str, Any], body: bytes) -> None:
    await send_by_apprise(config.apprise.get_secret_value().split(), message["title"], message["text"], config.seconds)
