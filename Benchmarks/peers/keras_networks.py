"""The networks in Keras: `network(workload)` gives the model; `training_step` and `prediction` make steps of it, in a
graph or compiled by XLA."""
import harness
import keras
import tensorflow as tf
from keras import layers


def norm(x):
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)


def relu(x, limit=None):
    return layers.ReLU(limit)(x)


def convolve(x, maps, kernel, stride=1):
    return layers.Conv2D(maps, kernel, stride, 'same', use_bias=False)(x)


def resnet18(x):
    x, channels = relu(norm(convolve(x, 64, 3))), 64
    for maps, first in ((64, 1), (128, 2), (256, 2), (512, 2)):
        for stride in (first, 1):
            y = norm(convolve(relu(norm(convolve(x, maps, 3, stride))), maps, 3))
            shortcut = x if stride == 1 and channels == maps else norm(convolve(x, maps, 1, stride))
            x, channels = relu(layers.Add()([y, shortcut])), maps
    return layers.Dense(10)(layers.GlobalAveragePooling2D()(x))


def densenet(x):
    x, channels = convolve(x, 12, 3), 12
    for block in range(3):
        for _ in range(12):
            y = layers.Dropout(0.2)(convolve(relu(norm(x)), 48, 1))
            y = layers.Dropout(0.2)(convolve(relu(norm(y)), 12, 3))
            x, channels = layers.Concatenate()([x, y]), channels + 12
        if block < 2:
            x = layers.AveragePooling2D(2)(relu(norm(convolve(x, channels, 1))))
            x = layers.Dropout(0.2)(x)
    return layers.Dense(10)(layers.GlobalAveragePooling2D()(relu(norm(x))))


def unet(x):
    def pair(x, maps):
        return relu(norm(convolve(relu(norm(convolve(x, maps, 3))), maps, 3)))
    kept = []
    for maps in (32, 64, 128, 256):
        kept.append(pair(x, maps))
        x = layers.MaxPooling2D(2)(kept[-1])
    x = pair(x, 512)
    for maps in (256, 128, 64, 32):
        x = pair(layers.Concatenate()([kept.pop(), layers.Conv2DTranspose(maps, 2, 2)(x)]), maps)
    return layers.Conv2D(2, 1)(x)


def character_lstm(x):
    x = layers.Embedding(65, 64)(x)
    for _ in range(2):
        x = layers.LSTM(256, return_sequences=True)(x)
    return layers.Dense(65)(x)


class Positions(layers.Layer):
    """Adds a learned vector to each place of a sequence."""

    def build(self, shape):
        self.table = self.add_weight(shape=shape[1:], initializer=keras.initializers.RandomNormal(stddev=0.02))

    def call(self, x):
        return x + self.table


class CausalAttention(layers.Layer):
    """Four heads of 64, each place seeing those before it."""

    def __init__(self):
        super().__init__()
        self.mix, self.project = layers.Dense(768), layers.Dense(256)

    def build(self, shape):
        self.mix.build(shape)
        self.project.build(shape)

    def call(self, x):
        length = x.shape[1]
        parts = tf.reshape(self.mix(x), (-1, length, 3, 4, 64))
        query, key, value = tf.unstack(tf.transpose(parts, (2, 0, 3, 1, 4)))
        hidden = 1e9 * (1 - tf.linalg.band_part(tf.ones((length, length)), -1, 0))
        shares = tf.nn.softmax(tf.matmul(query, key, transpose_b=True) / 8 - hidden)
        mixed = tf.transpose(tf.matmul(shares, value), (0, 2, 1, 3))
        return self.project(tf.reshape(mixed, (-1, length, 256)))


def gpt(x):
    def normed(x):
        return layers.LayerNormalization(epsilon=1e-5)(x)

    def gelu(x):
        return keras.activations.gelu(x, approximate=True)
    x = Positions()(layers.Embedding(65, 256)(x))
    for _ in range(4):
        x = layers.Add()([x, CausalAttention()(normed(x))])
        x = layers.Add()([x, layers.Dense(256)(layers.Dense(1024, gelu)(normed(x)))])
    return layers.Dense(65, use_bias=False)(normed(x))


class Autoencoder(keras.Model):
    """Its output is the loss: there are no labels."""

    def __init__(self):
        super().__init__()
        self.hidden, self.mean, self.log_variance = layers.Dense(400, 'relu'), layers.Dense(20), layers.Dense(20)
        self.back, self.logits = layers.Dense(400, 'relu'), layers.Dense(784)

    def call(self, x, training=False):
        h = self.hidden(x)
        mean, log_variance = self.mean(h), self.log_variance(h)
        code = mean + tf.random.normal(tf.shape(mean)) * tf.exp(log_variance / 2)
        logits = self.logits(self.back(code))
        missed = tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(x, logits))
        divergence = tf.reduce_sum(mean ** 2 + tf.exp(log_variance) - log_variance - 1) / 2
        return (missed + divergence) / tf.cast(tf.shape(x)[0], tf.float32)


