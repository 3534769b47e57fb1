#!/usr/bin/env bash
# The products that need more than Swift, from outside: queries of SQLite, and files of other frameworks.
#   Tests/Products/run.sh
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
export APUS_SHARED="${APUS_SHARED:-$root/../shared}"
# Without their traits, nobody is to fetch what they need.
if swift package --package-path "$root" show-dependencies --format flatlist | grep -iE 'grdb|protobuf'; then
    echo "the root package wants GRDB or SwiftProtobuf without the traits SQLite and Interop" >&2
    exit 1
fi
if grep -nE '^ *(public|open|package) ' "$root"/Sources/ApusInterop/ONNX/*.pb.swift; then
    echo "generated code is public" >&2
    exit 1
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
swift build --build-tests >"$log" 2>&1 || {
    cat "$log"
    exit 1
}
if grep -E "$root/(Sources|Tests)/.*warning:" "$log"; then
    echo "the build with SQLite and Interop has warnings" >&2
    exit 1
fi
swift test --skip-build
