"""usage: run_client_test.py [--chromium] CLIENTS SCRIPT PROGRAM [ARGUMENT...]

Runs a client of other people against a server of ours: starts `PROGRAM
ARGUMENT... 0`, which has to log its port, then `node --test SCRIPT` with the
server's address in TROUPE_URL and the folder CLIENTS, where
scripts/get-clients.sh installed the packages, in TROUPE_CLIENTS. Fails when the
packages are missing, when the script fails or runs no test, and when the server
does not end cleanly. The script also gets the server's admin key in
TROUPE_ADMIN_KEY and PROGRAM in TROUPE_PROGRAM.

With `--chromium` the script gets the path of Debian's browser in TROUPE_CHROMIUM.
Without that browser the test is skipped (exit code 77), but fails where CI is set.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent
                       / "examples"))
from served import Served  # noqa: E402

ADMIN_KEY = "the-admin-key-of-tests"
# What ctest takes for "skipped".
SKIPPED = 77

# Of all tests of one script, in seconds; a browser on a busy machine is slow.
PATIENCE = 100
BROWSER_PATIENCE = 270


def fail(message):
    print(message, file=sys.stderr)
    return 1


def find_chromium():
    """Returns its path, or an exit code."""
    found = shutil.which("chromium")
    if found is not None:
        return found
    print("no chromium in PATH: run scripts/install-deps.sh clients",
          file=sys.stderr)
    return 1 if os.environ.get("CI") else SKIPPED


def main(arguments):
    environment = dict(os.environ, TROUPE_ADMIN_KEY=ADMIN_KEY)
    patience = PATIENCE
    if arguments[:1] == ["--chromium"]:
        arguments = arguments[1:]
        chromium = find_chromium()
        if isinstance(chromium, int):
            return chromium
        environment["TROUPE_CHROMIUM"] = chromium
        patience = BROWSER_PATIENCE
    if len(arguments) < 3:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    clients, script, *command = arguments
    wanted = pathlib.Path(script).parent / "package-lock.json"
    found = pathlib.Path(clients) / "installed-lock.json"
    if not found.is_file() or found.read_bytes() != wanted.read_bytes():
        return fail(f"{clients} lacks the clients, or has others than "
                    f"{wanted} pins: run scripts/get-clients.sh")
    if shutil.which("node") is None:
        return fail("no node in PATH: run scripts/install-deps.sh clients")
    environment["TROUPE_PROGRAM"] = command[0]
    served = Served([*command, "0"], stdin=subprocess.DEVNULL,
                    env=environment)
    try:
        served.wait_ready()
        ran = subprocess.run(
            ["node", "--test", "--test-reporter=tap", script],
            env=dict(environment, TROUPE_URL=served.url,
                     TROUPE_CLIENTS=str(pathlib.Path(clients).resolve())),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            timeout=patience)
        print(ran.stdout)
        code = served.terminate()
    finally:
        served.kill()
    if ran.returncode != 0 or code != 0:
        print("".join(served.log), file=sys.stderr)
    if ran.returncode != 0:
        return fail(f"node ended with {ran.returncode}")
    passed = re.search(r"^# pass (\d+)$", ran.stdout, re.MULTILINE)
    if passed is None or int(passed[1]) == 0:
        return fail(f"{script} runs no test")
    if re.search(r"^# (skipped|todo) [1-9]", ran.stdout, re.MULTILINE):
        return fail(f"{script} skips tests")
    return 0 if code == 0 else fail(f"the server ended with {code}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