def mobilenet(x):
    x, channels = relu(norm(convolve(x, 32, 3, 2)), 6), 32
    for expansion, maps, count, first in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                                          (6, 160, 3, 2), (6, 320, 1, 1)):
        for number in range(count):
            stride = first if number == 0 else 1
            y = relu(norm(convolve(x, channels * expansion, 1)), 6) if expansion != 1 else x
            y = relu(norm(layers.DepthwiseConv2D(3, stride, 'same', use_bias=False)(y)), 6)
            y = norm(convolve(y, maps, 1))
            x = layers.Add()([x, y]) if stride == 1 and channels == maps else y
            channels = maps
    x = layers.GlobalAveragePooling2D()(relu(norm(convolve(x, 1280, 1)), 6))
    return layers.Dense(1000)(layers.Dropout(0.2)(x))


def volumes(x):
    for maps in (16, 32, 64):
        x = layers.Conv3D(maps, 3, padding='same', use_bias=False)(x)
        x = layers.MaxPooling3D(2)(relu(norm(x)))
    return layers.Dense(2)(layers.GlobalAveragePooling3D()(x))


class Translator(keras.Model):
    def __init__(self):
        super().__init__()
        self.source, self.target = layers.Embedding(4000, 256), layers.Embedding(4000, 256)
        self.encoder = layers.GRU(256, return_sequences=True, return_state=True)
        self.decoder, self.head = layers.GRUCell(256), layers.Dense(4000)
        self.query, self.key, self.score = layers.Dense(256), layers.Dense(256), layers.Dense(1)

    def call(self, inputs, training=False):
        source, target = inputs
        memory, state = self.encoder(self.source(source))
        keys, states = self.key(memory), []
        for seen in tf.unstack(self.target(target), axis=1):
            scores = self.score(tf.tanh(self.query(state)[:, None] + keys))
            context = tf.reduce_sum(tf.nn.softmax(scores, 1) * memory, 1)
            state, _ = self.decoder(tf.concat((seen, context), 1), [state])
            states.append(state)
        return self.head(tf.stack(states, 1))


def generator():
    return keras.Sequential([
        layers.Input((100,)), layers.Dense(6272, use_bias=False), layers.Reshape((7, 7, 128)),
        layers.BatchNormalization(momentum=0.9, epsilon=1e-5), layers.ReLU(),
        layers.Conv2DTranspose(64, 4, 2, 'same', use_bias=False),
        layers.BatchNormalization(momentum=0.9, epsilon=1e-5), layers.ReLU(),
        layers.Conv2DTranspose(1, 4, 2, 'same', activation='tanh')])


def discriminator():
    return keras.Sequential([
        layers.Input((28, 28, 1)), layers.Conv2D(64, 4, 2, 'same'), layers.LeakyReLU(0.2),
        layers.Conv2D(128, 4, 2, 'same', use_bias=False), layers.BatchNormalization(momentum=0.9, epsilon=1e-5),
        layers.LeakyReLU(0.2), layers.Flatten(), layers.Dense(1)])


def mlp(x):
    return layers.Dense(10)(layers.Dense(512, 'relu')(layers.Dense(512, 'relu')(x)))


def cnn(x):
    x = layers.Conv2D(64, 3, activation='relu')(layers.Conv2D(32, 3, activation='relu')(x))
    x = layers.Dense(128, 'relu')(layers.Flatten()(layers.MaxPooling2D(2)(x)))
    return layers.Dense(10)(layers.Dropout(0.5)(x))


def lenet(x):
    x = layers.MaxPooling2D(2)(layers.Conv2D(6, 5, padding='same', activation='relu')(x))
    x = layers.Flatten()(layers.MaxPooling2D(2)(layers.Conv2D(16, 5, activation='relu')(x)))
    return layers.Dense(10)(layers.Dense(84, 'relu')(layers.Dense(120, 'relu')(x)))


NETWORKS = {
    'mlp_mnist': mlp, 'cnn_mnist': cnn, 'lenet5': lenet, 'resnet18_cifar': resnet18, 'densenet_bc_cifar': densenet,
    'unet_128': unet, 'lstm_char': character_lstm, 'gpt_small': gpt, 'mobilenetv2_96': mobilenet, 'cnn3d': volumes}
SHAPES = {**harness.INPUT, 'unet_128': (128, 128, 1), 'lstm_char': (128,), 'gpt_small': (128,)}


