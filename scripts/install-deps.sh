#!/usr/bin/env bash
# usage: install-deps.sh GROUP...
# Groups: build, test, bench, check, clients, onnxruntime, llama.
#
# Installs the Debian packages of the groups that are missing, and says which;
# prints nothing when there is nothing to do. On other systems it lists what is
# needed and goes on when the tools are found.
# Exit codes: 0 all there, 2 bad usage, 3 something is missing that this script
# may not or cannot install.
set -euo pipefail

# A package, or package=command where the command in PATH will do as well.
packages_of() {
  case $1 in
    build) echo cmake=cmake ninja-build=ninja g++=g++ git=git ccache=ccache \
      mold=mold ca-certificates libc6-dev libcaf-dev libboost1.81-dev \
      nlohmann-json3-dev libcli11-dev libpng-dev zlib1g-dev libssl-dev ;;
    # Debian's python3, whatever python3 is first in PATH: python3-jsonschema
    # belongs to it, and so does the numpy that Python models are tested with.
    test) echo curl=curl python3=/usr/bin/python3 python3-jsonschema \
      python3-numpy python3-yaml openssl=openssl libgtest-dev \
      prometheus=promtool ;;
    bench) echo libbenchmark-dev wrk=wrk nginx-light=/usr/sbin/nginx \
      strace=strace valgrind=valgrind ;;
    check) echo clang-format-14=clang-format-14 clang-tidy-14=clang-tidy-14 \
      clangd-14=clangd-14 python3=/usr/bin/python3 ;;
    # The page /admin is tested in the browser.
    clients) echo nodejs=node npm=npm chromium=chromium fonts-dejavu-core ;;
    onnxruntime) echo npm=npm ;;
    llama) echo npm=npm git=git ;;
    *)
      echo "install-deps: unknown group '$1';" \
        "known: build test bench check clients onnxruntime llama" >&2
      exit 2
      ;;
  esac
}

# Faster builds, but not needed for one.
optional=" ccache mold "

if [ $# -eq 0 ]; then
  echo "usage: install-deps.sh GROUP...   (build test bench check clients onnxruntime llama)" >&2
  exit 2
fi

entries=()
for group in "$@"; do
  list=$(packages_of "$group")
  read -ra words <<<"$list"
  entries+=("${words[@]}")
done

not_debian() {
  local missing=()
  for entry in "${entries[@]}"; do
    if [[ $entry == *=* && $optional != *" ${entry%%=*} "* ]] \
      && ! command -v "${entry#*=}" >/dev/null; then
      missing+=("${entry#*=}")
    fi
  done
  echo "install-deps: no dpkg and apt-get here. What Debian 12 calls:"
  printf '  %s\n' "${entries[@]%%=*}"
  if [ ${#missing[@]} -gt 0 ]; then
    echo "install-deps: not found: ${missing[*]}" >&2
    exit 3
  fi
  echo "install-deps: the tools are there; CMake will look for the libraries."
  exit 0
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  not_debian
fi

missing=()
for entry in "${entries[@]}"; do
  package=${entry%%=*}
  if [[ $entry == *=* ]] && command -v "${entry#*=}" >/dev/null; then
    continue
  fi
  state=$(dpkg-query -W -f '${db:Status-Status} ' "$package" 2>/dev/null || true)
  if [[ " $state" != *" installed "* ]]; then
    missing+=("$package")
  fi
done
[ ${#missing[@]} -gt 0 ] || exit 0

echo "install-deps: missing Debian packages for $*: ${missing[*]}"
if [[ " ${missing[*]} " == *" libboost1.81-dev "* ]] \
  && dpkg-query -W -f '${db:Status-Status}' libboost1.74-dev 2>/dev/null \
  | grep -qx installed; then
  echo "install-deps: libboost1.81-dev replaces libboost1.74-dev and what" \
    "depends on it (Debian does not allow both)"
fi

apt=(apt-get)
if [ "$(id -u)" -ne 0 ]; then
  command_line="apt-get update && apt-get install --no-install-recommends ${missing[*]}"
  if ! command -v sudo >/dev/null; then
    echo "install-deps: root is needed to install system packages, and there" \
      "is no sudo. As root, run:" >&2
    echo "  $command_line" >&2
    for package in "${missing[@]}"; do
      [[ $optional == *" $package "* ]] || exit 3
    done
    echo "install-deps: going on, these only make builds faster" >&2
    exit 0
  fi
  echo "install-deps: installing system packages needs root; sudo may ask" \
    "for your password"
  apt=(sudo env DEBIAN_FRONTEND=noninteractive apt-get)
fi
export DEBIAN_FRONTEND=noninteractive
"${apt[@]}" -q -o Acquire::Retries=3 update
"${apt[@]}" -q -y -o Acquire::Retries=3 install --no-install-recommends \
  "${missing[@]}"
