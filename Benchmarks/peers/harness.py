"""What every peer shares: the command line, the data, the clock and the JSON line.

One process measures one workload in one mode at one number of threads. The first step is timed alone
(it traces and compiles), three more warm up, and then single steps are timed, each with its loss read
back as a number, until `--min-time` seconds and 20 steps (2,000 predictions of one sample) have passed, or five times
as long.
"""
import argparse
import json
import os
import resource
import sys
import time

# Trainable parameters of each network: a peer that builds another network is not comparable.
PARAMETERS = {
    'mlp_mnist': 669706, 'cnn_mnist': 1199882, 'lenet5': 61706, 'resnet18_cifar': 11173962,
    'densenet_bc_cifar': 710590, 'unet_128': 7762498, 'lstm_char': 874881, 'gpt_small': 3225600, 'vae_mnist': 652824,
    'dcgan_28': 898370, 'sgns': 12800000, 'mobilenetv2_96': 3504872, 'cnn3d': 69906, 'seq2seq_bahdanau': 4193953,
    'inference_mlp': 669706, 'inference_lstm': 874881, 'inference_resnet18': 11173962,
    'inference_resnet18_64': 11173962}
BATCH = {
    'mlp_mnist': 128, 'cnn_mnist': 128, 'lenet5': 32, 'resnet18_cifar': 64, 'densenet_bc_cifar': 64, 'unet_128': 8,
    'lstm_char': 64, 'gpt_small': 32, 'vae_mnist': 128, 'dcgan_28': 64, 'sgns': 4096, 'mobilenetv2_96': 16, 'cnn3d': 8,
    'seq2seq_bahdanau': 64, 'inference_mlp': 1, 'inference_lstm': 1, 'inference_resnet18': 1,
    'inference_resnet18_64': 64}
# What predicts, and the training whose network it is.
INFERENCE = {'inference_mlp': 'mlp_mnist', 'inference_lstm': 'lstm_char', 'inference_resnet18': 'resnet18_cifar',
             'inference_resnet18_64': 'resnet18_cifar'}
CALLS = 2000    # predictions of one sample that are timed at least, for the 99th percentile
# Images with labels below a number of classes.
IMAGES = {'mlp_mnist': ((784,), 10), 'cnn_mnist': ((28, 28, 1), 10), 'lenet5': ((28, 28, 1), 10),
          'resnet18_cifar': ((32, 32, 3), 10), 'densenet_bc_cifar': ((32, 32, 3), 10),
          'mobilenetv2_96': ((96, 96, 3), 1000), 'cnn3d': ((32, 32, 32, 1), 2)}
INPUT = {name: shape for name, (shape, _) in IMAGES.items()}
WORKLOADS = [*PARAMETERS, 'micro', 'coldstart']
PIPELINES = ['pipeline_jpeg', 'pipeline_memory']
DISTINCT_BATCHES = 16

# rows, columns, depth
MATMULS = [(256, 256, 256), (512, 512, 512), (1024, 1024, 1024), (2048, 2048, 2048),
           (128, 512, 784), (64, 1024, 256), (4096, 256, 256), (4096, 1024, 256), (1, 4096, 4096), (64, 4000, 256)]

# name: batch, height, width, channels, maps, kernel, stride, padding, and groups where there are several
CONVOLUTIONS = {
    '3x3_64_64_32': (64, 32, 32, 64, 64, 3, 1, 1),
    '3x3_128_128_16': (64, 16, 16, 128, 128, 3, 1, 1),
    '3x3_256_256_8': (64, 8, 8, 256, 256, 3, 1, 1),
    '3x3_512_512_4': (64, 4, 4, 512, 512, 3, 1, 1),
    '3x3s2_64_128_32': (64, 32, 32, 64, 128, 3, 2, 1),
    '1x1_64_256_56': (8, 56, 56, 64, 256, 1, 1, 0),
    '3x3_3_64_32': (64, 32, 32, 3, 64, 3, 1, 1),
    '1x1_300_48_16': (64, 16, 16, 300, 48, 1, 1, 0),
    '3x3_48_12_32': (64, 32, 32, 48, 12, 3, 1, 1),
    '3x3_1_32_28': (128, 28, 28, 1, 32, 3, 1, 0),
    '3x3_32_64_26': (128, 26, 26, 32, 64, 3, 1, 0),
    '7x7s2_3_64_224': (8, 224, 224, 3, 64, 7, 2, 3),
    '5x5_6_16_14': (32, 14, 14, 6, 16, 5, 1, 0),
    '3x3dw_192_24': (16, 24, 24, 192, 192, 3, 1, 1, 192),
    '3x3s2dw_96_48': (16, 48, 48, 96, 96, 3, 2, 1, 96),
    '3x3_32_32_128': (8, 128, 128, 32, 32, 3, 1, 1),
}


