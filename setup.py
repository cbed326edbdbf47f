"""For Scrapyd's eggs, which know nothing of pyproject.toml. Why each package is here: docs/dependencies.md."""

import re
from pathlib import Path

from setuptools import find_packages, setup

PACKAGE = Path(__file__).with_name("moviecrawler") / "__init__.py"
REQUIREMENTS = Path(__file__).with_name("requirements.txt").read_text(encoding="utf-8").splitlines()

setup(
    name="moviecrawler",
    version=re.search(r'__version__ = "(.+)"', PACKAGE.read_text(encoding="utf-8"))[1],
    description="One complete, fresh, well-illustrated document per film, as a Scrapy project",
    license="MIT",
    python_requires=">=3.11",
    packages=find_packages(include=["moviecrawler", "moviecrawler.*"]),
    package_data={"moviecrawler.distributed": ["lua/*.lua"], "moviecrawler.sandbox": ["*.csv", "pool/*.jpg"]},
    install_requires=[line for line in REQUIREMENTS if line and not line.startswith(("#", "-"))],
    extras_require={
        "fast": ["uvloop~=0.23"],
        "metrics": ["prometheus-client~=0.26"],
        "notify": ["apprise~=2.3"],
        "parquet": ["pyarrow>=26.0"],
        "xlsx": ["xlsxwriter~=3.3"],
        "zstd": ["zstandard~=0.25"],
    },
    entry_points={"scrapy": ["settings = moviecrawler.settings"]},
)
