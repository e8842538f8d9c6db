#!/usr/bin/env bash
# usage: get-onnxruntime.sh [PREFIX]   (default: .deps/onnxruntime in the tree)
#
# Fetches ONNX Runtime 1.30.0 into PREFIX/lib and its C++ headers into
# PREFIX/include/onnxruntime; needs no root and changes nothing else.
#
# The library is Microsoft's own build, taken from the npm package
# onnxruntime-node (its tarball only, no script of it runs). The package has no
# headers; those come from Debian 13's libonnxruntime-dev. They are of version
# 1.21, which the library serves: its C API is versioned.
#
# Exit codes: 0 there or fetched, 1 the fetch failed or a checksum is wrong,
# 2 bad usage, 3 this machine lacks what is needed.
set -euo pipefail

npm_package=onnxruntime-node@1.30.0
deb_package=libonnxruntime-dev
deb_suite=trixie

# shellcheck source=scripts/get-common.sh
. "$(dirname "${BASH_SOURCE[0]}")/get-common.sh"

[ "$(uname -s)" = Linux ] || die 3 "only for Linux, this is $(uname -s)"
case $(uname -m) in
  x86_64)
    arch=x64
    library_sum=ffb75a925ba05e47b235bb66e3e3911714a80b328a9c9425539feb204aa32a23
    ;;
  aarch64)
    arch=arm64
    library_sum=1f549d46250b005580b597f4164984aaf75b3bcb9f3aeb07c7f8a8fe60b23c76
    ;;
  *) die 3 "there is no build of it for $(uname -m)" ;;
esac

# What must be there, as sha256sum --check reads it.
wanted="\
$library_sum  lib/libonnxruntime.so.1
7783e9664bdb0b1b36145b5c8587dd1bc9a399aa000edf2e3dd03003cafc6882  include/onnxruntime/onnxruntime_c_api.h
b3b27d6a6fced0725e3f188379cca008b1d7a456997684756374d4b388f2cf05  include/onnxruntime/onnxruntime_cxx_api.h
7f448e994c732eacd9e49900365fefa8f1ac998a6d6eb78e5f4aab1b8d9d8900  include/onnxruntime/onnxruntime_cxx_inline.h
6c4db3d1954b266c4febe413351af86cac922e3448538e7e452e51d646e56a4a  include/onnxruntime/onnxruntime_float16.h"

if [ -d "$prefix" ] && [ -e "$prefix/lib/libonnxruntime.so" ] \
  && check_sums "$prefix" "$wanted" --status 2>/dev/null; then
  say "already there: $prefix"
  exit 0
fi

command -v npm >/dev/null || die 3 "needs npm, which is not installed." \
  "As root: apt-get install --no-install-recommends npm"
for tool in apt-get dpkg tar; do
  command -v "$tool" >/dev/null \
    || die 3 "needs $tool for the headers of Debian's $deb_package"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
staged=$work/staged
mkdir -p "$staged/lib" "$staged/include/onnxruntime"

fetch_library() {
  say "fetching the library: npm package $npm_package (114 MB)"
  local member=package/bin/napi-v6/linux/$arch/libonnxruntime.so.1
  local tarball
  tarball=$(npm_tarball "$work" "$npm_package")
  tar -xzf "$work/$tarball" -C "$work" "$member"
  mv "$work/$member" "$staged/lib/"
}

# The mirror that this machine takes Debian from; it has the other suites too.
debian_mirror() {
  local mirror codename
  # shellcheck disable=SC2016  # apt's variables, not the shell's
  mirror=$(apt-get indextargets 'Origin: Debian' 'Label: Debian' \
    'Identifier: Packages' --format '$(REPO_URI)' | sed -n 1p)
  if [ -z "$mirror" ]; then
    # Before the first apt-get update, only what it would fetch is known.
    # shellcheck source=/dev/null
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    mirror=$(apt-get --print-uris update \
      | sed -n "s,^'\(.*\)/dists/$codename/InRelease' .*,\1,p" | sed -n 1p)
  fi
  echo "$mirror"
}

fetch_headers() {
  local mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || die 3 "apt knows no Debian mirror." \
    "Put the headers into $prefix/include/onnxruntime"
  [ -e "$keyring" ] || die 3 "needs the package debian-archive-keyring"
  say "fetching the headers: Debian package $deb_package of $deb_suite (0.1 MB)"
  local apt=$work/apt
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  echo "deb [signed-by=$keyring] $mirror $deb_suite main" >"$apt/sources.list"
  # Lists and cache of its own, and no hooks: the machine's apt never hears of
  # the suite. As root, apt would hand the download to a user who may not enter
  # our folder.
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
  apt-get -qq -c "$apt/apt.conf" update \
    || die 1 "apt could not read the lists of $deb_suite"
  (cd "$apt" && apt-get -qq -c "$apt/apt.conf" download "$deb_package") \
    || die 1 "apt could not fetch $deb_package"
  dpkg -x "$apt/$deb_package"_*.deb "$apt/unpacked"
  cp -r "$apt/unpacked/usr/include/onnxruntime/." "$staged/include/onnxruntime"
}

fetch_library
fetch_headers
check_sums "$staged" "$wanted" --quiet || die 1 "what came is not what was expected (sha256" \
  "above); nothing was put into $prefix"
mkdir -p "$prefix/lib" "$prefix/include"
# Beside the old file and then renamed: a running server keeps what it mapped.
cp "$staged/lib/libonnxruntime.so.1" "$prefix/lib/libonnxruntime.so.1.new"
mv -f "$prefix/lib/libonnxruntime.so.1.new" "$prefix/lib/libonnxruntime.so.1"
ln -sfn libonnxruntime.so.1 "$prefix/lib/libonnxruntime.so"
rm -rf "$prefix/include/onnxruntime"
cp -r "$staged/include/onnxruntime" "$prefix/include/"
say "ready: $prefix"
