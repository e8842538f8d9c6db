#!/usr/bin/env bash
# usage: get-caf-tsan.sh [PREFIX]   (default: .deps/caf-tsan in the tree)
#
# Builds Debian's CAF 0.17.6 with ThreadSanitizer into PREFIX, for the preset
# `tsan`: with the uninstrumented library every message looks like a race.
# Takes some eight minutes of CPU time; does nothing when it is there.
#
# Exit codes: 0 there or built, 1 failed, 2 bad usage, 3 something is missing.
set -euo pipefail

# shellcheck source=scripts/get-common.sh
. "$(dirname "${BASH_SOURCE[0]}")/get-common.sh"
source_sum=e2bf5bd243f08bb7d8adde197cfe3e6d71314ed3378fe0692f8932f4c3b3928c

if [ -e "$prefix/lib/libcaf_core.so" ]; then
  say "already there: $prefix"
  exit 0
fi
for tool in apt-get cmake ninja c++ tar; do
  command -v "$tool" >/dev/null || die 3 "needs $tool"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Sources from the mirror that this machine takes Debian from, with an apt
# state of its own.
fetch_source() {
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg mirror
  # shellcheck disable=SC2016  # apt's variables, not the shell's
  mirror=$(apt-get indextargets 'Origin: Debian' 'Label: Debian' \
    'Identifier: Packages' --format '$(REPO_URI)' | sed -n 1p)
  [ -n "$mirror" ] || die 3 "apt knows no Debian mirror; run apt-get update"
  [ -e "$keyring" ] || die 3 "needs the package debian-archive-keyring"
  local apt=$work/apt
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  echo "deb-src [signed-by=$keyring] $mirror bookworm main" \
    >"$apt/sources.list"
  cat >"$apt/apt.conf" <<CONF
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Dir::Cache "$apt/cache";
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "$apt/lists";
Dir::State::Status "/dev/null";
CONF
  apt-get -qq -c "$apt/apt.conf" update || die 1 "apt could not read the lists"
  (cd "$work" && apt-get -qq -c "$apt/apt.conf" source --download-only \
    --tar-only actor-framework) || die 1 "apt could not fetch the source"
  mkdir "$work/source"
  tar -xf "$work"/actor-framework_*.orig.tar.* -C "$work/source" \
    --strip-components 1
}

say "fetching the source: Debian package actor-framework (3 MB)"
fetch_source
echo "$source_sum  $(ls "$work"/actor-framework_*.orig.tar.*)" \
  | sha256sum --check --quiet --strict \
  || die 1 "the source is not what was expected"
say "building (some minutes)"
# -include limits mends a header for GCC 12.
cmake -S "$work/source" -B "$work/build" -G Ninja \
  -DCMAKE_BUILD_TYPE=None -DCMAKE_INSTALL_PREFIX="$prefix" \
  -DCAF_NO_TOOLS=ON -DCAF_NO_EXAMPLES=ON -DCAF_NO_UNIT_TESTS=ON \
  -DCAF_NO_OPENSSL=ON -DCAF_NO_IO=ON \
  -DCMAKE_CXX_FLAGS="-fsanitize=thread -O1 -g1 -include limits" \
  >"$work/log" 2>&1 || { cat "$work/log" >&2; die 1 "cmake failed"; }
cmake --build "$work/build" --parallel "${JOBS:-$(nproc)}" \
  >"$work/log" 2>&1 || { tail -n 40 "$work/log" >&2; die 1 "build failed"; }
cmake --install "$work/build" >"$work/log" 2>&1 \
  || { tail -n 40 "$work/log" >&2; die 1 "install failed"; }
[ -e "$prefix/lib/libcaf_core.so" ] || die 1 "no libcaf_core.so was built"
say "ready: $prefix"
