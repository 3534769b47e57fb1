"""JAX with optax. Mode: jit (the whole step compiled, its state donated)."""
import os
import time
import harness

chosen = harness.arguments('jit')
os.environ['JAX_PLATFORMS'] = 'cpu'
if chosen.threads == 1:
    os.environ['XLA_FLAGS'] = '--xla_cpu_multi_thread_eigen=false ' + os.environ.get('XLA_FLAGS', '')
start = time.perf_counter()
import jax
import optax
from jax import lax, numpy as jnp
import_s = time.perf_counter() - start

import numpy
assert chosen.mode == 'jit', chosen.mode
random = numpy.random.default_rng(0)
relu = jax.nn.relu
layout = ('NHWC', 'HWIO', 'NHWC')


def normal(*shape):
    return random.standard_normal(shape, dtype=numpy.float32)


def dense_parameters(inputs, units):
    return {'w': normal(inputs, units) * inputs ** -0.5, 'b': numpy.zeros(units, numpy.float32)}


def kernel_parameters(channels, maps, kernel, bias=True):
    weight = {'w': normal(kernel, kernel, channels, maps) * (2 / (channels * kernel * kernel)) ** 0.5}
    return {**weight, 'b': numpy.zeros(maps, numpy.float32)} if bias else weight


def dense(p, x):
    return x @ p['w'] + p['b']


def convolve(p, x, stride=1, padding='VALID'):
    y = lax.conv_general_dilated(x, p['w'], (stride, stride), padding, dimension_numbers=layout)
    return y + p['b'] if 'b' in p else y


def max_pool(x):
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), 'VALID')


def mlp():
    def apply(p, running, x, key):
        return dense(p[2], relu(dense(p[1], relu(dense(p[0], x))))), running
    return [dense_parameters(784, 512), dense_parameters(512, 512), dense_parameters(512, 10)], [], apply


def cnn():
    def apply(p, running, x, key):
        x = max_pool(relu(convolve(p[1], relu(convolve(p[0], x)))))
        x = relu(dense(p[2], x.reshape(x.shape[0], -1)))
        x = jnp.where(jax.random.bernoulli(key, 0.5, x.shape), x * 2, 0)
        return dense(p[3], x), running
    return [kernel_parameters(1, 32, 3), kernel_parameters(32, 64, 3),
            dense_parameters(9216, 128), dense_parameters(128, 10)], [], apply


def lenet():
    def apply(p, running, x, key):
        x = max_pool(relu(convolve(p[0], x, padding='SAME')))
        x = max_pool(relu(convolve(p[1], x)))
        x = relu(dense(p[3], relu(dense(p[2], x.reshape(x.shape[0], -1)))))
        return dense(p[4], x), running
    return [kernel_parameters(1, 6, 5), kernel_parameters(6, 16, 5), dense_parameters(400, 120),
            dense_parameters(120, 84), dense_parameters(84, 10)], [], apply


def resnet18():
    running = []

    def unit(channels, maps, kernel):
        running.append({'mean': numpy.zeros(maps, numpy.float32), 'variance': numpy.ones(maps, numpy.float32)})
        return {**kernel_parameters(channels, maps, kernel, bias=False),
                'scale': numpy.ones(maps, numpy.float32), 'shift': numpy.zeros(maps, numpy.float32)}

    first, blocks, strides, channels = unit(3, 64, 3), [], [], 64
    for maps, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        for s in (stride, 1):
            block = {'first': unit(channels, maps, 3), 'second': unit(maps, maps, 3)}
            if s != 1 or channels != maps:
                block['shortcut'] = unit(channels, maps, 1)
            blocks.append(block)
            strides.append(s)
            channels = maps

    def apply(p, running, x, key):
        updated = []

        def normed(q, x, stride=1):
            y = convolve({'w': q['w']}, x, stride, 'SAME')
            mean = y.mean((0, 1, 2))
            variance = (y * y).mean((0, 1, 2)) - mean * mean
            old = running[len(updated)]
            updated.append({'mean': 0.9 * old['mean'] + 0.1 * mean, 'variance': 0.9 * old['variance'] + 0.1 * variance})
            scale = q['scale'] * lax.rsqrt(variance + 1e-5)
            return y * scale + (q['shift'] - mean * scale)

        x = relu(normed(p['first'], x))
        for block, stride in zip(p['blocks'], strides):
            y = normed(block['second'], relu(normed(block['first'], x, stride)))
            x = relu(y + (normed(block['shortcut'], x, stride) if 'shortcut' in block else x))
        return dense(p['last'], x.mean((1, 2))), updated
    return {'first': first, 'blocks': blocks, 'last': dense_parameters(512, 10)}, running, apply


