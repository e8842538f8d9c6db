"""The `context` of LitServe's hooks: a dict, with more to read."""

from typing import Any, Dict


class Context(Dict[Any, Any]):
    """One for each request. As attributes it has what the worker's context
    has: `headers`, `client`, `cancelled`, `remaining()` and the others."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._inner, name)


def context_of(inner: Any) -> Context:
    """Returns the dict of a request, the same for all of its hooks."""
    found = inner.store.get(Context)
    if found is None:
        found = inner.store[Context] = Context(inner)
    return found  # type: ignore[no-any-return]
