"""Values with the names of OpenAI's API, without pydantic."""

import json
from typing import Any, Dict, Iterator, Mapping, Tuple


class Record:
    """An object of JSON whose members are attributes. Members that it does not
    know are kept; those that are missing have their defaults."""

    DEFAULTS: Mapping[str, Any] = {}
    # Members that are records, or lists of them.
    NESTED: Mapping[str, Any] = {}

    def __init__(self, **members: Any) -> None:
        for name, value in self.DEFAULTS.items():
            setattr(self, name, value)
        self._given = set(members)
        for name, value in members.items():
            kind = self.NESTED.get(name)
            if kind is not None:
                if isinstance(value, list):
                    value = [_made(kind, x) for x in value]
                else:
                    value = _made(kind, value)
            setattr(self, name, value)

    @classmethod
    def model_validate(cls, value: Any) -> Any:
        """Makes one of a JSON value. Raises ValidationError."""
        from troupe_worker import ValidationError

        if isinstance(value, cls):
            return value
        if not isinstance(value, dict):
            raise ValidationError("expected an object")
        return cls(**{str(k): v for k, v in value.items() if k != "self"})

    def _members(self) -> Iterator[Tuple[str, Any]]:
        for name, value in vars(self).items():
            if not name.startswith("_"):
                yield name, value

    def model_dump(self, exclude_none: bool = False, exclude_unset: bool = False,
                   **_: Any) -> Dict[str, Any]:
        """Returns the members as JSON has them."""
        return {name: _plain(value, exclude_none)
                for name, value in self._members()
                if not (exclude_none and value is None)
                and not (exclude_unset and name not in self._given)}

    dict = model_dump

    def model_dump_json(self, **options: Any) -> str:
        """Returns the JSON text."""
        return json.dumps(self.model_dump(**options))

    def model_copy(self, update: Any = None, **_: Any) -> Any:
        """Returns a copy, with some members changed."""
        return type(self)(**{**dict(self._members()), **(update or {})})

    copy = model_copy

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) \
            and dict(self._members()) == dict(other._members())  # type: ignore

    def __repr__(self) -> str:
        inner = ", ".join(f"{k}={v!r}" for k, v in self._members())
        return f"{type(self).__name__}({inner})"


def _made(kind: Any, value: Any) -> Any:
    return kind(**value) if isinstance(value, dict) else value


def _plain(value: Any, exclude_none: bool) -> Any:
    if isinstance(value, Record):
        return value.model_dump(exclude_none)
    if isinstance(value, (list, tuple)):
        return [_plain(x, exclude_none) for x in value]
    if isinstance(value, dict):
        return {k: _plain(x, exclude_none) for k, x in value.items()}
    return value


def plain(value: Any) -> Any:
    """Returns a record, a model of pydantic's or a value as JSON has it,
    without members that are null."""
    if isinstance(value, Record):
        return value.model_dump(exclude_none=True)
    dump = getattr(value, "model_dump", None) or getattr(value, "dict", None)
    if callable(dump) and not isinstance(value, type):
        return {k: v for k, v in dump().items() if v is not None}
    return value
