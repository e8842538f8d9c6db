# shellcheck shell=bash
# Sourced by get-*.sh with their arguments: reads their one argument, PREFIX.
# Sets `root`, the tree, and `prefix`, by default .deps/NAME in the tree for
# get-NAME.sh.

script=$(basename "$0" .sh)

say() { echo "$script: $*"; }

# die CODE TEXT...
die() {
  local code=$1
  shift
  say "$*" >&2
  exit "$code"
}

# check_sums DIR SUMS [OPTION...]: whether DIR has what sha256sum's lines say
check_sums() {
  local dir=$1 sums=$2
  shift 2
  (cd "$dir" && sha256sum --check --strict "$@" - <<<"$sums")
}

# npm_tarball DIR PACKAGE@VERSION fetches a tarball into DIR and says its name;
# no script of the package runs, and no cache stays behind.
npm_tarball() {
  (cd "$1" && npm pack "$2" --silent --ignore-scripts --no-update-notifier \
    --cache "$1/npm-cache") || die 1 "npm could not fetch $2"
}

if [ $# -gt 1 ] || [[ ${1:-} == -* ]]; then
  die 2 "usage: $script.sh [PREFIX]"
fi
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034  # for who sources this
prefix=$(realpath -m -- "${1:-$root/.deps/${script#get-}}")
