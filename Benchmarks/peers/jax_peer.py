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
import optax  # noqa: F401, as part of the time
from jax import lax, numpy as jnp
import_s = time.perf_counter() - start

import jax_networks as networks
from jax_networks import normal
assert chosen.mode == 'jit', chosen.mode


def call(function, *inputs):
    compiled = jax.jit(function)
    inputs = [jnp.asarray(value) for value in inputs]
    return lambda: jax.block_until_ready(compiled(*inputs))


def matmul(rows, columns, depth):
    return call(jnp.matmul, normal(rows, depth), normal(depth, columns))


def convolution(batch, height, width, channels, maps, kernel, stride, padding, groups=1, *, backward):
    x, w = normal(batch, height, width, channels), normal(kernel, kernel, channels // groups, maps)

    def forward(x, w):
        return lax.conv_general_dilated(x, w, (stride, stride), [(padding, padding)] * 2,
                                        dimension_numbers=networks.LAYOUTS[4], feature_group_count=groups)
    if not backward:
        return call(forward, x, w)

    def gradients(x, w, dy):
        y, pullback = jax.vjp(forward, x, w)
        return y, pullback(dy)
    return call(gradients, x, w, normal(*jax.eval_shape(forward, x, w).shape))


def device_batch(arrays):
    return tuple(jnp.asarray(a.astype('int32') if a.dtype == 'int64' else a) for a in arrays)


version = jax.__version__
if chosen.workload == 'micro':
    harness.micro(chosen, 'jax', version, matmul, convolution)
elif chosen.workload == 'coldstart':
    labels = networks.random.integers(0, 10, 128)
    step, _ = networks.training_step('mlp_mnist', [device_batch((normal(128, 784), labels))])
    harness.cold_start(chosen, 'jax', version, step(0))
else:
    data = [device_batch(batch) for batch in harness.batches(chosen.workload, size=chosen.batch)]
    make = networks.prediction if chosen.workload in harness.INFERENCE else networks.training_step
    step, parameters = make(chosen.workload, data)
    harness.train(step, chosen, 'jax', version, import_s, parameters)
