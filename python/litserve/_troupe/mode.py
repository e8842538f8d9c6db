"""What `LitServer.run` is to do in this process."""

from typing import Any, Optional

DIRECT = "direct"  # the user ran the file: becomes the program `troupe`
PLAN = "plan"      # the program asks what to serve
WORKER = "worker"  # a worker wants the live LitServer

current = DIRECT


class Arrived(BaseException):
    """`LitServer.run` was called; the file has done its part.

    No Exception, so that the file does not catch it by accident.
    """

    def __init__(self, server: Any, options: Any) -> None:
        super().__init__("LitServer.run")
        self.server = server
        self.options = options


def file_of_main() -> Optional[str]:
    """Returns the file that was run, or None for what is no file."""
    import sys

    main = sys.modules.get("__main__")
    if main is None or getattr(main, "__spec__", None) is not None:
        return None
    found: Optional[str] = getattr(main, "__file__", None)
    return found
