"""`python3 DIR`, where DIR is this folder or a zip of it: runs the worker, with
nothing of the current folder on the module path."""

import sys

if sys.version_info < (3, 9):
    sys.exit("a Python model needs CPython 3.9 or later, this is "
             + sys.version.split()[0])

from troupe_worker.main import main  # noqa: E402

main()
