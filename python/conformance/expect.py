"""What the checks share: how a worker is started, and what is expected."""

from typing import Any, Callable, Dict, List

from .wire import Frame
from .worker import Worker

CHECKS: List[Callable[["Start"], None]] = []
LOOPS = ("single", "batched", "streaming", "batched_streaming", "continuous",
         "async")


class Start:
    """Starts workers of the models that the test asks."""

    def __init__(self, command: List[str], models: Dict[str, Any]) -> None:
        self.command = command
        self.models = models

    def bare(self) -> Worker:
        """A worker that has got no frame yet."""
        return Worker(self.command)

    def __call__(self, model: str, **members: Any) -> Worker:
        worker = self.bare()
        try:
            hello = worker.start(**{**self.models[model], **members})
            expect(hello.type == "hello", f"expected hello, got {hello}")
        except BaseException:
            worker.__exit__()
            raise
        return worker


def check(function: Callable[[Start], None]) -> Callable[[Start], None]:
    """Adds a check."""
    CHECKS.append(function)
    return function


def expect(truth: bool, what: str) -> None:
    """Raises AssertionError unless it is true."""
    if not truth:
        raise AssertionError(what)


def expect_value(frame: Frame, value: Any) -> None:
    """Expects an answer with this JSON."""
    expect(frame.type == "finish", f"expected finish, got {frame}")
    expect(frame.header.get("status", 200) == 200, f"a status: {frame}")
    expect(frame.value() == value,
           f"expected {value!r:.200}, got {frame.value()!r:.200}")


def expect_failure(frame: Frame, status: int) -> None:
    """Expects a failure of this status."""
    expect(frame.type == "fail", f"expected fail, got {frame}")
    expect(frame.header.get("status", 500) == status,
           f"expected status {status}: {frame}")


def expect_end(worker: Worker, what: str) -> None:
    """Expects that the worker exits."""
    expect(worker.exit_code() is not None, what)
