"""The worker as an archive that an interpreter runs; see troupe_worker."""

from troupe_worker.main import main

main()
