"""usage: python3 -m conformance [--start FILE] [--only NAME] COMMAND...

Runs the conformance test of the worker protocol against the worker that
COMMAND starts. It asks the built-in models echo, stream, sleep and fault; FILE
is a JSON object that says for each of these names what to send in `start`, e.g.

    {"echo": {"model_type": "python", "path": "models.py",
              "settings": {"class": "Echo"}}, ...}

`directory` is the folder of FILE unless it is given. Without FILE `start` has
the name as `model_type`. Exit code 1 when a check fails, 2 for a wrong usage.
"""

import json
import os
import sys
from typing import Any, Dict, List

from . import checks, frame_checks
from .expect import CHECKS, Start


# Importing them adds their checks.
ALL = (checks, frame_checks)


def read_models(path: str) -> Dict[str, Any]:
    """Returns what to send in `start` for each model."""
    models: Dict[str, Any] = {x: {"model_type": x}
                              for x in ("echo", "stream", "sleep", "fault")}
    if path:
        folder = os.path.dirname(os.path.abspath(path))
        with open(path, encoding="utf-8") as file:
            given = json.load(file)
        models.update({name: {"directory": folder, **members}
                       for name, members in given.items()})
    return models


def main(arguments: List[str]) -> int:
    """Runs the checks; returns the exit code."""
    options = {"--start": "", "--only": ""}
    while arguments and arguments[0].startswith("--"):
        name = arguments.pop(0)
        if name not in options or not arguments:
            print(__doc__.strip(), file=sys.stderr)
            return 2
        options[name] = arguments.pop(0)
    if not arguments:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    start = Start(arguments, read_models(options["--start"]))
    failed = ran = 0
    for check in CHECKS:
        if options["--only"] not in check.__name__:
            continue
        ran += 1
        what = (check.__doc__ or check.__name__).strip()
        try:
            check(start)
        except Exception as error:
            failed += 1
            print(f"FAILED  {what} ({check.__name__})\n"
                  f"        {type(error).__name__}: {error}", flush=True)
        else:
            print(f"ok      {what}", flush=True)
    print(f"{ran - failed} of {ran} checks passed")
    return 1 if failed or not ran else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
