"""Which settings a file takes out of the settings, by its code."""

import ast
import re


def settings_read(code: str) -> re.Pattern[str]:
    """Fits the names of the settings that this code takes out of a mapping called ``settings``.

    What stands in a docstring or a message is none of them, nor is the name that ``within`` is told for its message.

    >>> fits = settings_read('settings[f"{source}_RATE"], within("TMDB_BURST", 4, 1), error("no LANGUAGES")').fullmatch
    >>> [bool(fits(name)) for name in ("TMDB_RATE", "TMDB_BURST", "LANGUAGES")]
    [True, False, False]
    """
    tree = ast.parse(code)
    told = {
        id(node.args[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "within" and node.args
    }
    found = [r"(?!)"]
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            found += [node.value] if re.fullmatch("[A-Z][A-Z_]+", node.value) else []
        elif isinstance(node, ast.JoinedStr):
            parts = [str(part.value) if isinstance(part, ast.Constant) else "[A-Z_]+" for part in node.values]
            found += ["".join(parts)] if re.fullmatch(r"[A-Z_]{3,}", "".join(parts).replace("[A-Z_]+", "")) else []
    has_settings = any(
        isinstance(node, ast.Name | ast.arg | ast.Attribute) and _last_name(node) == "settings"
        for node in ast.walk(tree)
    )
    return re.compile("|".join(found) if has_settings else "(?!)")


def _last_name(node: ast.Name | ast.arg | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.arg if isinstance(node, ast.arg) else node.attr
