"""What a model that streams a batch may yield instead of an item."""


class _Mark:
    """A value that is only itself."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


# The member's stream ends here.
DONE = _Mark("DONE")
# There is nothing for the member in this step.
SKIP = _Mark("SKIP")
