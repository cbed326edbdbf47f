"""Hooks that take a message, and such that hang, fail, answer nonsense or lead elsewhere: one line, in good time."""

import asyncio
import base64
import hashlib
import hmac
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib import util
from pathlib import Path

import pytest

from moviecrawler.config import Config
from moviecrawler.config.monitoring import NotifyConfig
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.notify import hooks, webhook
from moviecrawler.policy.jobs.notifications import of_test
from tests.support.waiting import patient

SECRET = "s3cret"
MESSAGE = of_test(at="2026-11-21T08:16:00.000Z", host="here")

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def config(**settings: str) -> NotifyConfig:
    return Config.from_settings({f"NOTIFY_{name.upper()}": value for name, value in settings.items()}).notify


async def failures(**settings: str) -> list[str]:
    """The lines about hooks that failed, none of which has a secret."""
    lines: list[str] = []
    told = await hooks.notify(config(**settings), MESSAGE, lines.append)
    assert told is not bool(lines)
    assert SECRET not in "".join(lines)
    return lines


class Receiver:
    """``asked``: head and body of each request."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, bytes]] = []

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/{SECRET}?token={SECRET}"
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = int(next(line for line in head.splitlines() if line.lower().startswith("content-length")).split()[1])
        self.asked.append((head, await reader.readexactly(length)))
        try:
            await (self._answers.pop(0) if len(self._answers) > 1 else self._answers[0])(writer)
            await writer.drain()
        except ConnectionError:
            pass  # it has left
        finally:
            writer.close()


def says(raw: bytes) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(raw)

    return answer


def status(number: int, *headers: str) -> Answer:
    lines = [f"HTTP/1.1 {number} Whatever", "Content-Length: 0", "Connection: close", *headers, "", ""]
    return says("\r\n".join(lines).encode())


async def hang(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(5)


async def flood(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


async def drip(writer: asyncio.StreamWriter) -> None:
    """A head that never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-More: y\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "FIRST_PAUSE_SECONDS", 0.01)


# --- NOTIFY_URL -------------------------------------------------------------------------------------------------


async def test_a_message_is_posted_and_signed() -> None:
    receiver = Receiver(status(204))
    async with receiver.listening() as url:
        assert await failures(url=url, secret=SECRET) == []
    ((head, body),) = receiver.asked
    assert json.loads(body) == MESSAGE
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head.splitlines())}
    assert headers["content-type"] == "application/json"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60


async def test_without_a_secret_there_is_no_signature() -> None:
    receiver = Receiver(status(200))
    async with receiver.listening() as url:
        assert await failures(url=url) == []
    assert "webhook-signature" not in receiver.asked[0][0]


async def test_a_passing_failure_is_tried_again_with_the_same_id() -> None:
    receiver = Receiver(status(503), says(b""), status(200))
    async with receiver.listening() as url:
        assert await failures(url=url) == []
    ids = {line for head, _ in receiver.asked for line in head.splitlines() if line.startswith("webhook-id")}
    assert (len(receiver.asked), len(ids)) == (3, 1)


@pytest.mark.parametrize(
    ("answer", "tries", "failure"),
    [
        (status(500), 4, "it answered with status 500"),
        (status(429), 4, "it answered with status 429"),
        (status(404), 1, "it answered with status 404"),
        (status(302, "Location: http://127.0.0.1:9/elsewhere"), 1,
         "it answered with a redirect (302), which is not followed"),
        (says(b"<h1>It works!</h1>\r\n\r\n"), 4, "it cannot be reached: "),
        (says(b"HTTP/1.1 2000000000000 OK\r\n\r\n"), 4, "it cannot be reached: "),
        (says(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 200_000 + b"\r\n\r\n"), 4, "it cannot be reached: "),
        (says(b"\0" * 1000), 4, "it cannot be reached: "),
    ],
)  # fmt: skip
async def test_an_answer_that_is_not_yes_is_one_line(answer: Answer, tries: int, failure: str) -> None:
    receiver = Receiver(answer)
    async with receiver.listening() as url:
        (line,) = await failures(url=url)
    assert line.startswith(f"the hook NOTIFY_URL was not told of test: {failure}")
    assert len(receiver.asked) == tries


