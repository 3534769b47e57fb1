#!/bin/sh
# Builds and runs the kernel tests on this machine, for every instruction set it has.
#   Tests/Kernels/run.sh [family ...]      CC=clang CFLAGS=... to choose
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/Tests/Kernels/build.sh"
build native "${CC:-clang}" "${CFLAGS:-}" ""
"$build_directory/native/kernels_test" "$@"
