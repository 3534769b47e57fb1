"""Keras with TensorFlow. Modes: graph (a `tf.function` step; what Keras picks by itself on CPUs), xla (the same
step compiled by XLA)."""
import os
import time
import harness

chosen = harness.arguments('graph')
os.environ['KERAS_BACKEND'] = 'tensorflow'
os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
start = time.perf_counter()
import tensorflow as tf
import keras
import_s = time.perf_counter() - start

import keras_networks as networks
tf.config.threading.set_intra_op_parallelism_threads(chosen.threads)
tf.config.threading.set_inter_op_parallelism_threads(chosen.threads)
keras.utils.set_random_seed(0)
assert chosen.mode in ('graph', 'xla'), chosen.mode
xla = chosen.mode == 'xla'


def call(function, *inputs):
    compiled = tf.function(function, jit_compile=xla)
    return lambda: compiled(*inputs)


def matmul(rows, columns, depth):
    return call(tf.matmul, tf.random.normal((rows, depth)), tf.random.normal((depth, columns)))


def convolution(batch, height, width, channels, maps, kernel, stride, padding, groups=1, *, backward):
    x = tf.random.normal((batch, height, width, channels))
    depthwise = groups > 1
    w = tf.random.normal((kernel, kernel, channels, 1) if depthwise else (kernel, kernel, channels, maps))

    def forward(x, w):
        if depthwise:
            return tf.nn.depthwise_conv2d(x, w, (1, stride, stride, 1), 'SAME')
        return tf.nn.conv2d(x, w, stride, 'SAME' if padding else 'VALID')
    if not backward:
        return call(forward, x, w)
    dy = tf.random.normal(forward(x, w).shape)

    def gradients(x, w, dy):
        with tf.GradientTape() as tape:
            tape.watch([x, w])
            y = forward(x, w)
        return [y, *tape.gradient(y, [x, w], dy)]
    return call(gradients, x, w, dy)


version = f'{keras.__version__} (TensorFlow {tf.__version__})'
if chosen.workload == 'micro':
    harness.micro(chosen, 'keras', version, matmul, convolution)
elif chosen.workload == 'coldstart':
    labels = tf.random.uniform((128,), 0, 10, tf.int64)
    step, _ = networks.training_step('mlp_mnist', [(tf.random.normal((128, 784)), labels)], xla)
    harness.cold_start(chosen, 'keras', version, step(0))
else:
    data = [tuple(map(tf.constant, batch)) for batch in harness.batches(chosen.workload, size=chosen.batch)]
    make = networks.prediction if chosen.workload in harness.INFERENCE else networks.training_step
    step, parameters = make(chosen.workload, data, xla)
    harness.train(step, chosen, 'keras', version, import_s, parameters)
