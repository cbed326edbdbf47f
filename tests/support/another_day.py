"""A plugin of pytest: as if everything happened ANOTHER_DAY days later, for time.time() and datetime.now()."""

import datetime
import os
import time

_LATER = datetime.timedelta(days=int(os.environ["ANOTHER_DAY"]))
_now = time.time
_datetime = datetime.datetime


class _Later(_datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> "_datetime":  # type: ignore[override]  # a plain one will do
        return _datetime.now(tz) + _LATER


time.time = lambda: _now() + _LATER.total_seconds()
datetime.datetime = _Later  # type: ignore[misc]  # that is what this plugin is for