def network(workload, example):
    """The model with its variables made; `example` is a batch."""
    if workload in NETWORKS:
        entry = layers.Input(SHAPES[workload])
        return keras.Model(entry, NETWORKS[workload](entry))
    if workload == 'vae_mnist':
        model = Autoencoder()
        model(example[0])
    else:
        model = Translator()
        model(example[:2])
    return model


def optimizer(workload):
    if workload in ('mlp_mnist', 'mobilenetv2_96'):
        return keras.optimizers.SGD(0.01, momentum=0.9)
    if workload == 'lenet5':
        return keras.optimizers.SGD(0.01)
    if workload == 'resnet18_cifar':
        return keras.optimizers.SGD(0.05, momentum=0.9)
    if workload == 'gpt_small':
        return keras.optimizers.AdamW(3e-4, weight_decay=0.1)
    if workload == 'dcgan_28':
        return keras.optimizers.Adam(2e-4, beta_1=0.5)
    return keras.optimizers.Adam(1e-3)


def size(variables):
    return sum(int(tf.size(variable)) for variable in variables)


def cross_entropy(labels, logits):
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


def training_step(workload, data, xla):
    """The step, and the number of parameters."""
    if workload == 'dcgan_28':
        train, parameters = adversarial_step(xla)
    elif workload == 'sgns':
        train, parameters = skip_gram_step(xla)
    else:
        train, parameters = simple_step(workload, data[0], xla)
    return (lambda index: float(train(*data[index % len(data)]).numpy())), parameters


def simple_step(workload, example, xla):
    model, update = network(workload, example), optimizer(workload)
    variables = model.trainable_variables
    update.build(variables)
    decay = 5e-4 if workload == 'resnet18_cifar' else 0

    def loss_of(*batch):
        if workload == 'vae_mnist':
            return model(batch[0], training=True)
        *inputs, labels = batch
        return cross_entropy(labels, model(inputs if len(inputs) > 1 else inputs[0], training=True))

    @tf.function(jit_compile=xla)
    def train(*batch):
        with tf.GradientTape() as tape:
            loss = loss_of(*batch)
        gradients = tape.gradient(loss, variables)
        if decay:
            gradients = [gradient + decay * variable for gradient, variable in zip(gradients, variables)]
        update.apply(gradients, variables)
        return loss
    return train, size(variables)


def adversarial_step(xla):
    models = draw, judge = generator(), discriminator()
    updates = [optimizer('dcgan_28') for _ in models]
    drawing, judging = (model.trainable_variables for model in models)
    updates[0].build(drawing)
    updates[1].build(judging)

    def realness(scores, target):
        labels = tf.fill(tf.shape(scores), target)
        return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels, scores))

    @tf.function(jit_compile=xla)
    def train(real):
        with tf.GradientTape() as outer:
            fake = draw(tf.random.normal((real.shape[0], 100)), training=True)
            with outer.stop_recording():
                with tf.GradientTape() as inner:
                    loss = realness(judge(real, training=True), 1.0) + realness(judge(fake, training=True), 0.0)
                updates[1].apply(inner.gradient(loss, judging), judging)
            deceit = realness(judge(fake, training=True), 1.0)
        updates[0].apply(outer.gradient(deceit, drawing), drawing)
        return loss + deceit
    return train, size(drawing + judging)


def skip_gram_step(xla):
    """The gradients are slices of the rows that were gathered; only these are moved."""
    words = tf.Variable(tf.random.uniform((50_000, 128), -0.5 / 128, 0.5 / 128))
    others = tf.Variable(tf.zeros((50_000, 128)))

    @tf.function(jit_compile=xla)
    def train(centers, real, negative):
        with tf.GradientTape() as tape:
            near = tf.gather(others, tf.concat((real[:, None], negative), 1))
            scores = tf.linalg.matvec(near, tf.gather(words, centers))
            loss = -(tf.reduce_sum(tf.math.log_sigmoid(scores[:, 0]))
                     + tf.reduce_sum(tf.math.log_sigmoid(-scores[:, 1:])))
        for table, rows in zip((words, others), tape.gradient(loss, (words, others))):
            table.scatter_sub(tf.IndexedSlices(0.025 * rows.values, rows.indices))
        return loss / centers.shape[0]
    return train, size((words, others))


def prediction(workload, data, xla):
    """A pass in inference mode; a number of the output is read."""
    model = network(harness.INFERENCE[workload], data[0])
    forward = tf.function(lambda x: model(x, training=False), jit_compile=xla)
    return (lambda index: float(forward(data[index % len(data)][0]).numpy().flat[0])), size(model.trainable_variables)
