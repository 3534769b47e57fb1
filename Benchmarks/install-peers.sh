#!/bin/sh
# Installs the frameworks that Apus is compared with, each into a virtual environment of its own:
#
#     Benchmarks/install-peers.sh DIR [PYTHON]
#
# makes DIR/venv-torch, DIR/venv-keras, DIR/venv-jax, DIR/venv-mlx and DIR/venv-misc (gensim) from wheels, and
# DIR/tcmalloc where apt is at hand. TORCH="torch==2.13.0+cpu" with TORCHVISION="torchvision==0.28.0" (and pip's own
# --find-links or --extra-index-url, as PIP_ variables) chooses another PyTorch: the newest on PyPI brings its CUDA
# libraries along, which costs disk and resident memory, but no speed on the processor.
set -eu

directory=${1:?usage: install-peers.sh DIR [PYTHON]}
python=${2:-python3}
mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
failed=

environment() {
    name=$1
    shift
    "$python" -m venv "$directory/venv-$name" \
        && "$directory/venv-$name/bin/python" -m pip install --quiet --only-binary :all: "$@" \
        && "$directory/venv-$name/bin/python" -m pip freeze > "$directory/venv-$name/versions.txt" \
        || failed="$failed $name"
}

# torchvision names the PyTorch that it fits, but not a build of it: it comes without what it depends on.
environment torch "${TORCH:-torch}" numpy onnx onnxscript onnxruntime pillow
"$directory/venv-torch/bin/python" -m pip install --quiet --only-binary :all: --no-deps \
    "${TORCHVISION:-torchvision}" || failed="$failed torchvision"
case $(uname -s) in
Linux) environment keras tensorflow-cpu keras numpy ;;
*) environment keras tensorflow keras numpy ;;
esac
environment jax jax optax numpy
case $(uname -s) in
Linux) environment mlx 'mlx[cpu]' numpy ;;
*) environment mlx mlx numpy ;;
esac
environment misc gensim numpy pillow

if command -v apt-get > /dev/null; then
    mkdir -p "$directory/tcmalloc"
    (cd "$directory/tcmalloc" \
        && { apt-get download -qq libtcmalloc-minimal4 || apt-get download -qq libtcmalloc-minimal4t64; } 2> /dev/null \
        && dpkg -x libtcmalloc*.deb .) || failed="$failed tcmalloc(apt-get update may help)"
fi

if [ -n "$failed" ]; then
    echo "not installed:$failed; run.py will leave these out and say so" >&2
    exit 1
fi
