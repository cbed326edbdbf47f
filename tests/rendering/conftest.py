"""Generated pictures: these tests need neither files nor the network."""

import random
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image, features

from moviecrawler.rendering.fonts import Fonts

Encode = Callable[..., bytes]

# Pillow brings raqm along, but not libfribidi, which raqm needs: a machine without it is supported, and shows titles in
# Indic scripts in another one. What is so there is tested everywhere (the fixture below without raqm).
needs_raqm = pytest.mark.skipif(not features.check("raqm"), reason="libfribidi is not installed")


def photo(width: int, height: int, seed: int = 0) -> Image.Image:
    """Soft coloured clouds: it compresses, scales and compares like a photograph."""
    small = (max(2, width // 40), max(2, height // 40))
    pixels = random.Random(seed).randbytes(small[0] * small[1] * 3)
    return Image.frombytes("RGB", small, pixels).resize((width, height), Image.Resampling.BICUBIC)


@pytest.fixture
def encode() -> Encode:
    def encode(image: Image.Image, format: str = "JPEG", **options: object) -> bytes:
        buffer = BytesIO()
        image.save(buffer, format, **options)
        return buffer.getvalue()

    return encode


@pytest.fixture(scope="session")
def fonts() -> Fonts:
    return Fonts()


@pytest.fixture(scope="session")
def plain_fonts() -> Fonts:
    """As on a machine without libfribidi."""
    return Fonts(raqm=False)
