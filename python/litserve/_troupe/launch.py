"""`python server.py`: this process becomes the program `troupe`."""

import os
import shutil
import sys

from ..errors import Refused
from . import mode


def become_troupe() -> None:
    """Replaces this process by `troupe serve FILE`, with this interpreter and
    the file's own arguments. Raises Refused."""
    path = mode.file_of_main()
    if path is None or not os.path.isfile(path):
        raise Refused("LitServer.run: the server runs the file again in each "
                      "worker, so it needs a file: python server.py, not "
                      "python -m, python -c or a notebook")
    program = os.environ.get("TROUPE") or shutil.which("troupe")
    if not program:
        raise Refused("LitServer.run: there is no program troupe in PATH; "
                      "install it, or set the variable TROUPE to its file")
    command = [program, "serve", os.path.abspath(path), "--python",
               sys.executable]
    if sys.argv[1:]:
        command += ["--", *sys.argv[1:]]
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execv(program, command)
    except OSError as error:
        raise Refused(f"LitServer.run: {program} cannot be run: "
                      f"{error.strerror}") from None
