"""`python3 DIR`, where DIR is this folder or a zip of it: runs the worker, with
nothing of the current folder on the module path. With `plan FILE ARGUMENTS...`
says what a file for LitServe wants to be served."""

import os
import sys

if sys.version_info < (3, 9):
    sys.exit("a Python model needs CPython 3.9 or later, this is "
             + sys.version.split()[0])

# The archive is an inherited descriptor. By this name processes that the model
# spawns find it, too, as long as this one lives.
sys.path[0] = sys.path[0].replace("/proc/self/", f"/proc/{os.getpid()}/")

if sys.argv[1:2] == ["plan"]:
    from litserve._troupe.plan import main as plan

    plan(sys.argv[2], sys.argv[3:])
else:
    from troupe_worker.main import main

    main()
