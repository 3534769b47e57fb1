#!/usr/bin/env bash
# Queries of SQLite as data: the product that needs more than the toolchain (the headers of SQLite), from outside.
#   Tests/SQLite/run.sh
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
# Without the trait, nobody is to fetch what it needs.
if swift package --package-path "$root" show-dependencies --format flatlist | grep -i grdb; then
    echo "the root package wants GRDB without the trait SQLite" >&2
    exit 1
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
swift build --build-tests >"$log" 2>&1 || {
    cat "$log"
    exit 1
}
if grep -E "$root/(Sources|Tests)/.*warning:" "$log"; then
    echo "the build with SQLite has warnings" >&2
    exit 1
fi
swift test --skip-build
