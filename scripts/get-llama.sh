#!/usr/bin/env bash
# usage: get-llama.sh [PREFIX]   (default: .deps/llama in the tree)
#
# Fetches llama.cpp 0.5.0 into PREFIX/lib and its C headers into PREFIX/include;
# needs no root and changes nothing else.
#
# The library is the CPU build of the npm package @node-llama-cpp/linux-*: one
# libggml-cpu-*.so for each kind of processor, of which llama.cpp loads the best.
# The headers come from the very release that it was built from, which the npm
# package node-llama-cpp holds as a git bundle: the library's C interface is not
# stable, so both are pinned to one version. Only the tarballs are taken, no
# script of them runs.
#
# Exit codes: 0 there or fetched, 1 the fetch failed or a checksum is wrong,
# 2 bad usage, 3 this machine lacks what is needed.
set -euo pipefail

npm_version=3.22.1
release=v0.5.0

# shellcheck source=scripts/get-common.sh
. "$(dirname "${BASH_SOURCE[0]}")/get-common.sh"

[ "$(uname -s)" = Linux ] || die 3 "only for Linux, this is $(uname -s)"
case $(uname -m) in
  x86_64)
    arch=x64
    library_sums="\
6c342c8aeb20cb31a18099d6f79de4de6703814d1cfd5c4d754a8643087e486e  lib/libggml-base.so
6527efda35405a0d91574aced4a7766db9bb0494ab6458c83fe9eba755eb76f7  lib/libggml-cpu-alderlake.so
44285a67a31a81a036a70c565d391b31145d835044c03c76cfaa2f90a9d57d42  lib/libggml-cpu-cannonlake.so
97cace813fbf7b7a07c4793f6a75b8b2d3de256430620f0be4a15bd4372468ea  lib/libggml-cpu-cascadelake.so
5eda284fd8986d550e21623b269dd31d02c07fc70121d3099609d5dde6b6847e  lib/libggml-cpu-cooperlake.so
ddaa96012769f0e86e8670cca374243751880bea2c2d0a4413b3a1b7a29dca74  lib/libggml-cpu-haswell.so
9b9c24aaa775fd38a6e1ff082549e50d4138d29f2e2883630b28ab70704ed896  lib/libggml-cpu-icelake.so
91b27ab81df92b8429c8e3441a8861014d3aec1424f90885a628fd0d4567532f  lib/libggml-cpu-ivybridge.so
2cb5b2101f5bbefa2416ec7f8b6c6acb177d04f0157989c5d92e4c07750fd3f8  lib/libggml-cpu-piledriver.so
bce17565033835dfb59fae2ed712d4c35e56463c2d49ea61ca08e6e2908bdfd6  lib/libggml-cpu-sandybridge.so
e3d4840632b2242655e1721c6b93ec0370406dded9074accfe90bcfb67bd30b8  lib/libggml-cpu-sapphirerapids.so
df30b40a957175cd8e462e8838632dc51e3be7570b27b9526cb7a044263aeab3  lib/libggml-cpu-skylakex.so
ec65053445506965db5dd9382d7ede084ba639edc55f77aaf73581c778969e02  lib/libggml-cpu-sse42.so
1174c3c3e0b8722313df561d7ef5ece516a070732cec9b8ddda3667c0b959728  lib/libggml-cpu-x64.so
d84208de33fdadb8921a1a1a34342f5eceb1e58b83648be68050f7557312bd3e  lib/libggml-cpu-zen4.so
41cd5e6ad78b9f0af31a6f80d637d3168e75ff84db14c495de4d3d9c95607444  lib/libggml.v0.5.0.so
2ecd1d85f68456573a664106a9039366b88231579fd65d9669c9a6ab41374fd4  lib/libllama.v0.5.0.so"
    ;;
  aarch64)
    arch=arm64
    library_sums="\
ef8a2f781f9fccc99a744166529e20f48ea4c850e35fbb38d88762691fea1da6  lib/libggml-base.so
016d2bd41948f4989df8c06a1cb1f6a3ed5a2ead811bd95a4511a842260f2365  lib/libggml-cpu-armv8.0_1.so
8539c4995e56237e5b43d2147bfabe0fabb21e55cb93d2f3ef55796c819f2d0d  lib/libggml-cpu-armv8.2_1.so
fe0312b22078d8215582ca9deb76d595257700a5d0c4cfc43a9a6ee93d828937  lib/libggml-cpu-armv8.2_2.so
0b5714435030b1a48b5dfae3484c1c592c7f95925444c1799f4a753046e6dbb3  lib/libggml-cpu-armv8.2_3.so
0fdfbb750748b9502cb5e90ff822415b30390de0b9c527c929087f36548d265e  lib/libggml-cpu-armv8.6_1.so
5179873d30a2e55db5d8bb20e3c28d32c0a170fbac237cebcbc2f77b477c8946  lib/libggml-cpu-armv8.6_2.so
98d963eee3db588a9531617588edb077c8f1cdca5ae6d974f0b3324ea1c290ab  lib/libggml-cpu-armv9.2_1.so
6cb2f7dcac85d7b1ea939354072495a16910d5509c3accd5caa1aab1df6d33f7  lib/libggml-cpu-armv9.2_2.so
c1c7b0c0d2d67863c7e0544dd7190bf0f0897c87ae3002efca5817bdda9b9b85  lib/libggml.v0.5.0.so
ba559136061c8ca89df13d86937fa4214100583fb4d734ab2a6ebe2a149be993  lib/libllama.v0.5.0.so"
    ;;
  *) die 3 "there is no build of it for $(uname -m)" ;;
