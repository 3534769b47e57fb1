"""Pipelines from files or memory to batches. Modes: loader0, loader2 (PyTorch's DataLoader with so many processes,
files read by Pillow), loader0_io, loader2_io (by torchvision's own decoder), data (tf.data, which decodes and crops in
one)."""
import glob
import os
import time
import harness

chosen = harness.arguments('loader0')
pictures = os.environ.get('APUS_BENCHMARK_PICTURES', 'pictures')
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
files = sorted(glob.glob(os.path.join(pictures, '*', '*.jpg')))
labels = [int(os.path.basename(os.path.dirname(path))[5:]) for path in files]
from_files = chosen.workload == 'pipeline_jpeg'


def torch_loader():
    start = time.perf_counter()
    import torch
    from torch.utils import data
    import_s = time.perf_counter() - start
    torch.set_num_threads(chosen.threads)
    if from_files:
        samples = picture_samples(torch, data.Dataset)
    else:
        samples = data.TensorDataset(torch.randn(60_000, 1, 28, 28), torch.randint(0, 10, (60_000,)))
    workers = int(chosen.mode.removeprefix('loader').removesuffix('_io'))
    loader = data.DataLoader(samples, 32 if from_files else 128, shuffle=True, num_workers=workers,
                             persistent_workers=workers > 0)
    return 'torch', torch.__version__, import_s, lambda: loader


def define_missing(torch):
    """Lets torchvision load beside a PyTorch whose build its own kernels do not fit; Pillow and transforms need none."""
    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        # Definitions last as long as the library that made them.
        global missing
        missing = torch.library.Library('torchvision', 'DEF')
        for name in ('nms', 'qnms'):
            missing.define(name + '(Tensor boxes, Tensor scores, float limit) -> Tensor')


def picture_samples(torch, base):
    define_missing(torch)
    if chosen.mode.endswith('_io'):
        from torchvision.io import decode_image
        from torchvision.transforms import v2
        change = v2.Compose([v2.RandomResizedCrop(224, antialias=True), v2.RandomHorizontalFlip(),
                             v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, DEVIATION)])
        read = decode_image
    else:
        from PIL import Image
        from torchvision import transforms
        change = transforms.Compose([transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(),
                                     transforms.ToTensor(), transforms.Normalize(MEAN, DEVIATION)])

        def read(path):
            return Image.open(path).convert('RGB')

    class Pictures(base):
        def __len__(self):
            return len(files)

        def __getitem__(self, index):
            return change(read(files[index])), labels[index]
    return Pictures()


def tensorflow_data():
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
    start = time.perf_counter()
    import numpy
    import tensorflow as tf
    import_s = time.perf_counter() - start
    tf.config.threading.set_intra_op_parallelism_threads(chosen.threads)
    tf.config.threading.set_inter_op_parallelism_threads(chosen.threads)

    def read(path, label):
        encoded = tf.io.read_file(path)
        corner, extent, _ = tf.image.sample_distorted_bounding_box(
            tf.io.extract_jpeg_shape(encoded), tf.zeros((1, 0, 4)), min_object_covered=0.0,
            aspect_ratio_range=(3 / 4, 4 / 3), area_range=(0.08, 1.0), use_image_if_no_bounding_boxes=True)
        part = tf.image.decode_and_crop_jpeg(encoded, tf.concat((corner[:2], extent[:2]), 0), channels=3)
        image = tf.image.random_flip_left_right(tf.image.resize(part, (224, 224)))
        return (image / 255 - tf.constant(MEAN)) / tf.constant(DEVIATION), label
    if from_files:
        samples = tf.data.Dataset.from_tensor_slices((files, labels)).shuffle(len(files))
        samples = samples.map(read, num_parallel_calls=tf.data.AUTOTUNE).batch(32)
    else:
        random = numpy.random.default_rng(0)
        arrays = random.standard_normal((60_000, 28, 28, 1), 'float32'), random.integers(0, 10, 60_000)
        samples = tf.data.Dataset.from_tensor_slices(arrays).shuffle(60_000).batch(128)
    samples = samples.prefetch(tf.data.AUTOTUNE)
    return 'keras', tf.__version__, import_s, lambda: samples


framework, version, import_s, batches = (tensorflow_data if chosen.mode == 'data' else torch_loader)()
harness.epochs(chosen, framework, version, import_s, batches)
