"""A site of one function, for answers that the sandbox does not give."""

import io
import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

from PIL import Image


class Asked(NamedTuple):
    """One request; of a parameter that comes twice the last value counts."""

    path: str
    query: dict[str, str]
    headers: Mapping[str, str]


class Answer(NamedTuple):
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = {"Content-Type": "application/json;charset=utf-8"}


def json_answer(payload: Any, status: int = 200) -> Answer:
    return Answer(json.dumps(payload).encode(), status)


def listing(ids: range, page: int, pages: int) -> Answer:
    """A page of ``/discover/movie`` with films that a filter of no votes lets through."""
    rows = [{"id": id, "title": f"Film {id}", "release_date": "2024-05-01", "vote_count": 500} for id in ids]
    return json_answer({"page": page, "results": rows, "total_pages": pages, "total_results": pages * len(ids)})


def film(id: int, **fields: Any) -> Answer:
    return json_answer({"id": id, "title": f"Film {id}", "runtime": 90, "vote_count": 500, "vote_average": 7, **fields})


def picture(width: int, height: int, *, noise: bool = False) -> Answer:
    """A JPEG; one with ``noise`` is as large as they get."""
    plain, noisy = Image.new("L", (width, height), 90), Image.effect_noise((width, height), 120)
    file = io.BytesIO()
    Image.merge("RGB", [noisy if noise else plain, plain, plain]).save(file, "JPEG", quality=95, subsampling=0)
    return Answer(file.getvalue(), 200, {"Content-Type": "image/jpeg"})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # of the usual 5 a busy machine turns some away, and they come again a whole second later


class Site:
    """Context manager: a server on a free port that answers each request with ``answer(asked)``."""

    def __init__(self, answer: Callable[[Asked], Answer]) -> None:
        self.asked: list[Asked] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
                asked.append(Asked(parts.path, query, dict(self.headers)))
                body, status, headers = answer(asked[-1])
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.env = {
            "TMDB_BASE_URL": f"{self.url}/3",
            "TMDB_IMAGE_BASE_URLS": f"{self.url}/t/p",
            "TMDB_ACCESS_TOKEN": "any",
        }

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
