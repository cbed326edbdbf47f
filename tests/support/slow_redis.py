"""A Redis that answers late: a process between a client and its server, which holds back each answer.

``python -m tests.support.slow_redis PORT SECONDS`` prints the port of its own.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.support.redis_server import RedisServer
from tests.support.sandbox import ROOT


@contextmanager
def slow_redis(server: RedisServer, seconds: float) -> Iterator[str]:
    """REDIS_URL of the same server, whose answers come ``seconds`` late."""
    command = [sys.executable, "-m", __name__, str(server.port), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert process.stdout is not None
    try:
        yield f"redis://127.0.0.1:{int(process.stdout.readline())}/0"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


async def serve(port: int, seconds: float) -> None:
    async def connected(client_reader: asyncio.StreamReader, client_writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", port)
        with suppress(ConnectionError):
            await asyncio.gather(
                forward(client_reader, server_writer, 0), forward(server_reader, client_writer, seconds)
            )

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, late: float) -> None:
        loop = asyncio.get_running_loop()
        while data := await reader.read(65_536):
            loop.call_later(late, writer.write, data)  # timers of one delay keep their order
        loop.call_later(late, writer.close)

    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
