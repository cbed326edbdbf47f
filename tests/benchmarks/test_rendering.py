"""Pictures a second on one core, beside the naive way (whole decode, then LANCZOS) measured in the same run."""

import asyncio
import random
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from moviecrawler.rendering.decode import decode
from moviecrawler.rendering.encode import Quality, save
from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.sizes import minimum_size, resize
from moviecrawler.rendering.title_backdrop import Caption, render_title_backdrop

pytestmark = pytest.mark.benchmark


def still(width: int, height: int) -> bytes:
    """A film still as JPEG: soft shapes under grain."""
    dice = random.Random(7)
    shapes = Image.frombytes("RGB", (48, 27), dice.randbytes(48 * 27 * 3)).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    grain = Image.frombytes("RGB", (512, 512), dice.randbytes(512 * 512 * 3)).resize((width, height))
    buffer = BytesIO()
    Image.blend(shapes, grain, 0.06).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def milliseconds(*functions: Callable[[], object]) -> list[float]:
    """Median processor time of a call of each, in rounds of eight calls in a row, as a crawl makes them.

    Processor time, because other work on the machine hardly shows in it; in a row, because memory that the allocator
    has given back (which the naive way does, with 33 MB a picture) costs the next caller.
    """
    taken: list[list[float]] = [[] for _ in functions]
    for _ in range(3):
        for function, times in zip(functions, taken, strict=True):
            function()
            for _ in range(8):
                start = time.process_time()
                function()
                times.append((time.process_time() - start) * 1000)
    return [statistics.median(times) for times in taken]


@pytest.mark.parametrize(("source", "size"), [((3840, 2160), "w1280"), ((2000, 3000), "w500")])
def test_resizing_is_two_and_a_half_times_as_fast_as_the_naive_way(source: tuple[int, int], size: str) -> None:
    body = still(*source)

    def naive() -> Image.Image:
        with Image.open(BytesIO(body)) as image:
            width = int(size[1:])
            return image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)

    def ours() -> Image.Image:
        return resize(decode(body, minimum_size(size)), size)

    assert ours().size == naive().size
    slow, fast = milliseconds(naive, ours)
    print(f"\n{source[0]}x{source[1]} -> {size}: {fast:.0f} ms, naive {slow:.0f} ms: {slow / fast:.1f}x")
    assert slow / fast >= 2.5


def test_a_title_backdrop_from_a_4k_still(tmp_path: Path) -> None:
    body = still(3840, 2160)
    fonts = Fonts()
    captions = [
        Caption("The Extraordinary Journey Beyond the Last Horizon", None, 8.4, 2024, 148, ("Adventure",)),
        Caption("臥虎藏龍", "Crouching Tiger, Hidden Dragon", 7.9, 2000, 120, ("Action",), "zh-TW"),
        Caption("رحلة إلى آخر الدنيا", "The Journey", 7.3, 2019, 107, ("Drama",), "ar"),
    ]
    start = time.process_time()
    pictures = [render_title_backdrop(body, caption, fonts=fonts).image for caption in captions]
    cold = (time.process_time() - start) * 1000 / len(captions)
    decoding, *rendering, saving = milliseconds(
        lambda: decode(body, (1920, 1080)),
        *(lambda caption=caption: render_title_backdrop(body, caption, fonts=fonts) for caption in captions),
        lambda: save(pictures[0], tmp_path / "a.jpg", Quality("medium", 10)),
    )
    print(
        f"\ntitle backdrop: {', '.join(f'{each:.0f}' for each in rendering)} ms (Latin, Chinese, Arabic; "
        f"of these {decoding:.0f} decoding; the first three {cold:.0f} each) + {saving:.0f} ms to save"
    )
    assert max(rendering) / decoding < 6


async def test_the_event_loop_goes_on_while_pictures_are_made(tmp_path: Path) -> None:
    """Beside the same work on the loop itself. In a thread: C code without the GIL, saved to a real file."""
    body, fonts = still(3840, 2160), Fonts()
    caption = Caption("The Extraordinary Journey", None, 8.4, 2024, 148, ("Adventure",))

    def work(name: str) -> None:
        save(render_title_backdrop(body, caption, fonts=fonts).image, tmp_path / f"{name}.jpg", Quality("medium", 10))

    async def lag(pictures: asyncio.Future[object]) -> float:
        worst = 0.0
        while not pictures.done():
            start = time.perf_counter()
            await asyncio.sleep(0.001)
            worst = max(worst, time.perf_counter() - start - 0.001)
        await pictures
        return worst * 1000

    async def on_the_loop() -> None:
        for number in range(4):
            work(f"loop{number}")
            await asyncio.sleep(0)

    work("warm")
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as pool:
        threaded = await lag(
            asyncio.gather(*(loop.run_in_executor(pool, work, f"pool{number}") for number in range(4)))
        )
    direct = await lag(asyncio.ensure_future(on_the_loop()))
    print(f"\nlongest pause of the event loop: {threaded:.0f} ms in a thread, {direct:.0f} ms on the loop")
    assert threaded < direct / 2
