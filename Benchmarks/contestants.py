"""Who is compared: the Apus executable and, per peer, an interpreter with its modes."""
import glob
import os
import shlex
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, 'peers'))
from harness import INFERENCE, PARAMETERS, PIPELINES, WORKLOADS

TORCH = [base + fused + tuned for base in ('eager', 'channels_last', 'compile', 'compile_cl')
         for fused in ('', '+fused') for tuned in ('', '+tuned')]
MODES = {'torch': TORCH, 'keras': ['graph', 'xla'], 'jax': ['jit'], 'mlx': ['compile']}
# With `--quick`: modes that were the fastest of their framework on some workload, PyTorch's defaults, and its best with
# the preloads.
QUICK = {'torch': ['eager', 'channels_last+fused', 'channels_last+fused+tuned', 'compile_cl+fused',
                   'compile_cl+fused+tuned'],
         'keras': ['graph'], 'jax': ['jit'], 'mlx': []}
# What inductor takes a minute and more to compile on two cores is left out then.
SLOW_TO_COMPILE = {'resnet18_cifar', 'densenet_bc_cifar', 'unet_128', 'dcgan_28', 'mobilenetv2_96', 'seq2seq_bahdanau'}
# Without images there is one layout; sparse gradients have no fused update.
FLAT = {'mlp_mnist', 'lstm_char', 'gpt_small', 'vae_mnist', 'sgns', 'seq2seq_bahdanau', 'inference_mlp',
        'inference_lstm'}
# Compilation of single operations or of one step shows nothing that the other workloads do not.
MICRO = {'torch': ['eager', 'channels_last', 'channels_last+tuned'], 'keras': ['graph'], 'jax': ['jit'], 'mlx': []}
# Predictions have no optimizer; PyTorch has three more ways to prepare a network whose weights no longer change.
PREDICTION = {'torch': ['eager', 'channels_last', 'channels_last+tuned', 'compile', 'jit', 'jit+tuned', 'freeze',
                        'freeze+tuned', 'ort'], 'keras': ['graph', 'xla'], 'jax': ['jit'], 'mlx': []}
# Loaders of PyTorch with and without processes of their own, by Pillow or by torchvision's decoder; tf.data.
PIPELINE = {'torch': ['loader0', 'loader2', 'loader0_io', 'loader2_io'], 'keras': ['data'], 'jax': [], 'mlx': []}
PIPELINE_MEMORY = {**PIPELINE, 'torch': ['loader0', 'loader2']}
WORD_VECTORS = {'gensim': ['word2vec']}
# The networks that this peer has; the others have all.
NETWORKS = {'mlx': ['mlp_mnist', 'cnn_mnist', 'lenet5', 'resnet18_cifar', 'micro', 'coldstart'], 'gensim': ['sgns']}
ENVIRONMENTS = {'gensim': 'misc'}
COLD_START = {'torch': ['eager', 'compile'], 'keras': ['graph', 'xla'], 'jax': ['jit'], 'mlx': ['compile']}


def modes(workload, peer, quick):
    """The modes of a peer that are of interest for a workload."""
    if peer == 'gensim':
        return WORD_VECTORS[peer] if workload == 'sgns' else []
    if workload not in NETWORKS.get(peer, [*WORKLOADS, *PIPELINES]):
        return []
    tables = {'micro': MICRO, 'coldstart': COLD_START, 'pipeline_jpeg': PIPELINE, 'pipeline_memory': PIPELINE_MEMORY}
    tables.update(dict.fromkeys(INFERENCE, PREDICTION))
    chosen = tables.get(workload, QUICK if quick else MODES)[peer]
    if quick and workload in SLOW_TO_COMPILE:
        chosen = [mode for mode in chosen if not mode.startswith('compile')]
    if workload in FLAT:
        chosen = [mode.replace('channels_last', 'eager').replace('compile_cl', 'compile') for mode in chosen]
    if workload == 'sgns':
        chosen = [mode.replace('+fused', '') for mode in chosen]
    return list(dict.fromkeys(chosen))


class Contestant:
    """One framework in one mode."""

    def __init__(self, framework, mode, command, environment=None):
        self.framework, self.mode = framework, mode
        self.command, self.environment = command, environment or {}

    def arguments(self, workload, threads, min_time):
        return [*self.command, workload, '--threads', str(threads), '--min-time', str(min_time)]


def build_apus():
    """The path of the Apus executable, or why there is none."""
    if not os.path.exists(os.path.join(HERE, 'Package.swift')):
        return None, 'Apus was not built: no Package.swift beside run.py'
    command = ['swift', 'build', '-c', 'release', '--package-path', HERE, '--product', 'apus-benchmark']
    try:
        built = subprocess.run(command, capture_output=True, text=True)
        if built.returncode:
            return None, 'Apus did not build: ' + last_line(built.stderr or built.stdout)
        shown = subprocess.run([*command, '--show-bin-path'], capture_output=True, text=True, check=True)
    except FileNotFoundError:
        return None, 'Apus was not built: no `swift` on the path'
    return os.path.join(shown.stdout.strip(), 'apus-benchmark'), None


def last_line(text):
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1][:200] if lines else 'no message'


class Peers:
    """What is installed under one directory (see install-peers.sh)."""

    def __init__(self, directory, scratch):
        self.directory = os.path.abspath(directory)
        self.missing = []
        self.preloads = self.find_preloads(scratch)

    def find_preloads(self, scratch):
        """The libraries of the `+tuned` modes: tcmalloc, and the answer that lets MKL use AVX-512."""
        library, source = os.path.join(scratch, 'libmkl_avx512.so'), os.path.join(HERE, 'peers', 'mkl_avx512.c')
        pattern = 'libtcmalloc_minimal.so.4'
        found = [os.environ.get('TCMALLOC', '')]
        for place in (os.path.join(self.directory, 'tcmalloc', '**'), '/usr/lib/*', '/usr/lib64'):
            found += glob.glob(os.path.join(place, pattern), recursive=True)
        found = [path for path in found if path and os.path.exists(path)]
        try:
            built = subprocess.run(['cc', '-O2', '-shared', '-fPIC', '-o', library, source], capture_output=True)
        except FileNotFoundError:
            built = None
        if not found or built is None or built.returncode:
            self.missing.append('`+tuned` modes: need tcmalloc (or TCMALLOC=its path), a C compiler and Linux')
            return None
        return f'{library}:{found[0]}'

    def contestants(self, framework, modes, pipeline=False):
        """`framework` may carry a suffix (torch213): another environment of the same peer."""
        peer = framework.rstrip('0123456789.-')
        python = os.path.join(self.directory, 'venv-' + ENVIRONMENTS.get(framework, framework), 'bin', 'python')
        if not os.path.exists(python):
            self.missing.append(f'{framework}: no {shlex.quote(python)}')
            return []
        script = os.path.join(HERE, 'peers', ('pipeline' if pipeline else peer) + '_peer.py')
        chosen = []
        for mode in modes:
            tuned = mode.endswith('+tuned')
            if tuned and not self.preloads:
                continue
            environment = {'LD_PRELOAD': self.preloads} if tuned else {}
            chosen.append(Contestant(framework, mode, [python, script, '--mode', mode], environment))
        return chosen
