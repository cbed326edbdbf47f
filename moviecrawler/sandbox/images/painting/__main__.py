"""``python -m moviecrawler.sandbox.images.painting FOLDER``: draw the pool anew, as JPEG files without grain."""

import sys
from pathlib import Path

from moviecrawler.sandbox.images.painting import POOL, SHAPES, draw

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for shape in SHAPES:
    for number in range(POOL):
        draw(shape, number).save(folder / f"{shape}-{number:02}.jpg", quality=90, progressive=True, optimize=True)
