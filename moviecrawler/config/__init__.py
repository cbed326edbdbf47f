"""The settings of a run as typed values: one group for each subject, validated in one pass.

A new setting is one field of ``groups.py`` (of a source ``sources.py``, of monitors and hooks ``monitoring.py``): name,
type, default, constraint and meaning stand there and nowhere else.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from moviecrawler.config.fields import (
    TOO_LARGE,
    Group,
    WrongValue,
    is_secret,
    may_hold_secret,
    must_be,
    too_large,
    words_of,
)
from moviecrawler.config.groups import (
    CacheConfig,
    DownloadConfig,
    FailoverConfig,
    FilterConfig,
    ImagesConfig,
    LanguageConfig,
    QueueConfig,
    RefreshConfig,
    RetryConfig,
    RunConfig,
    ScrapydConfig,
    StoreConfig,
)
from moviecrawler.config.monitoring import MonitorConfig, NotifyConfig
from moviecrawler.config.source_group import SourceGroup
from moviecrawler.config.sources import SOURCES, SourceGroups
from moviecrawler.exceptions import ConfigurationError

_LONGEST_SHOWN = 200
"""Characters of a wrong value that its line repeats."""


class Config(SourceGroups):
    """All groups; those of the sources are inherited."""

    store: StoreConfig
    queue: QueueConfig
    refresh: RefreshConfig
    language: LanguageConfig
    filter: FilterConfig
    scrapyd: ScrapydConfig
    cache: CacheConfig
    images: ImagesConfig
    failover: FailoverConfig
    download: DownloadConfig
    retry: RetryConfig
    run: RunConfig
    monitor: MonitorConfig
    notify: NotifyConfig

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], folder: Path | None = None) -> Self:
        """From all settings, as text or as values; what is absent has its default.

        ``folder``: what relative paths are relative to (None: the project's). ConfigurationError, one line, for the
        first setting that is wrong.

        >>> Config.from_settings({"TMDB_RATE": "0.5"}).tmdb.rate
        0.5
        """
        given = {
            group: {name: settings[name] for name in _names(model) if name in settings}
            for group, model in GROUPS.items()
        }
        try:
            config = cls.model_validate(given, context=folder or project_folder())
        except ValidationError as error:
            line = _line(error.errors(include_url=False)[0], settings)
        else:
            if not (line := config._first_too_large()):
                return config
        # Raised outside of the except clause: its cause holds the values, and __context__ would keep it.
        raise ConfigurationError(line)

    @property
    def sources(self) -> dict[str, SourceGroup]:
        """Source -> its settings, in the order of the sources."""
        return {name: getattr(self, name) for name in SOURCES}

    def group(self, name: str) -> Group:
        """A group by the name of its field; an AttributeError for another name."""
        group = getattr(self, name)
        assert isinstance(group, Group)
        return group

    def changed(self, settings: Mapping[str, Any]) -> dict[str, str]:
        """The settings of ours that are not as by default, as text; ``settings`` are those that this was made from.

        Of a secret, and of what may hold one, only that it is ``set``.

        >>> settings = {"TMDB_RATE": "8", "TMDB_BURST": "40", "OMDB_API_KEY": "0123abcd"}
        >>> Config.from_settings(settings).changed(settings)
        {'TMDB_RATE': '8', 'OMDB_API_KEY': 'set'}
        """
        usual = Config.from_settings({})
        return {
            field.alias or "": "set" if may_hold_secret(field) else str(settings[field.alias or ""])
            for group, model in GROUPS.items()
            for attribute, field in model.model_fields.items()
            if getattr(self.group(group), attribute) != getattr(usual.group(group), attribute)
        }

    @property
    def images_folder(self) -> Path:
        """IMAGES_STORE; by default ``images`` in DATA_DIR."""
        return self.images.store or self.store.data_dir / "images"

    @model_validator(mode="after")
    def _check_hosts(self) -> Self:
        """No base URL may be in two settings: a request would not know whose it is."""
        owners: dict[str, str] = {}
        for setting, _, bases in (one for source in self.sources.values() for one in source.base_urls_by_setting):
            for base in bases:
                if (owner := owners.setdefault(base, setting)) != setting:
                    must = f"also in {owner}; must be in one of them only"
                    raise WrongValue(must, shown=repr(base.partition("?")[0]), setting=setting)
        return self

    @model_validator(mode="after")
    def _check_keys(self) -> Self:
        """No key may have the shape that only another source's keys have: it would be sent to the wrong site."""
        for name, source in self.sources.items():
            others = [shape for other, group in SOURCES.items() if other != name for shape in group.key_shapes()]
            for setting, key in zip(source.key_settings(), source.keys, strict=True):
                for place, shape in others:
                    if shape.fits(key.get_secret_value()):
                        raise WrongValue(f"looks like {shape.name}, which belongs in {place}", setting=setting)
        return self

    def _first_too_large(self) -> str:
        """The line about a number that is beyond everything that can be meant; empty without one."""
        for group, model in GROUPS.items():
            for attribute, field in model.model_fields.items():
                if too_large(value := getattr(self.group(group), attribute)):
                    return f"{field.alias}={value!r:.{_LONGEST_SHOWN}}: {TOO_LARGE}"
        return ""


def _groups() -> Iterator[tuple[str, type[Group]]]:
    for name, field in Config.model_fields.items():
        assert isinstance(field.annotation, type)
        yield name, field.annotation


GROUPS: dict[str, type[Group]] = dict(_groups())
"""Field of :class:`Config` -> group."""


def _names(model: type[Group]) -> list[str]:
    return [field.alias or "" for field in model.model_fields.values()]


def all_settings() -> dict[str, FieldInfo]:
    """Setting -> its field, in the order of the groups."""
    return {field.alias or "": field for model in GROUPS.values() for field in model.model_fields.values()}


def defaults(given: Mapping[str, str | None]) -> dict[str, str]:
    """All settings of ours as text: what is given (``.env``, the environment), or else the default.

    An empty value counts as not set, except where it means something (CACHE_URI).

    >>> defaults({"TMDB_RATE": "8", "TMDB_BURST": ""})["TMDB_RATE"], defaults({"TMDB_BURST": ""})["TMDB_BURST"]
    ('8', '40')
    """
    found = {}
    for name, field in all_settings().items():
        value = given.get(name)
        is_set = value is not None and (value or words_of(field).may_be_empty)
        found[name] = value if is_set and value is not None else str(field.default)
    return found


def project_folder() -> Path:
    """The nearest folder upwards that contains ``scrapy.cfg``, else the working directory."""
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / "scrapy.cfg").is_file()), here)


def _line(error: ErrorDetails, settings: Mapping[str, Any]) -> str:
    """The line about one wrong setting: its name, its value unless that may be secret, and what it must be."""
    cause = error.get("ctx", {}).get("error")
    wrong = cause if isinstance(cause, WrongValue) else None
    if wrong and wrong.setting:
        name = wrong.setting
    else:
        group, key = map(str, error["loc"][:2])  # a default is named by its field, a value by its setting
        name = next(
            field.alias or ""
            for attribute, field in GROUPS[group].model_fields.items()
            if key in (attribute, field.alias)
        )
    field = all_settings()[name]
    if wrong and wrong.shown is not None:
        shown = wrong.shown
    else:
        shown = "" if is_secret(field) else repr(settings.get(name, field.default))
    if len(shown) > _LONGEST_SHOWN:
        shown = f"{shown[:_LONGEST_SHOWN]}..."
    return f"{name}{shown and '='}{shown}: {must_be(field, error)}"
