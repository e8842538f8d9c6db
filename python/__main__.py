"""`python3 DIR`, where DIR is this folder or a zip of it: runs the worker, with
nothing of the current folder on the module path."""

from troupe_worker.main import main

main()
