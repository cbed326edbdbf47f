"""What a hook that fails raises."""


class HookFailed(Exception):
    """A hook did not take a message: in a few words, without any part of its settings."""
