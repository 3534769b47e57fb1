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

from keras import layers
tf.config.threading.set_intra_op_parallelism_threads(chosen.threads)
tf.config.threading.set_inter_op_parallelism_threads(chosen.threads)
keras.utils.set_random_seed(0)
assert chosen.mode in ('graph', 'xla'), chosen.mode
xla = chosen.mode == 'xla'


def convolution_norm(x, maps, kernel, stride=1):
    x = layers.Conv2D(maps, kernel, stride, 'same', use_bias=False)(x)
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)


def resnet18():
    image = layers.Input((32, 32, 3))
    x, channels = layers.ReLU()(convolution_norm(image, 64, 3)), 64
    for maps, first in ((64, 1), (128, 2), (256, 2), (512, 2)):
        for stride in (first, 1):
            y = layers.ReLU()(convolution_norm(x, maps, 3, stride))
            y = convolution_norm(y, maps, 3)
            shortcut = x if stride == 1 and channels == maps else convolution_norm(x, maps, 1, stride)
            x, channels = layers.ReLU()(layers.Add()([y, shortcut])), maps
    return keras.Model(image, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))


def network(workload):
    if workload == 'mlp_mnist':
        stack = [layers.Dense(512, 'relu'), layers.Dense(512, 'relu')]
    elif workload == 'cnn_mnist':
        stack = [layers.Conv2D(32, 3, activation='relu'), layers.Conv2D(64, 3, activation='relu'),
                 layers.MaxPooling2D(2), layers.Flatten(), layers.Dense(128, 'relu'), layers.Dropout(0.5)]
    elif workload == 'lenet5':
        stack = [layers.Conv2D(6, 5, padding='same', activation='relu'), layers.MaxPooling2D(2),
                 layers.Conv2D(16, 5, activation='relu'), layers.MaxPooling2D(2), layers.Flatten(),
                 layers.Dense(120, 'relu'), layers.Dense(84, 'relu')]
    else:
        return resnet18()
    return keras.Sequential([layers.Input(harness.INPUT[workload]), *stack, layers.Dense(10)])


def optimizer(workload):
    if workload == 'cnn_mnist':
        return keras.optimizers.Adam(1e-3)
    if workload == 'lenet5':
        return keras.optimizers.SGD(0.01)
    return keras.optimizers.SGD(0.01 if workload == 'mlp_mnist' else 0.05, momentum=0.9)


def training_step(workload, data):
    model, update = network(workload), optimizer(workload)
    variables = model.trainable_variables
    update.build(variables)
    decay = 5e-4 if workload == 'resnet18_cifar' else 0

    @tf.function(jit_compile=xla)
    def train(x, labels):
        with tf.GradientTape() as tape:
            logits = model(x, training=True)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
        gradients = tape.gradient(loss, variables)
        if decay:
            gradients = [gradient + decay * variable for gradient, variable in zip(gradients, variables)]
        update.apply(gradients, variables)
        return loss

    parameters = sum(int(tf.size(variable)) for variable in variables)
    return (lambda index: float(train(*data[index % len(data)]).numpy())), parameters


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
    step, _ = training_step('mlp_mnist', [(tf.random.normal((128, 784)), labels)])
    harness.cold_start(chosen, 'keras', version, step(0))
else:
    data = [(tf.constant(x), tf.constant(labels)) for x, labels in harness.batches(chosen.workload)]
    step, parameters = training_step(chosen.workload, data)
    harness.train(step, chosen, 'keras', version, import_s, parameters)