def arguments(mode):
    """Parses the command line, and limits the libraries' threads before the framework is imported."""
    parser = argparse.ArgumentParser()
    parser.add_argument('workload', choices=[*WORKLOADS, *PIPELINES])
    parser.add_argument('--mode', default=mode)
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--min-time', type=float, default=3.0, help='seconds of timed steps')
    parser.add_argument('--batch', type=int, help='samples in a batch')
    chosen = parser.parse_args()
    for variable in ('OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'NPROC'):
        os.environ[variable] = str(chosen.threads)
    chosen.batch = chosen.batch or BATCH.get(chosen.workload, 0)
    return chosen


def batches(workload, count=DISTINCT_BATCHES, size=None):
    """Synthetic tuples of arrays: images are float32, channels last, tokens and labels int64."""
    import numpy
    random = numpy.random.default_rng(0)
    size = size or BATCH[workload]
    workload = INFERENCE.get(workload, workload)

    def normal(*shape):
        return random.standard_normal(shape, dtype=numpy.float32)

    def integers(limit, *shape):
        return random.integers(0, limit, shape).astype(numpy.int64)
    if workload in IMAGES:
        shape, classes = IMAGES[workload]
        return [(normal(size, *shape), integers(classes, size)) for _ in range(count)]
    if workload == 'unet_128':
        return [(normal(size, 128, 128, 1), integers(2, size, 128, 128)) for _ in range(count)]
    if workload in ('lstm_char', 'gpt_small'):
        return [(integers(65, size, 128), integers(65, size, 128)) for _ in range(count)]
    if workload == 'seq2seq_bahdanau':
        return [tuple(integers(4000, size, 20) for _ in range(3)) for _ in range(count)]
    if workload == 'vae_mnist':
        return [(random.random((size, 784), dtype=numpy.float32),) for _ in range(count)]
    if workload == 'dcgan_28':
        return [(random.random((size, 28, 28, 1), dtype=numpy.float32) * 2 - 1,) for _ in range(count)]
    # Words by rank; negative ones by the power 3/4 of that.
    shares = 1 / (numpy.arange(50_000) + 3.0)
    words, others = (numpy.cumsum(weights / weights.sum()) for weights in (shares, shares ** 0.75))

    def draw(sums, *shape):
        return numpy.minimum(numpy.searchsorted(sums, random.random(shape)), 49_999).astype(numpy.int64)
    return [(draw(words, size), draw(words, size), draw(others, size, 5)) for _ in range(count)]


def convolution_flops(batch, height, width, channels, maps, kernel, stride, padding, groups=1):
    rows, columns = ((extent + 2 * padding - kernel) // stride + 1 for extent in (height, width))
    return 2.0 * batch * rows * columns * maps * (channels // groups) * kernel * kernel


def percentile(values, share):
    ordered = sorted(values)
    return ordered[round(share * (len(ordered) - 1))]


def peak_rss_mb():
    """Peak resident memory; where Linux tells it, that of this program image alone."""
    try:
        with open('/proc/self/status') as status:
            return next(int(line.split()[1]) for line in status if line.startswith('VmHWM')) / 1024
    except (OSError, StopIteration):
        unit = 2**20 if sys.platform == 'darwin' else 2**10
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


class Load:
    """CPU seconds of the whole machine and of this process, to see what else was running."""

    def __init__(self):
        self.clock = time.perf_counter()
        times = os.times()
        self.own = times.user + times.system
        try:
            with open('/proc/stat') as statistics:
                ticks = [int(field) for field in statistics.readline().split()[1:9]]
        except OSError:
            ticks = None
        second = os.sysconf('SC_CLK_TCK')
        self.busy = ticks and (sum(ticks[:3]) + ticks[5] + ticks[6]) / second
        self.stolen = ticks and ticks[7] / second

    def since(self, start):
        seconds = self.clock - start.clock
        own = (self.own - start.own) / seconds
        if self.busy is None:
            return {'own_cores': round(own, 3), 'other_cores': None, 'steal_cores': None}
        busy = (self.busy - start.busy) / seconds
        stolen = (self.stolen - start.stolen) / seconds
        return {'own_cores': round(own, 3), 'other_cores': round(max(0.0, busy - own), 2),
                'steal_cores': round(stolen, 3)}


def emit(**record):
    print(json.dumps(record), flush=True)


def train(step, chosen, framework, version, import_s, parameters):
    """Times `step(index) -> loss` and prints the result."""
    expected = PARAMETERS[chosen.workload]
    if parameters != expected:
        sys.exit(f'{framework} {chosen.workload}: {parameters} parameters instead of {expected}')
    start = time.perf_counter()
    first_loss = step(0)
    first_step = time.perf_counter() - start
    for index in range(1, 4):
        step(index)
    times, index = [], 4
    least = CALLS if chosen.workload in INFERENCE and chosen.batch == 1 else 20
    before = Load()
    while True:
        start = time.perf_counter()
        loss = step(index)
        end = time.perf_counter()
        times.append(end - start)
        index += 1
        elapsed = end - before.clock
        if elapsed >= chosen.min_time and len(times) >= least or elapsed >= 5 * chosen.min_time and len(times) >= 8:
            break
    load = Load().since(before)
    median = percentile(times, 0.5)
    emit(framework=framework, version=version, mode=chosen.mode, workload=chosen.workload, batch=chosen.batch,
         threads=chosen.threads, params=parameters, items_per_s=round(chosen.batch / median, 2),
         ms_per_step_median=round(median * 1e3, 4), ms_per_step_p10=round(percentile(times, 0.1) * 1e3, 4),
         ms_per_step_p90=round(percentile(times, 0.9) * 1e3, 4),
         ms_per_step_p99=round(percentile(times, 0.99) * 1e3, 4), ms_per_step_min=round(min(times) * 1e3, 4),
         cpu_ms_per_step=round(load['own_cores'] * elapsed / len(times) * 1e3, 4), timed_steps=len(times), **load,
         first_step_s=round(first_step, 4), import_s=round(import_s, 3), peak_rss_mb=round(peak_rss_mb(), 1),
         loss_first=round(float(first_loss), 5), loss_last=round(float(loss), 5))


def epochs(chosen, framework, version, import_s, batches):
    """Times passes over `batches()`, which gives batches of inputs and labels, after one that warms up."""
    times, first, before = [], None, Load()
    while True:
        start, count, steps = time.perf_counter(), 0, 0
        for inputs, _ in batches():
            count += len(inputs)
            steps += 1
            first = first or time.perf_counter() - start
        times.append((time.perf_counter() - start) / steps)
        if len(times) == 1:
            before = Load()
        elif time.perf_counter() - before.clock >= chosen.min_time and len(times) >= 3:
            break
    load = Load().since(before)
    middle = percentile(times[1:], 0.5)
    emit(framework=framework, version=version, mode=chosen.mode, workload=chosen.workload, threads=chosen.threads,
         batch=count // steps, items_per_s=round(count / steps / middle, 1), ms_per_step_median=round(middle * 1e3, 4),
         ms_per_step_p10=round(percentile(times[1:], 0.1) * 1e3, 4),
         ms_per_step_p90=round(percentile(times[1:], 0.9) * 1e3, 4), epochs=len(times) - 1, **load,
         first_step_s=round(first, 4), import_s=round(import_s, 3), peak_rss_mb=round(peak_rss_mb(), 1))


def micro(chosen, framework, version, matmul, convolution):
    """Times `matmul(rows, columns, depth)` and `convolution(*shape, backward)`, which return functions to call."""
    least = min(chosen.min_time, 3.0) / 6

    def measure(name, flops, call):
        call()
        call()
        times = []
        before = Load()
        while sum(times) < least or len(times) < 7:
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
        median = percentile(times, 0.5)
        emit(framework=framework, version=version, mode=chosen.mode, workload='micro', op=name,
             threads=chosen.threads, ms_per_step_median=round(median * 1e3, 4),
             ms_per_step_p10=round(percentile(times, 0.1) * 1e3, 4),
             ms_per_step_p90=round(percentile(times, 0.9) * 1e3, 4), ms_per_step_min=round(min(times) * 1e3, 4),
             gflops=round(flops / median / 1e9, 1),
             timed_steps=len(times), **Load().since(before))

    for rows, columns, depth in MATMULS:
        measure(f'matmul_{rows}x{columns}x{depth}', 2.0 * rows * columns * depth, matmul(rows, columns, depth))
    for name, shape in CONVOLUTIONS.items():
        flops = convolution_flops(*shape)
        measure('convolution_' + name, flops, convolution(*shape, backward=False))
        measure('convolution_gradients_' + name, 3 * flops, convolution(*shape, backward=True))


def cold_start(chosen, framework, version, loss):
    """The runner times the whole process; this only says what it was."""
    emit(framework=framework, version=version, mode=chosen.mode, workload='coldstart', threads=chosen.threads,
         peak_rss_mb=round(peak_rss_mb(), 1), loss_first=round(float(loss), 5))
