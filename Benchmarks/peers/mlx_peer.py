"""MLX on the CPU. Modes: compile (`mx.compile` of the whole step), eager."""
import time
import harness

chosen = harness.arguments('compile')
start = time.perf_counter()
import mlx.core as mx
from mlx import nn, optimizers
from mlx.utils import tree_flatten
import_s = time.perf_counter() - start

from importlib import metadata
mx.set_default_device(mx.cpu)
mx.random.seed(0)
assert chosen.mode in ('compile', 'eager'), chosen.mode


class Flatten(nn.Module):
    def __call__(self, x):
        return x.reshape(x.shape[0], -1)


class GlobalAverage(nn.Module):
    def __call__(self, x):
        return x.mean((1, 2))


class Residual(nn.Module):
    def __init__(self, channels, maps, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, maps, 3, stride, 1, bias=False), nn.BatchNorm(maps), nn.ReLU(),
            nn.Conv2d(maps, maps, 3, 1, 1, bias=False), nn.BatchNorm(maps))
        self.shortcut = nn.Identity()
        if stride != 1 or channels != maps:
            self.shortcut = nn.Sequential(nn.Conv2d(channels, maps, 1, stride, bias=False), nn.BatchNorm(maps))

    def __call__(self, x):
        return nn.relu(self.body(x) + self.shortcut(x))


def resnet18():
    layers, channels = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm(64), nn.ReLU()], 64
    for maps, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        layers += [Residual(channels, maps, stride), Residual(maps, maps, 1)]
        channels = maps
    return nn.Sequential(*layers, GlobalAverage(), nn.Linear(512, 10))


def network(workload):
    relu = nn.ReLU
    if workload == 'mlp_mnist':
        return nn.Sequential(nn.Linear(784, 512), relu(), nn.Linear(512, 512), relu(), nn.Linear(512, 10))
    if workload == 'cnn_mnist':
        return nn.Sequential(nn.Conv2d(1, 32, 3), relu(), nn.Conv2d(32, 64, 3), relu(), nn.MaxPool2d(2, 2),
                             Flatten(), nn.Linear(9216, 128), relu(), nn.Dropout(0.5), nn.Linear(128, 10))
    if workload == 'lenet5':
        return nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), relu(), nn.MaxPool2d(2, 2), nn.Conv2d(6, 16, 5), relu(),
                             nn.MaxPool2d(2, 2), Flatten(), nn.Linear(400, 120), relu(), nn.Linear(120, 84), relu(),
                             nn.Linear(84, 10))
    return resnet18()


def optimizer(workload):
    if workload == 'mlp_mnist':
        return optimizers.SGD(0.01, momentum=0.9)
    if workload == 'cnn_mnist':
        return optimizers.Adam(1e-3)
    if workload == 'lenet5':
        return optimizers.SGD(0.01)
    return optimizers.SGD(0.05, momentum=0.9, weight_decay=5e-4)


def training_step(workload, data):
    model, update = network(workload), optimizer(workload)
    model.train()
    mx.eval(model.parameters())

    def loss_of(x, labels):
        return nn.losses.cross_entropy(model(x), labels, reduction='mean')
    value_and_gradients = nn.value_and_grad(model, loss_of)
    state = [model.state, update.state, mx.random.state]

    def train(x, labels):
        loss, gradients = value_and_gradients(x, labels)
        update.update(model, gradients)
        return loss
    if chosen.mode == 'compile':
        train = mx.compile(train, inputs=state, outputs=state)

    def step(index):
        loss = train(*data[index % len(data)])
        mx.eval(loss, state)
        return loss.item()
    return step, sum(value.size for _, value in tree_flatten(model.trainable_parameters()))


def call(function, *inputs):
    mx.eval(*inputs)
    return lambda: mx.eval(function(*inputs))


def matmul(rows, columns, depth):
    return call(mx.matmul, mx.random.normal((rows, depth)), mx.random.normal((depth, columns)))


def convolution(batch, height, width, channels, maps, kernel, stride, padding, groups=1, *, backward):
    x = mx.random.normal((batch, height, width, channels))
    w = mx.random.normal((maps, kernel, kernel, channels // groups))

    def forward(x, w):
        return mx.conv2d(x, w, stride, padding, groups=groups)
    if not backward:
        return call(forward, x, w)
    dy = mx.ones_like(forward(x, w))

    def gradients(x, w, dy):
        y, products = mx.vjp(forward, [x, w], [dy])
        return [*y, *products]
    return call(gradients, x, w, dy)


version = metadata.version('mlx')
if chosen.workload == 'micro':
    harness.micro(chosen, 'mlx', version, matmul, convolution)
elif chosen.workload == 'coldstart':
    step, _ = training_step('mlp_mnist', [(mx.random.normal((128, 784)), mx.random.randint(0, 10, (128,)))])
    harness.cold_start(chosen, 'mlx', version, step(0))
else:
    data = [(mx.array(x), mx.array(labels.astype('int32'))) for x, labels in harness.batches(chosen.workload)]
    step, parameters = training_step(chosen.workload, data)
    harness.train(step, chosen, 'mlx', version, import_s, parameters)
