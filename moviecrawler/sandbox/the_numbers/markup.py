"""The frame of The Numbers' pages, and the site's formats of money, dates and links."""

from __future__ import annotations

import datetime as dt
from html import escape

from aiohttp import web

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November"),
    "December",
)
NBSP = "\u00a0"

# As on the site: a comment names another encoding first, and the document ends before its content.
_FRAME = """\
<!DOCTYPE html>
<html>
<head>
<!--<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1" >-->
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" >
<title>{title} - The Numbers (sandbox)</title>
</head>
<body>
<div id="wrap">
<div id="nav"><ul>
<li><a href="/weekend-box-office-chart">Weekend Chart</a></li>
<li><a href="/movie/budgets/all">Budgets</a></li>
</ul></div>
</div>
</body>
</html>
<div id="main">
{content}
</div>
"""


def page(title: str, content: str, status: int = 200) -> web.Response:
    """A complete page in UTF-8; as on the site, the header does not name the encoding."""
    body = _FRAME.format(title=escape(title), content=content).encode()
    return web.Response(status=status, body=body, headers={"Content-Type": "text/html"})


def money(amount: int) -> str:
    """The amount in dollars, with commas."""
    return f"${amount:,}"


def long_date(day: dt.date) -> str:
    """``May 1, 2026``."""
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


def short_date(day: dt.date) -> str:
    """``May 1, 2026``, ``Apr 23, 2019``."""
    return f"{MONTHS[day.month - 1][:3]} {day.day}, {day.year}"


def path_of(name: str) -> str:
    """The last path segment of a link to a distributor, genre or the like.

    >>> path_of("Lantern Bros."), path_of("PG-13")
    ('Lantern-Bros', 'PG-13')
    """
    return "-".join("".join(letter for letter in name if letter.isalnum() or letter in " -").split())


def link(section: str, name: str) -> str:
    """A link to ``/section/Name``; "" without a name."""
    return f'<a href="/{section}/{path_of(name)}">{escape(name)}</a>' if name else ""