esac

# What must be there, as sha256sum --check reads it.
wanted="\
$library_sums
94e4cd069b9313b2ceb35dacec901981e0bb478d8bb31035b7126be091998c23  include/ggml-alloc.h
46d84cb998105f871240864fd0f55446939a2fe86c5c281afa63a010fb1f65a2  include/ggml-backend.h
316279e004cdeb8e6ef78599acb602bf79a8abdf897fed9fd1914808c1518c6e  include/ggml-cpu.h
3586de1bc8a934b5c72339e2b6937b0641e8f149b512231e666f67de0736eea2  include/ggml-opt.h
12ee71f99db7db9b353bc02b1fbb57c344ee17c01ac5fb7952b41a637a747ea9  include/ggml.h
e56714aab702e5ce62ee587a409643c08f7e93e8fbb77f48ef7cc85075f96fa4  include/gguf.h
0199c9f12a5dd4099191a9b508d62ad715212981d181046a0d29750c57dd8694  include/llama.h"

if [ -e "$prefix/lib/libllama.so" ] && [ -e "$prefix/lib/libggml.so" ] \
  && check_sums "$prefix" "$wanted" --status 2>/dev/null; then
  say "already there: $prefix"
  exit 0
fi

for tool in npm git; do
  command -v $tool >/dev/null || die 3 "needs $tool, which is not installed." \
    "As root: apt-get install --no-install-recommends $tool"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
staged=$work/staged
mkdir -p "$staged/lib" "$staged/include"

# fetch PACKAGE MEMBER... unpacks these members into $work/package
fetch() {
  local package=$1 tarball
  shift
  tarball=$(npm_tarball "$work" "$package")
  tar -xzf "$work/$tarball" -C "$work" "$@" \
    || die 1 "$package has not what it should have: $*"
}

say "fetching the library: npm package @node-llama-cpp/linux-$arch@$npm_version" \
  "(11 MB)"
bins=package/bins/linux-$arch
fetch "@node-llama-cpp/linux-$arch@$npm_version" "$bins"
mv "$work/$bins/libllama.$release.so" "$work/$bins"/libggml*.so "$staged/lib/" \
  || die 1 "the package has other files than expected"

say "fetching the headers: npm package node-llama-cpp@$npm_version (36 MB)"
bundle=package/llama/gitRelease.bundle
fetch "node-llama-cpp@$npm_version" "$bundle"
git clone --quiet --bare "$work/$bundle" "$work/release" 2>/dev/null \
  || die 1 "git cannot read the bundle of node-llama-cpp"
for header in include/llama.h ggml/include/{ggml,ggml-alloc,ggml-backend,ggml-cpu,ggml-opt,gguf}.h; do
  git -C "$work/release" show "HEAD:$header" \
    >"$staged/include/${header##*/}" \
    || die 1 "the bundle of node-llama-cpp has no $header"
done

check_sums "$staged" "$wanted" --quiet || die 1 "what came is not what was expected (sha256" \
  "above); nothing was put into $prefix"
mkdir -p "$prefix/lib"
# Beside the old files and then renamed: a running server keeps what it mapped.
for file in "$staged/lib"/*; do
  cp "$file" "$prefix/lib/${file##*/}.new"
  mv -f "$prefix/lib/${file##*/}.new" "$prefix/lib/${file##*/}"
done
ln -sfn "libllama.$release.so" "$prefix/lib/libllama.so"
ln -sfn "libggml.$release.so" "$prefix/lib/libggml.so"
rm -rf "$prefix/include"
cp -r "$staged/include" "$prefix/"
say "ready: $prefix"
