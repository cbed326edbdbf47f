"""The healthy store of the checks, in which there is little to clean up."""

from tests.health.conftest import healthy

__all__ = ["healthy"]