@pytest.mark.parametrize("answer", [hang, drip])
async def test_a_receiver_that_does_not_end_is_given_up(answer: Answer) -> None:
    receiver, started = Receiver(answer), time.monotonic()
    async with receiver.listening() as url:
        (line,) = await failures(url=url, seconds="0.3")
    assert "0.3 s (NOTIFY_SECONDS)" in line
    assert time.monotonic() - started < patient(4.5)  # the server would go on for 5 s, or for ever


async def test_a_body_without_an_end_is_not_read() -> None:
    async with Receiver(flood).listening() as url:
        assert await failures(url=url, seconds="2") == []


async def test_a_receiver_that_is_not_there_is_one_line() -> None:
    (line,) = await failures(url=f"http://127.0.0.1:9/{SECRET}")
    assert line == "the hook NOTIFY_URL was not told of test: it cannot be reached: Connection refused"


# --- NOTIFY_COMMAND ---------------------------------------------------------------------------------------------


def program(code: str, *words: str) -> str:
    quoted = [f"'{word}'" for word in (sys.executable, "-c", code, *words)]
    return " ".join(quoted)


async def test_a_program_gets_the_message_and_no_shell(tmp_path: Path) -> None:
    code = 'import sys; open(sys.argv[1], "wb").write(sys.stdin.buffer.read()); open(sys.argv[2], "w")'
    file, odd = tmp_path / "told.json", tmp_path / "$(touch pwned); > x | y"
    assert await failures(command=program(code, str(file), str(odd))) == []
    assert json.loads(file.read_bytes()) == MESSAGE
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([file.name, odd.name])


@pytest.mark.parametrize(
    ("command", "failure"),
    [
        (program("import sys; sys.exit(3)"), "its program ended with status 3"),
        (program("import os; os.kill(os.getpid(), 9)"), "its program ended with signal 9"),
        (f"/no/such/{SECRET}", "its program cannot be started: No such file or directory"),
        ("/etc/passwd", "its program cannot be started: Permission denied"),
    ],
)
async def test_a_program_that_fails_is_one_line(command: str, failure: str) -> None:
    assert await failures(command=command) == [f"the hook NOTIFY_COMMAND was not told of test: {failure}"]


async def test_a_program_that_hangs_is_ended_with_all_that_it_has_started(tmp_path: Path) -> None:
    """It floods its output besides, and reads nothing."""
    file = tmp_path / "late"
    started = time.monotonic()
    script = f"(sleep 1; touch {file}) & yes; sleep 60"
    (line,) = await failures(command=f'sh -c "{script}"', seconds="0.2")
    assert line.endswith("its program took longer than 0.2 s (NOTIFY_SECONDS), and was ended")
    assert time.monotonic() - started < patient(30)
    await asyncio.sleep(max(1.1 - (time.monotonic() - started), 0))
    assert not file.exists()


# --- NOTIFY_APPRISE, and all of them ----------------------------------------------------------------------------


async def test_apprise_is_told_the_text() -> None:
    receiver = Receiver(status(200))
    async with receiver.listening() as url:
        lines = await failures(apprise=url.replace("http://", "json://"))
    assert lines == []
    ((_, body),) = receiver.asked
    said = json.loads(body)
    assert (said["title"], said["message"]) == (MESSAGE["title"], MESSAGE["text"])


async def test_all_hooks_are_told_whatever_one_of_them_does(tmp_path: Path) -> None:
    file = tmp_path / "told.json"
    async with Receiver(status(404)).listening() as url:
        lines = await failures(url=url, command=f"tee {file}", apprise=f"nonsense://{SECRET}", secret=SECRET)
    assert [line.split()[2] for line in lines] == ["NOTIFY_URL", "NOTIFY_APPRISE"]
    assert lines[1].endswith("a service did not take it, or its address is none of apprise's")
    assert json.loads(file.read_bytes()) == MESSAGE


def test_a_missing_library_is_one_line_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "find_spec", lambda name: None if name == "apprise" else util.find_spec(name))
    hooks.check(config())
    with pytest.raises(
        ConfigurationError, match=r"^NOTIFY_APPRISE is set, but its library is missing: pip install app"
    ):
        hooks.check(config(apprise="mailto://x"))
