"""`python -m troupe_worker`: started by a Troupe server."""

from .main import main

main()
