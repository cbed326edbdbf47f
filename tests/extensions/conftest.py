"""The sandbox and the homes of the crawls' tests."""

from tests.crawls.conftest import home, make_home, module_sandbox, sandbox

__all__ = ["home", "make_home", "module_sandbox", "sandbox"]
