# Sourced by run.sh and neon.sh: compiles what has changed, in parallel.

build_directory=${BUILD_DIRECTORY:-$root/.build/kernels}

# build NAME COMPILER FLAGS LINK_FLAGS
build() {
    directory=$build_directory/$1 compiler=$2 flags=$3 link_flags=$4
    mkdir -p "$directory"
    for source in "$root"/Sources/CKernels/*.c "$root"/Tests/Kernels/*.c; do
        object=$directory/$(basename "$(dirname "$source")")-$(basename "$source" .c).o
        # Any header or .inc may matter to a source of its own directory.
        if [ ! -e "$object" ] || [ -n "$(find "$root/Sources/CKernels" "$source" -newer "$object" \
            \( -name '*.inc' -o -name '*.h' -o -path "$source" \))" ]; then
            echo "$source $object"
        fi
    done | xargs -r -P "$(getconf _NPROCESSORS_ONLN)" -n 2 sh -c \
        "$compiler $flags -std=gnu11 -O2 -Wall -Wextra -I$root/Sources/CKernels/include -c \"\$0\" -o \"\$1\""
    # shellcheck disable=SC2086
    $compiler $flags "$directory"/*.o $link_flags -lpthread -lm -o "$directory/kernels_test"
}
