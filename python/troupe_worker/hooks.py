"""The hooks of a user's model: which there are, and what they take."""

import inspect
from typing import Any, Callable, Dict, Optional

from .request import Request

_NAMES = ("setup", "warmup", "health", "authorize", "decode_request", "batch",
          "unbatch", "batch_key", "predict", "encode_response", "admit", "step")
_WITH_CONTEXT = {"authorize", "decode_request", "predict", "encode_response",
                 "admit"}
_SHOWN = {
    "setup": "setup(self, device)", "warmup": "warmup(self)",
    "health": "health(self)", "authorize": "authorize(self, request)",
    "decode_request": "decode_request(self, request)",
    "batch": "batch(self, items)", "unbatch": "unbatch(self, output)",
    "batch_key": "batch_key(self, item)", "predict": "predict(self, x)",
    "encode_response": "encode_response(self, output)",
    "admit": "admit(self, item)", "step": "step(self, sequences)",
}


class ModelError(Exception):
    """The model's class or its options are not right; the text says why."""


class Hook:
    """One hook: what to call, and what it is."""

    __slots__ = ("name", "function", "takes_context", "takes_request",
                 "arguments", "validates", "is_async", "is_generator",
                 "is_async_generator")

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self.name = name
        self.function = function
        inner = inspect.unwrap(function)
        self.is_async = inspect.iscoroutinefunction(inner)
        self.is_generator = inspect.isgeneratorfunction(inner)
        self.is_async_generator = inspect.isasyncgenfunction(inner)
        self.arguments = 0
        self.takes_context = False
        self.takes_request = False
        # A type such as pydantic's that reads the JSON value, if any.
        self.validates: Optional[Callable[[Any], Any]] = None
        self._look_at_parameters()

    def _look_at_parameters(self) -> None:
        try:
            found = inspect.signature(self.function).parameters.values()
        except (TypeError, ValueError):  # written in C
            self.arguments = 1
            return
        for x in found:
            if x.name == "context" and self.name in _WITH_CONTEXT \
                    and x.kind is not x.POSITIONAL_ONLY:
                self.takes_context = True
            elif x.kind is x.VAR_POSITIONAL:
                self.arguments = max(self.arguments, 1)
            elif x.kind in (x.POSITIONAL_ONLY, x.POSITIONAL_OR_KEYWORD):
                if x.default is x.empty:
                    self.arguments += 1
                elif self.arguments == 0 and self.name == "setup":
                    self.arguments = 1
                if self.arguments == 1:
                    self._look_at_annotation(x.annotation)
            elif x.kind is x.KEYWORD_ONLY and x.default is x.empty:
                self.arguments = -1
                return

    def _look_at_annotation(self, annotation: Any) -> None:
        if isinstance(annotation, str):
            name = annotation.strip("'\"").rpartition(".")[2]
            if name == "Request":
                self.takes_request = True
                return
            inner = inspect.unwrap(self.function)
            scope = getattr(inner, "__globals__", {})
            annotation = scope.get(name, annotation)
        if annotation is Request \
                or getattr(annotation, "__name__", "") == "Request":
            self.takes_request = True
        elif isinstance(annotation, type):
            validate = getattr(annotation, "model_validate", None)
            if callable(validate):
                self.validates = validate

    def check(self, expected: int) -> None:
        """Raises ModelError unless the hook can be called with so many
        arguments."""
        if self.arguments != expected:
            context = ", context" if self.name in _WITH_CONTEXT else ""
            shown = _SHOWN[self.name]
            raise ModelError(
                f"{self.name} has parameters that nobody fills; write it as "
                f"def {shown}" + (f" or def {shown[:-1]}{context})"
                                  if context else ""))


