#!/bin/sh
# Builds the kernel tests for AArch64 and runs them under qemu, on a machine of another kind.
#   apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
#   Tests/Kernels/neon.sh [family ...]
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/Tests/Kernels/build.sh"
cross=/usr/aarch64-linux-gnu
for tool in aarch64-linux-gnu-ld.bfd qemu-aarch64; do
    command -v $tool >/dev/null || { echo "neon.sh: $tool is missing" >&2; exit 2; }
done
build aarch64 "${CC:-clang}" \
    "--target=aarch64-linux-gnu -isystem $cross/include --gcc-toolchain=/usr -Wno-unused-command-line-argument" \
    "-fuse-ld=$(command -v aarch64-linux-gnu-ld.bfd) -static"
qemu-aarch64 "$build_directory/aarch64/kernels_test" "$@"
