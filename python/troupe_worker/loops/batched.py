"""Several requests at once."""

from typing import Any, Callable, List, Optional, Tuple

from ..calls import Call
from ..errors import FATAL, Failure, failure_of
from .base import UNDONE, Loop

Members = List[Tuple[Call, Any]]


class BatchedLoop(Loop):
    """A `predict` that takes a list, or what `batch` makes of one.

    A member that cannot be decoded or encoded fails alone. When `predict`
    raises, the members of a pure model are tried one by one; else all fail. A
    member that nobody waits for is taken out before.
    """

    batched = True

    def process(self, calls: List[Call]) -> None:
        members: Members = []
        for call in calls:
            item = self.decoded(call)
            if item is not UNDONE:
                members.append((call, item))
        for part in self.parts(members):
            self.run(part)

    def parts(self, members: Members) -> List[Members]:
        """Splits a batch by `batch_key`; the order stays."""
        hook = self.hooks.get("batch_key")
        if hook is None:
            return [members]
        keys: List[Any] = []
        parts: List[Members] = []
        for member in members:
            try:
                key = hook.function(member[1])
                if key in keys:
                    parts[keys.index(key)].append(member)
                else:
                    keys.append(key)
                    parts.append([member])
            except FATAL:
                raise
            except BaseException as error:
                member[0].fail(error, in_decode=True)
        return parts

    def run(self, members: Members) -> None:
        """Answers the members of one batch."""
        members = self.wanted(members)
        if not members:
            return
        try:
            self.run_batch(members)
        except FATAL:
            raise
        except BaseException as error:
            self.fail_or_retry(members, error)

    def wanted(self, members: Members) -> Members:
        """Returns who still waits; ends the others."""
        self.channel.pump()
        for call, _ in members:
            if call.left:
                call.leave()
        return [x for x in members if not x[0].ended]

    def fail_or_retry(self, members: Members, error: BaseException) -> None:
        """Fails all members, or tries those one by one of which nothing is
        out."""
        alone = len(members) == 1
        members = self.wanted(members)
        retried: Members = []
        if not alone and self.pure:
            retried = [x for x in members if not x[0].begun]
            members = [x for x in members if x[0].begun]
        if members:
            why = failure_of(error, alone and self.blames_client())
            if why.log and not alone:
                why.log = f"batch of {len(members)} requests: {why.log}"
            for call, _ in members:
                call.fail_with(why)
                # Once in the log is enough.
                why.log = None
        for x in retried:
            self.run([x])

    def call_predict(self, members: Members) -> Any:
        """Calls `batch` and `predict`."""
        batch = self.hooks.get("batch")
        items: Any = [item for _, item in members]
        if batch is not None:
            items = batch.function(items)
        contexts = [call.context for call, _ in members] \
            if self.predict.takes_context else None  # type: ignore[union-attr]
        return self.run_predict(items, contexts)

    def run_batch(self, members: Members) -> None:
        """Calls the hooks, and gives each member its output."""
        outputs = self.call_predict(members)
        unbatch = self.hooks.get("unbatch")
        if unbatch is not None:
            outputs = unbatch.function(outputs)
        results = split(outputs, len(members))
        if results is None:
            mismatch([call for call, _ in members], outputs)
            return
        for (call, _), output in zip(members, results):
            try:
                call.finish(self.encode(call, output))
            except FATAL:
                raise
            except BaseException as error:
                call.fail(error)


def split(outputs: Any, count: int) -> Optional[List[Any]]:
    """Returns the outputs of the members, or None when they are not so many."""
    if isinstance(outputs, (str, bytes, bytearray, dict, set, frozenset)) \
            or not hasattr(outputs, "__iter__"):
        return None
    results = outputs if type(outputs) is list else list(outputs)
    return results if len(results) == count else None


def mismatch(calls: List[Call], outputs: Any) -> None:
    """Fails all: nobody knows whose output is whose."""
    made = f"{len(outputs)} outputs" if hasattr(outputs, "__len__") \
        and not isinstance(outputs, (str, bytes, dict)) \
        else type(outputs).__name__
    log: Optional[str] = (f"predict made {made} of {len(calls)} items; it has "
                          f"to return a list of {len(calls)}")
    for call in calls:
        call.fail_with(Failure(500, "Batch size mismatch", None, log))
        log = None