class Hooks:
    """What a model has, and which loop it is for."""

    def __init__(self, model: Any, batch_max_size: int) -> None:
        self.model = model
        self.found: Dict[str, Hook] = {}
        # A model with predict may have a method of its own called step.
        lone = hasattr(model, "predict") \
            and hasattr(model, "admit") != hasattr(model, "step")
        for name in _NAMES:
            function = getattr(model, name, None)
            if function is None or lone and name in ("admit", "step"):
                continue
            if not callable(function):
                raise ModelError(f"{name} is the name of a hook; it has to be "
                                 "a method")
            hook = self.found[name] = Hook(name, function)
            none = name in ("warmup", "health") \
                or (name == "setup" and hook.arguments == 0)
            hook.check(0 if none else 1)
        self.loop = self._loop(batch_max_size)
        self._check_async()

    def get(self, name: str) -> Optional[Hook]:
        """Returns a hook, or None."""
        return self.found.get(name)

    def attribute(self, name: str, default: Any) -> Any:
        """Returns an attribute, or what a method of this name returns."""
        value = getattr(self.model, name, default)
        return value() if inspect.isroutine(value) else value

    def schema(self) -> Any:
        """Returns what the model says of itself, or None. Other things of
        this name are the model's own business."""
        value = self.attribute("schema", None)
        return value if isinstance(value, (dict, list)) else None

    def _loop(self, batch_max_size: int) -> str:
        found = self.found
        if ("admit" in found) != ("step" in found):
            raise ModelError("continuous batching needs both admit(self, item) "
                             "and step(self, sequences)")
        if "admit" in found:
            if "predict" in found:
                raise ModelError("the class has predict, and admit and step; "
                                 "which of them? Take the others out")
            self._refuse_batch("continuous batching", batch_max_size)
            return "continuous"
        predict = found.get("predict")
        if predict is None:
            raise ModelError("the class has no predict")
        if predict.is_async or predict.is_async_generator:
            self._refuse_batch("async def predict", batch_max_size)
            return "async"
        if hasattr(type(self.model), "capacity"):
            raise ModelError("capacity is for async def predict and for admit "
                             "and step; a worker of another model has one "
                             "request, or one batch, at a time")
        encode = found.get("encode_response")
        # Only the values that these attributes can have: a model may use the
        # names for something else.
        streams = predict.is_generator \
            or getattr(self.model, "stream", None) is True \
            or (encode is not None and encode.is_generator)
        batched = getattr(self.model, "batched", None)
        if not isinstance(batched, bool):
            batched = batch_max_size > 1 or "batch" in found \
                or "unbatch" in found
        elif not batched and batch_max_size > 1:
            raise ModelError("the class says batched = False, but the config "
                             f"has a batch of {batch_max_size}; take one of "
                             "them out")
        if streams:
            return "batched_streaming" if batched else "streaming"
        return "batched" if batched else "single"

    def _refuse_batch(self, what: str, batch_max_size: int) -> None:
        if batch_max_size > 1:
            raise ModelError(f"{what} takes no batches: take batch.max_size "
                             "out of the config. `capacity` says how many "
                             "requests a worker has open at once")
        for name in ("batch", "unbatch", "batch_key"):
            if name in self.found:
                raise ModelError(f"{what} has no use for {name}; take it out")

    def _check_async(self) -> None:
        for hook in self.found.values():
            if hook.is_async and self.loop != "async":
                raise ModelError(f"{hook.name} is async def, but "
                                 + ("step" if self.loop == "continuous"
                                    else "predict")
                                 + " is not; write both alike")
            if hook.name in ("predict", "encode_response"):
                continue
            if hook.is_generator or hook.is_async_generator:
                raise ModelError(f"{hook.name} must not yield")
        encode = self.found.get("encode_response")
        if encode is not None and encode.is_async_generator \
                and self.loop != "async":
            raise ModelError("encode_response is async, but predict is not; "
                             "write both alike")
        if encode is not None and encode.is_generator \
                and self.loop in ("async", "continuous"):
            raise ModelError("encode_response yields; here it is called for "
                             "each item by itself and has to return")
