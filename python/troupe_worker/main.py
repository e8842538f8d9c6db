"""Runs one worker: takes `start`, sets the model up, serves, stops."""

import atexit
import os
import signal
import sys
from typing import Any, Dict, Mapping, Type

from . import loading
from .calls import Channel
from .errors import FATAL, WorkerFatal, text_of
from .hooks import Hooks, ModelError
from .loops.base import Loop
from .transport import Connection, ProtocolError, connect, leave

PROTOCOL = 1


def make_loop(hooks: Hooks, channel: Channel, pure: bool) -> Loop:
    """Returns the loop for the model's form. A model may put something of its
    own around it: `troupe_loop(kind)` returns the class to take."""
    kind = loop_class(hooks.loop)
    around = getattr(hooks.model, "troupe_loop", None)
    if around is not None:
        kind = around(kind)
    return kind(hooks, channel, pure)


def loop_class(name: str) -> Type[Loop]:
    """Returns the class of a loop."""
    if name == "async":  # asyncio takes long to import
        from .loops.asynchronous import AsyncLoop

        return AsyncLoop
    if name == "continuous":
        from .loops.continuous import ContinuousLoop

        return ContinuousLoop
    if name == "batched_streaming":
        from .loops.batched_streaming import BatchedStreamingLoop

        return BatchedStreamingLoop
    from .loops.batched import BatchedLoop
    from .loops.single import SingleLoop, StreamingLoop

    return {"single": SingleLoop, "streaming": StreamingLoop,
            "batched": BatchedLoop}[name]


def set_up(channel: Channel, start: Mapping[str, Any]) -> Loop:
    """Loads the model, and calls `setup` and `warmup`."""
    model = loading.load(start)
    device = start.get("device") or "cpu"
    hooks = Hooks(model, start.get("batch_max_size") or 1)
    loop = make_loop(hooks, channel, bool(start.get("pure")))
    run = getattr(loop, "run_hook", None) \
        or (lambda hook, *arguments: hook.function(*arguments))
    try:
        if not hasattr(model, "device"):
            model.device = device
    except AttributeError:  # a class with __slots__
        pass
    setup = hooks.get("setup")
    if setup is not None:
        run(setup, *([device] if setup.arguments else []))
    warmup = hooks.get("warmup")
    if warmup is not None:
        run(warmup)
    return loop


def hello(loop: Loop) -> Dict[str, Any]:
    """Returns the frame that says that the model is ready."""
    hooks = loop.hooks
    return {"type": "hello", "protocol": PROTOCOL, "loop": hooks.loop,
            "capacity": loop.capacity(), "batched": loop.batched,
            "has_health": hooks.get("health") is not None,
            "schema": hooks.schema()}


def serve(connection: Connection) -> None:
    """Speaks the protocol until `stop`; does not return."""
    frame = connection.receive(True)
    assert frame is not None
    start = frame.header
    if start.get("type") != "start":
        raise ProtocolError("the first frame is not start")
    if start.get("protocol") != PROTOCOL:
        fatal(connection, f"the server speaks version {start.get('protocol')} "
              f"of the worker protocol, this worker version {PROTOCOL}")
    channel = Channel(connection, start.get("worker") or 0,
                      start.get("device") or "cpu")
    try:
        loop = set_up(channel, start)
        connection.send(hello(loop))
    except ModelError as error:
        fatal(connection, str(error))
    except BaseException as error:
        fatal(connection, text_of(error))
    try:
        loop.serve()
    except WorkerFatal as error:
        fatal(connection, str(error) or "the model cannot work any more")
    except FATAL as error:
        fatal(connection, f"{type(error).__name__} in the model\n"
              + text_of(error))
    finish()


def fatal(connection: Connection, text: str) -> None:
    """Says why there is no worker any more, and ends it."""
    connection.send({"type": "fatal", "text": text})
    leave(1)


def finish() -> None:
    """Ends the process in good order: with what the model registered for the
    end, but without waiting for threads that it left running."""
    run = getattr(atexit, "_run_exitfuncs", None)
    if run is not None:
        try:
            run()
        except BaseException:
            sys.excepthook(*sys.exc_info())
    leave(0)


def prepare_process() -> None:
    """Lets the server decide when the worker ends, and shows what is printed
    line by line.

    Ctrl-C in a terminal goes to the whole group of processes. A handler that
    does nothing, unlike SIG_IGN, is not inherited by programs that the model
    starts; and a fork without exec gets the defaults back.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _ignore)
    os.register_at_fork(after_in_child=_default_signals)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(line_buffering=True)


def _ignore(number: int, frame: Any) -> None:
    """Does nothing."""


def _default_signals() -> None:
    for number, handler in ((signal.SIGINT, signal.default_int_handler),
                            (signal.SIGTERM, signal.SIG_DFL)):
        if signal.getsignal(number) is _ignore:
            signal.signal(number, handler)


def main() -> None:
    """The program."""
    prepare_process()
    connection = connect()
    try:
        serve(connection)
    except ProtocolError as error:
        print(f"troupe_worker: the server broke the protocol: {error}",
              file=sys.stderr)
    except BaseException as error:
        print(f"troupe_worker: {text_of(error)}", file=sys.stderr)
    leave(1)
