"""Scrapyd's API (version 1.6), as far as ``scrapy schedule`` needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from moviecrawler.config import Config
    from moviecrawler.policy.jobs.schedule import Job, JobRuns

TIMEOUT_SECONDS = 30.0
"""Seconds for one answer; the first one after a deployment is slow, since Scrapyd lists the egg's spiders."""


class Server(NamedTuple):
    """Where Scrapyd is; ``password`` is empty if it needs none."""

    url: str
    username: str
    password: str

    def __repr__(self) -> str:
        return f"Server({self.url})"


def server_of(config: Config) -> Server:
    """SCRAPYD_URL, SCRAPYD_USERNAME and SCRAPYD_PASSWORD."""
    scrapyd = config.scrapyd
    return Server(scrapyd.url, scrapyd.username, scrapyd.password.get_secret_value())


class Scrapyd:
    """Client of one project, an asynchronous context manager; ScrapydError, one line, for anything that fails."""

    def __init__(self, server: Server, project: str) -> None:
        self._server = server
        self._project = project

    async def __aenter__(self) -> Self:
        import base64

        import aiohttp

        headers = {}
        if self._server.username:
            word = base64.b64encode(f"{self._server.username}:{self._server.password}".encode())
            headers["Authorization"] = f"Basic {word.decode()}"  # RFC 7617
        self._session = aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def runs(self) -> JobRuns:
        """The ids of the project's runs."""
        from moviecrawler.exceptions import ScrapydError
        from moviecrawler.policy.jobs.schedule import JobRuns

        answer = await self._ask("GET", "listjobs.json", [])
        try:
            return JobRuns(*([str(run["id"]) for run in answer[state]] for state in JobRuns._fields))
        except (KeyError, TypeError):
            raise ScrapydError(f"Scrapyd at {self._server.url} lists no jobs: is SCRAPYD_URL right?") from None

    async def running(self) -> int:
        """How many jobs are running, of all projects."""
        return int((await self._ask("GET", "daemonstatus.json", [])).get("running") or 0)

    async def post(self, job: Job, run: str) -> None:
        form = [("spider", job.spider), ("jobid", run), *job.arguments.items()]
        await self._ask(
            "POST", "schedule.json", [*form, *(("setting", f"{name}={value}") for name, value in job.settings.items())]
        )

    async def cancel(self, run: str) -> None:
        """Cancel a job; a running one gets SIGINT, stores what is in flight and ends soon after."""
        await self._ask("POST", "cancel.json", [("job", run)])

    async def _ask(self, method: str, resource: str, fields: list[tuple[str, str]]) -> dict[str, Any]:
        import json

        import aiohttp

        from moviecrawler.exceptions import ScrapydError

        url, fields = self._server.url, [("project", self._project), *fields]
        where = f"Scrapyd at {url}"
        sent: dict[str, Any] = {"params": fields} if method == "GET" else {"data": fields}
        try:
            async with self._session.request(method, f"{url}/{resource}", allow_redirects=False, **sent) as response:
                status, body = response.status, await response.read()
        except TimeoutError:
            raise ScrapydError(f"{where} did not answer within {TIMEOUT_SECONDS:.0f} s") from None
        except (aiohttp.ClientError, OSError) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise ScrapydError(f"{where} cannot be reached: {reason}") from None
        if status == 401:
            raise ScrapydError(f"{where} rejects SCRAPYD_USERNAME and SCRAPYD_PASSWORD, or requires them")
        try:
            answer = json.loads(body)
            if answer["status"] == "ok":
                return dict(answer)
            said = str(answer["message"])
        except (ValueError, KeyError, TypeError):
            raise ScrapydError(
                f"{where} answered with status {status}, not with Scrapyd's JSON: is SCRAPYD_URL right?"
            ) from None
        lines = [
            line.strip() for line in said.splitlines() if line.strip()
        ]  # the last line of a traceback has the error
        raise ScrapydError(f"{where} says: {lines[-1][:300] if lines else 'error'}")