networks = {'mlp_mnist': mlp, 'cnn_mnist': cnn, 'lenet5': lenet, 'resnet18_cifar': resnet18}
optimizers = {
    'mlp_mnist': lambda: optax.sgd(0.01, momentum=0.9), 'cnn_mnist': lambda: optax.adam(1e-3),
    'lenet5': lambda: optax.sgd(0.01),
    'resnet18_cifar': lambda: optax.chain(optax.add_decayed_weights(5e-4), optax.sgd(0.05, momentum=0.9))}


def training_step(workload, data):
    parameters, running, apply = networks[workload]()
    update = optimizers[workload]()
    count = sum(numpy.size(leaf) for leaf in jax.tree.leaves(parameters))
    parameters, running = jax.tree.map(jnp.asarray, (parameters, running))
    state = [parameters, running, update.init(parameters), jax.random.key(0)]

    def train(parameters, running, moments, key, x, labels):
        key, dropout = jax.random.split(key)

        def loss_of(parameters):
            logits, updated = apply(parameters, running, x, dropout)
            return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean(), lax.stop_gradient(updated)
        (loss, updated), gradients = jax.value_and_grad(loss_of, has_aux=True)(parameters)
        changes, moments = update.update(gradients, moments, parameters)
        return optax.apply_updates(parameters, changes), updated, moments, key, loss
    compiled = jax.jit(train, donate_argnums=(0, 1, 2, 3))

    def step(index):
        *state[:], loss = compiled(*state, *data[index % len(data)])
        return float(loss)
    return step, int(count)


def call(function, *inputs):
    compiled = jax.jit(function)
    inputs = [jnp.asarray(value) for value in inputs]
    return lambda: jax.block_until_ready(compiled(*inputs))


def matmul(rows, columns, depth):
    return call(jnp.matmul, normal(rows, depth), normal(depth, columns))


def convolution(batch, height, width, channels, maps, kernel, stride, padding, groups=1, *, backward):
    x, w = normal(batch, height, width, channels), normal(kernel, kernel, channels // groups, maps)

    def forward(x, w):
        return lax.conv_general_dilated(x, w, (stride, stride), [(padding, padding)] * 2, dimension_numbers=layout,
                                        feature_group_count=groups)
    if not backward:
        return call(forward, x, w)

    def gradients(x, w, dy):
        y, pullback = jax.vjp(forward, x, w)
        return y, pullback(dy)
    return call(gradients, x, w, normal(*jax.eval_shape(forward, x, w).shape))


def device_batch(x, labels):
    return jnp.asarray(x), jnp.asarray(labels.astype(numpy.int32))


version = jax.__version__
if chosen.workload == 'micro':
    harness.micro(chosen, 'jax', version, matmul, convolution)
elif chosen.workload == 'coldstart':
    step, _ = training_step('mlp_mnist', [device_batch(normal(128, 784), random.integers(0, 10, 128))])
    harness.cold_start(chosen, 'jax', version, step(0))
else:
    step, parameters = training_step(chosen.workload, [device_batch(*b) for b in harness.batches(chosen.workload)])
    harness.train(step, chosen, 'jax', version, import_s, parameters)
