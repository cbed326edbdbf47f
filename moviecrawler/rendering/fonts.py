"""The fonts of the title backdrop: which face draws a character. Files are opened only when needed."""

import functools
import logging
import re
import threading
import weakref
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from PIL import ImageFont, features

from moviecrawler.exceptions import ConfigurationError
from moviecrawler.rendering.cmap import Coverage, read_coverage

logger = logging.getLogger(__name__)

# The faces of a Noto Sans CJK collection, in the order of every release. They differ in the shapes of the same
# characters; the language decides.
_CJK_FACES: Final = ("JP", "KR", "SC", "TC", "HK")

# System fonts with a wide coverage, used last.
_SYSTEM_FONTS: Final = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf",
    "/usr/share/fonts/TTF/DejaVuSans-Bold.ttf",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    "/Library/Fonts/Arial Unicode.ttf",
    "C:/Windows/Fonts/segoeuib.ttf",
    "C:/Windows/Fonts/msyhbd.ttc",
    "C:/Windows/Fonts/seguisym.ttf",
)

# Fonts kept open per thread: one picture needs up to ten sizes, and a CJK face takes about 3 MB each.
_MAX_OPEN: Final = 16


class Face:
    """One face of a font file. The file is read, and unpacked if it is in a zip, when it is first needed."""

    def __init__(self, file: Traversable, index: int, unpacked: ExitStack) -> None:
        self._file = file
        self._unpacked = unpacked
        self.index = index

    def __repr__(self) -> str:
        return f"Face({self._file.name}, {self.index})"

    @functools.cached_property
    def path(self) -> str:
        return str(self._unpacked.enter_context(as_file(self._file)))

    def read_coverage(self) -> Coverage:
        with open(self.path, "rb") as file:
            return read_coverage(file, self.index)

    @functools.cached_property
    def coverage(self) -> Coverage:
        """The characters of the face; none if the file cannot be read, so that the next face of the chain is used."""
        try:
            return self.read_coverage()
        except (OSError, ValueError) as error:
            logger.debug("font %s ignored: %s", self.path, error)
            return Coverage(())


class Fonts:
    """A chain of fonts: the user's, Noto Sans and its scripts, Noto Sans CJK, symbols, the system's.

    ``user``: the paths in OVERLAY_FONTS; a missing or unusable file raises ``ConfigurationError``.
    ``raqm``: False disables it, as on a machine without libfribidi; ``shaping``: whether raqm is in use.
    One instance can be used by all threads.
    """

    def __init__(self, user: Sequence[str | Path] = (), *, raqm: bool = True) -> None:
        self.shaping = raqm and bool(features.check("raqm"))
        self._local = threading.local()
        self._warned: set[str] = set()
        self._chains: dict[str, list[Face]] = {}
        unpacked = ExitStack()
        weakref.finalize(self, unpacked.close)
        self._user = [_user_face(Path(path), unpacked) for path in user]
        noto = [Face(file, 0, unpacked) for file in _package_fonts("manimgx_fonts") if "Italic" not in file.name]
        self._scripts = [face for face in noto if not _is_symbols(face)]
        self._symbols = [face for face in noto if _is_symbols(face)]
        self._cjk = [
            [Face(file, index, unpacked) for index in range(len(_CJK_FACES))]
            for file in _package_fonts("manimgx_fonts_cjk")
        ]
        self._system = [Face(path, 0, unpacked) for path in map(Path, _SYSTEM_FONTS) if path.is_file()]
        if not self.chain("en"):
            raise ConfigurationError("OVERLAY_FONTS='': no font found; install manimgx-fonts or name a font file")

    def chain(self, language: str) -> list[Face]:
        """All faces, in the order of preference for a text in ``language`` (BCP 47)."""
        if language not in self._chains:
            cjk = [faces[_CJK_FACES.index(cjk_region(language))] for faces in self._cjk]
            self._chains[language] = [*self._user, *self._scripts, *cjk, *self._symbols, *self._system]
        return self._chains[language]

    def find(self, character: str, language: str) -> Face | None:
        """The first face of the chain that has the character; None if no face has it."""
        return next((face for face in self.chain(language) if character in face.coverage), None)

    def open(self, face: Face, size: int, weight: int) -> ImageFont.FreeTypeFont:
        """The face at ``size`` pixels and ``weight`` 100-900; one per thread, as FreeType faces must not be shared."""
        opened: OrderedDict[tuple[Face, int, int], ImageFont.FreeTypeFont]
        opened = self._local.__dict__.setdefault("opened", OrderedDict())
        key = (face, size, weight)
        if key not in opened:
            opened[key] = _open(face, size, weight, self.shaping)
            if len(opened) > _MAX_OPEN:
                opened.popitem(last=False)
        opened.move_to_end(key)
        return opened[key]

    def warn_once(self, topic: str, message: str) -> None:
        """Log a warning, unless there was one on this topic: thousands of titles may have the same problem."""
        if topic not in self._warned:
            self._warned.add(topic)
            logger.warning("%s", message)


def cjk_region(language: str) -> str:
    """The region whose CJK shapes a language tag needs; TMDB writes "cn" for Cantonese.

    >>> [cjk_region(tag) for tag in ("ja", "ko-KR", "zh-CN", "zh-TW", "zh-Hant", "zh-HK", "cn", "en")]
    ['JP', 'KR', 'SC', 'TC', 'TC', 'HK', 'HK', 'SC']
    """
    tag = language.lower().replace("_", "-")
    patterns = {"JP": r"ja\b", "KR": r"ko\b", "HK": r"(cn|yue)\b|zh.*-(hk|mo)\b", "TC": r"zh.*-(tw|hant)\b"}
    return next((face for face, pattern in patterns.items() if re.match(pattern, tag)), "SC")


def _user_face(path: Path, unpacked: ExitStack) -> Face:
    face = Face(path, 0, unpacked)
    try:
        if not path.is_file():
            raise ConfigurationError(f"OVERLAY_FONTS: {str(path)!r} does not exist")
        _open(face, 20, 400, False).getlength("a")
        face.read_coverage()
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"OVERLAY_FONTS: {str(path)!r} cannot be used: {error}") from error
    return face


def _package_fonts(package: str) -> Iterator[Traversable]:
    """The font files of an installed package, Noto Sans itself first; none if the package is not installed."""
    try:
        found = [file for file in files(package).iterdir() if file.name.endswith((".ttf", ".otf", ".ttc"))]
    except ModuleNotFoundError:
        return
    yield from sorted(found, key=lambda file: (not file.name.startswith("NotoSans["), file.name))


def _is_symbols(face: Face) -> bool:
    return "Symbols" in repr(face) or "Emoji" in repr(face)


def _open(face: Face, size: int, weight: int, shaping: bool) -> ImageFont.FreeTypeFont:
    engine = ImageFont.Layout.RAQM if shaping else ImageFont.Layout.BASIC
    font = ImageFont.truetype(face.path, size, index=face.index, layout_engine=engine)
    try:
        axes = font.get_variation_axes()
    except OSError:  # not a variable font
        return font
    font.set_variation_by_axes([_axis_value(axis, weight) for axis in axes])
    return font


def _axis_value(axis: ImageFont.Axis, weight: int) -> float:
    if axis["name"] != b"Weight":
        return axis["default"] or 0
    return min(max(weight, axis["minimum"] or 0), axis["maximum"] or 1000)
