"""``python -m moviecrawler.sandbox``."""

import sys

from moviecrawler.sandbox.cli import main

sys.exit(main(sys.argv[1:]))
