"""The networks in JAX: `make(workload)` gives parameters, running statistics and a function that applies both;
`training_step` and `prediction` make compiled steps of them."""
import harness
import jax
import numpy
import optax
from jax import lax, numpy as jnp

random = numpy.random.default_rng(0)
relu = jax.nn.relu
LAYOUTS = {4: ('NHWC', 'HWIO', 'NHWC'), 5: ('NDHWC', 'DHWIO', 'NDHWC')}


def normal(*shape):
    return random.standard_normal(shape, dtype=numpy.float32)


def uniform(limit, *shape):
    return random.uniform(-limit, limit, shape).astype(numpy.float32)


def zeros(*shape):
    return numpy.zeros(shape, numpy.float32)


def dense_parameters(inputs, units, bias=True):
    weight = {'w': normal(inputs, units) * inputs ** -0.5}
    return {**weight, 'b': zeros(units)} if bias else weight


def kernel_parameters(channels, maps, kernel, bias=True, rank=2):
    weight = {'w': normal(*[kernel] * rank, channels, maps) * (2 / (channels * kernel ** rank)) ** 0.5}
    return {**weight, 'b': zeros(maps)} if bias else weight


def affine_parameters(features):
    return {'scale': zeros(features) + 1, 'shift': zeros(features)}


def recurrent_parameters(inputs, units, gates, biases):
    names = ['b', 'c'][:biases]
    return {'x': uniform(units ** -0.5, inputs, gates * units), 'h': uniform(units ** -0.5, units, gates * units),
            **{name: uniform(units ** -0.5, gates * units) for name in names}}


def dense(p, x):
    return x @ p['w'] + p['b'] if 'b' in p else x @ p['w']


def convolve(p, x, stride=1, padding='VALID', groups=1):
    y = lax.conv_general_dilated(x, p['w'], (stride,) * (x.ndim - 2), padding, dimension_numbers=LAYOUTS[x.ndim],
                                 feature_group_count=groups)
    return y + p['b'] if 'b' in p else y


def enlarge(p, x, padding='VALID'):
    y = lax.conv_transpose(x, p['w'], (2, 2), padding, dimension_numbers=LAYOUTS[4])
    return y + p['b'] if 'b' in p else y


def max_pool(x):
    window = (1, *[2] * (x.ndim - 2), 1)
    return lax.reduce_window(x, -jnp.inf, lax.max, window, window, 'VALID')


def mean_pool(x):
    return lax.reduce_window(x, 0.0, lax.add, (1, 2, 2, 1), (1, 2, 2, 1), 'VALID') / 4


def global_mean(x):
    return x.mean(tuple(range(1, x.ndim - 1)))


def layer_norm(p, x):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) * lax.rsqrt(variance + 1e-5) * p['scale'] + p['shift']


class Running(list):
    """Running statistics of batch norms, in the order in which a pass meets them."""

    def norm(self, maps):
        self.append({'mean': zeros(maps), 'variance': zeros(maps) + 1})
        return affine_parameters(maps)

    def unit(self, channels, maps, kernel=3, rank=2):
        """A convolution without a bias, with its batch norm."""
        return {**kernel_parameters(channels, maps, kernel, False, rank), **self.norm(maps)}


class Pass:
    """One way through a network: it takes running statistics in turn, and random numbers from the key. Without a key,
    it predicts."""

    def __init__(self, running, key=None):
        self.running, self.key, self.updated = running, key, []

    def draw(self):
        self.key, drawn = jax.random.split(self.key)
        return drawn

    def norm(self, p, x):
        old = self.running[len(self.updated)]
        mean, variance = old['mean'], old['variance']
        if self.key is not None:
            axes = tuple(range(x.ndim - 1))
            mean = x.mean(axes)
            variance = (x * x).mean(axes) - mean * mean
            new = {'mean': mean, 'variance': variance}
            old = {name: 0.9 * old[name] + 0.1 * lax.stop_gradient(new[name]) for name in old}
        self.updated.append(old)
        scale = p['scale'] * lax.rsqrt(variance + 1e-5)
        return x * scale + (p['shift'] - mean * scale)

    def unit(self, p, x, stride=1, groups=1):
        return self.norm(p, convolve({'w': p['w']}, x, stride, 'SAME', groups))

    def dropout(self, x, rate):
        if self.key is None:
            return x
        return jnp.where(jax.random.bernoulli(self.draw(), 1 - rate, x.shape), x / (1 - rate), 0)


def mlp():
    def apply(p, way, x):
        return dense(p[2], relu(dense(p[1], relu(dense(p[0], x)))))
    return [dense_parameters(784, 512), dense_parameters(512, 512), dense_parameters(512, 10)], [], apply


def cnn():
    def apply(p, way, x):
        x = max_pool(relu(convolve(p[1], relu(convolve(p[0], x)))))
        x = relu(dense(p[2], x.reshape(x.shape[0], -1)))
        return dense(p[3], way.dropout(x, 0.5))
    return [kernel_parameters(1, 32, 3), kernel_parameters(32, 64, 3),
            dense_parameters(9216, 128), dense_parameters(128, 10)], [], apply


def lenet():
    def apply(p, way, x):
        x = max_pool(relu(convolve(p[0], x, padding='SAME')))
        x = max_pool(relu(convolve(p[1], x)))
        x = relu(dense(p[3], relu(dense(p[2], x.reshape(x.shape[0], -1)))))
        return dense(p[4], x)
    return [kernel_parameters(1, 6, 5), kernel_parameters(6, 16, 5), dense_parameters(400, 120),
            dense_parameters(120, 84), dense_parameters(84, 10)], [], apply


def resnet18():
    running, blocks, strides, channels = Running(), [], [], 64
    first = running.unit(3, 64)
    for maps, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        for s in (stride, 1):
            block = {'first': running.unit(channels, maps), 'second': running.unit(maps, maps)}
            if s != 1 or channels != maps:
                block['shortcut'] = running.unit(channels, maps, 1)
            blocks.append(block)
            strides.append(s)
            channels = maps

    def apply(p, way, x):
        x = relu(way.unit(p['first'], x))
        for block, stride in zip(p['blocks'], strides):
            y = way.unit(block['second'], relu(way.unit(block['first'], x, stride)))
            x = relu(y + (way.unit(block['shortcut'], x, stride) if 'shortcut' in block else x))
        return dense(p['last'], global_mean(x))
    return {'first': first, 'blocks': blocks, 'last': dense_parameters(512, 10)}, running, apply


def densenet():
    running, blocks, narrowings, channels = Running(), [], [], 12
    for number in range(3):
        layers = []
        for _ in range(12):
            layers.append({'norm1': running.norm(channels), 'narrow': kernel_parameters(channels, 48, 1, False),
                           'norm2': running.norm(48), 'wide': kernel_parameters(48, 12, 3, False)})
            channels += 12
        blocks.append(layers)
        if number < 2:
            narrowings.append(running.unit(channels, channels, 1))
    parameters = {'first': kernel_parameters(3, 12, 3, False), 'blocks': blocks, 'narrowings': narrowings,
                  'norm': running.norm(channels), 'last': dense_parameters(channels, 10)}

    def apply(p, way, x):
        x = convolve(p['first'], x, padding='SAME')
        for number, layers in enumerate(p['blocks']):
            for layer in layers:
                y = way.dropout(convolve(layer['narrow'], relu(way.norm(layer['norm1'], x))), 0.2)
                y = way.dropout(convolve(layer['wide'], relu(way.norm(layer['norm2'], y)), padding='SAME'), 0.2)
                x = jnp.concatenate([x, y], -1)
            if number < 2:
                x = way.dropout(mean_pool(relu(way.unit(p['narrowings'][number], x))), 0.2)
        return dense(p['last'], global_mean(relu(way.norm(p['norm'], x))))
    return parameters, running, apply


def unet():
    running, widths = Running(), [32, 64, 128, 256]

    def pair(channels, maps):
        return [running.unit(channels, maps), running.unit(maps, maps)]
    parameters = {
        'down': [pair(a, b) for a, b in zip([1, *widths], widths)], 'middle': pair(256, 512),
        'up': [{'enlarge': kernel_parameters(2 * w, w, 2), 'pair': pair(2 * w, w)} for w in reversed(widths)],
        'last': dense_parameters(32, 2)}

    def apply(p, way, x):
        def twice(units, x):
            return relu(way.unit(units[1], relu(way.unit(units[0], x))))
        kept = []
        for units in p['down']:
            kept.append(twice(units, x))
            x = max_pool(kept[-1])
        x = twice(p['middle'], x)
        for stage in p['up']:
            x = twice(stage['pair'], jnp.concatenate([kept.pop(), enlarge(stage['enlarge'], x)], -1))
        return dense(p['last'], x)
    return parameters, running, apply


def character_lstm():
    def recurrence(p, x):
        """`x` is [time, batch, features]; the products with it are made for all times at once."""
        def cell(state, seen):
            h, c = state
            enter, keep, new, leave = jnp.split(seen + h @ p['h'], 4, -1)
            c = jax.nn.sigmoid(keep) * c + jax.nn.sigmoid(enter) * jnp.tanh(new)
            h = jax.nn.sigmoid(leave) * jnp.tanh(c)
            return (h, c), h
        rest = jnp.zeros((x.shape[1], 256))
        return lax.scan(cell, (rest, rest), x @ p['x'] + p['b'])[1]

    def apply(p, way, x):
        x = p['embedding'][x.T]
        for layer in p['layers']:
            x = recurrence(layer, x)
        return dense(p['last'], x).swapaxes(0, 1)
    layers = [recurrent_parameters(64, 256, 4, 1), recurrent_parameters(256, 256, 4, 1)]
    return {'embedding': normal(65, 64), 'layers': layers, 'last': dense_parameters(256, 65)}, [], apply


def gpt():
    def block():
        return {'norm1': affine_parameters(256), 'mix': dense_parameters(256, 768),
                'project': dense_parameters(256, 256), 'norm2': affine_parameters(256),
                'inner': dense_parameters(256, 1024), 'outer': dense_parameters(1024, 256)}

    def attend(p, x):
        batch, length, _ = x.shape
        query, key, value = (part.reshape(batch, length, 4, 64) for part in jnp.split(dense(p['mix'], x), 3, -1))
        scores = jnp.einsum('bqhd,bkhd->bhqk', query, key) / 8
        scores = jnp.where(jnp.tril(jnp.ones((length, length), bool)), scores, -1e9)
        mixed = jnp.einsum('bhqk,bkhd->bqhd', jax.nn.softmax(scores), value)
        return dense(p['project'], mixed.reshape(x.shape))

    def apply(p, way, x):
        x = p['tokens'][x] + p['positions']
        for layer in p['blocks']:
            x = x + attend(layer, layer_norm(layer['norm1'], x))
            inner = dense(layer['inner'], layer_norm(layer['norm2'], x))
            x = x + dense(layer['outer'], jax.nn.gelu(inner, approximate=True))
        return dense(p['last'], layer_norm(p['norm'], x))
    return {'tokens': normal(65, 256) * 0.02, 'positions': normal(128, 256) * 0.02,
            'blocks': [block() for _ in range(4)], 'norm': affine_parameters(256),
            'last': dense_parameters(256, 65, bias=False)}, [], apply


def autoencoder():
    """Its value is the loss: there are no labels."""
    def apply(p, way, x):
        h = relu(dense(p['hidden'], x))
        mean, log_variance = dense(p['mean'], h), dense(p['variance'], h)
        code = mean + jnp.exp(log_variance / 2) * jax.random.normal(way.draw(), mean.shape)
        logits = dense(p['output'], relu(dense(p['back'], code)))
        missed = optax.sigmoid_binary_cross_entropy(logits, x).sum()
        return (missed + (mean ** 2 + jnp.exp(log_variance) - log_variance - 1).sum() / 2) / len(x)
    return {'hidden': dense_parameters(784, 400), 'mean': dense_parameters(400, 20),
            'variance': dense_parameters(400, 20), 'back': dense_parameters(20, 400),
            'output': dense_parameters(400, 784)}, [], apply


def generator():
    running = Running()
    first, norm = dense_parameters(100, 6272, bias=False), running.norm(128)
    middle = running.unit(128, 64, 4)

    def apply(p, way, code):
        x = relu(way.norm(p['norm'], dense(p['first'], code).reshape(-1, 7, 7, 128)))
        x = relu(way.norm(p['middle'], enlarge({'w': p['middle']['w']}, x, 'SAME')))
        return jnp.tanh(enlarge(p['last'], x, 'SAME'))
    return {'first': first, 'norm': norm, 'middle': middle, 'last': kernel_parameters(64, 1, 4)}, running, apply


def discriminator():
    running = Running()

    def apply(p, way, x):
        x = jax.nn.leaky_relu(convolve(p['first'], x, 2, 'SAME'), 0.2)
        x = jax.nn.leaky_relu(way.unit(p['second'], x, 2), 0.2)
        return dense(p['last'], x.reshape(len(x), -1))
    return {'first': kernel_parameters(1, 64, 4), 'second': running.unit(64, 128, 4),
            'last': dense_parameters(6272, 1)}, running, apply


def mobilenet():
    running, blocks, forms, channels = Running(), [], [], 32
    first = running.unit(3, 32)
    for expansion, maps, count, stride in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                                           (6, 160, 3, 2), (6, 320, 1, 1)):
        for number in range(count):
            inside, s = channels * expansion, stride if number == 0 else 1
            block = {'widen': running.unit(channels, inside, 1)} if expansion != 1 else {}
            # Of each group of one channel: [kernel, kernel, 1, maps].
            block['each'] = running.unit(1, inside)
            block['narrow'] = running.unit(inside, maps, 1)
            blocks.append(block)
            forms.append((s, inside, s == 1 and channels == maps))
            channels = maps
    parameters = {'first': first, 'blocks': blocks, 'widen': running.unit(320, 1280, 1),
                  'last': dense_parameters(1280, 1000)}

    def apply(p, way, x):
        x = jax.nn.relu6(way.unit(p['first'], x, 2))
        for block, (stride, inside, adds) in zip(p['blocks'], forms):
            y = jax.nn.relu6(way.unit(block['widen'], x)) if 'widen' in block else x
            y = way.unit(block['narrow'], jax.nn.relu6(way.unit(block['each'], y, stride, inside)))
            x = x + y if adds else y
        x = global_mean(jax.nn.relu6(way.unit(p['widen'], x)))
        return dense(p['last'], way.dropout(x, 0.2))
    return parameters, running, apply


def volumes():
    running = Running()
    units = [running.unit(channels, maps, rank=3) for channels, maps in ((1, 16), (16, 32), (32, 64))]

    def apply(p, way, x):
        for unit in p['units']:
            x = max_pool(relu(way.unit(unit, x)))
        return dense(p['last'], global_mean(x))
    return {'units': units, 'last': dense_parameters(64, 2)}, running, apply


def translator():
    def step(p, seen, h):
        """A GRU's step, given the product of its input."""
        reset, keep, new = jnp.split(seen, 3, -1)
        own_reset, own_keep, own_new = jnp.split(h @ p['h'] + p['c'], 3, -1)
        keep = jax.nn.sigmoid(keep + own_keep)
        new = jnp.tanh(new + jax.nn.sigmoid(reset + own_reset) * own_new)
        return keep * h + (1 - keep) * new

    def apply(p, way, source, target):
        def encode(h, seen):
            h = step(p['encoder'], seen, h)
            return h, h
        start = jnp.zeros((len(source), 256))
        last, memory = lax.scan(encode, start, p['source'][source.T] @ p['encoder']['x'] + p['encoder']['b'])
        memory = memory.swapaxes(0, 1)
        keys = dense(p['key'], memory)

        def decode(h, seen):
            scores = dense(p['score'], jnp.tanh(dense(p['query'], h)[:, None] + keys))
            context = (jax.nn.softmax(scores, 1) * memory).sum(1)
            h = step(p['decoder'], jnp.concatenate([seen, context], 1) @ p['decoder']['x'] + p['decoder']['b'], h)
            return h, h
        states = lax.scan(decode, last, p['target'][target.T])[1]
        return dense(p['last'], states).swapaxes(0, 1)
    return {'source': normal(4000, 256), 'target': normal(4000, 256), 'encoder': recurrent_parameters(256, 256, 3, 2),
            'decoder': recurrent_parameters(512, 256, 3, 2), 'query': dense_parameters(256, 256),
            'key': dense_parameters(256, 256), 'score': dense_parameters(256, 1),
            'last': dense_parameters(256, 4000)}, [], apply


NETWORKS = {
    'mlp_mnist': mlp, 'cnn_mnist': cnn, 'lenet5': lenet, 'resnet18_cifar': resnet18, 'densenet_bc_cifar': densenet,
    'unet_128': unet, 'lstm_char': character_lstm, 'gpt_small': gpt, 'vae_mnist': autoencoder,
    'mobilenetv2_96': mobilenet, 'cnn3d': volumes, 'seq2seq_bahdanau': translator}
OPTIMIZERS = {
    'mlp_mnist': lambda: optax.sgd(0.01, momentum=0.9), 'lenet5': lambda: optax.sgd(0.01),
    'resnet18_cifar': lambda: optax.chain(optax.add_decayed_weights(5e-4), optax.sgd(0.05, momentum=0.9)),
    'gpt_small': lambda: optax.adamw(3e-4, weight_decay=0.1), 'mobilenetv2_96': lambda: optax.sgd(0.01, momentum=0.9),
    'dcgan_28': lambda: optax.adam(2e-4, b1=0.5)}


def size(tree):
    return int(sum(numpy.size(leaf) for leaf in jax.tree.leaves(tree)))


def stepper(train, state, data):
    """A function from a number to a loss; the state is given to the compiled step, which may write over it."""
    compiled = jax.jit(train, donate_argnums=tuple(range(len(state))))
    state = list(jax.tree.map(jnp.asarray, state))

    def step(index):
        *state[:], loss = compiled(*state, *data[index % len(data)])
        return float(loss)
    return step


def training_step(workload, data):
    """The step, and the number of parameters."""
    if workload == 'sgns':
        return skip_gram_step(data)
    if workload == 'dcgan_28':
        return adversarial_step(data)
    parameters, running, apply = NETWORKS[workload]()
    update = OPTIMIZERS.get(workload, lambda: optax.adam(1e-3))()

    def train(parameters, running, moments, key, *batch):
        key, drawn = jax.random.split(key)

        def loss_of(parameters):
            way = Pass(running, drawn)
            if workload == 'vae_mnist':
                return apply(parameters, way, *batch), way.updated
            *inputs, labels = batch
            logits = apply(parameters, way, *inputs)
            return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean(), way.updated
        (loss, updated), gradients = jax.value_and_grad(loss_of, has_aux=True)(parameters)
        changes, moments = update.update(gradients, moments, parameters)
        return optax.apply_updates(parameters, changes), updated, moments, key, loss
    state = [parameters, list(running), update.init(jax.tree.map(jnp.asarray, parameters)), jax.random.key(0)]
    return stepper(train, state, data), size(parameters)


def adversarial_step(data):
    (drawing, drawing_norms, draw), (judging, judging_norms, judge) = generator(), discriminator()
    update = OPTIMIZERS['dcgan_28']()

    def realness(scores, target):
        return optax.sigmoid_binary_cross_entropy(scores, jnp.full_like(scores, target)).mean()

    def train(drawing, judging, norms, moments, key, real):
        key, drawn = jax.random.split(key)
        code = jax.random.normal(drawn, (len(real), 100))

        def drawn_by(p):
            way = Pass(norms[0], drawn)
            return draw(p, way, code), way.updated
        fake, back, drawing_norms = jax.vjp(drawn_by, drawing, has_aux=True)

        def judged(p):
            first = Pass(norms[1], drawn)
            loss = realness(judge(p, first, real), 1)
            second = Pass(first.updated, drawn)
            return loss + realness(judge(p, second, fake), 0), second.updated

        def deceived(fake, p, norms):
            way = Pass(norms, drawn)
            return realness(judge(p, way, fake), 1), way.updated
        (loss, judging_norms), gradients = jax.value_and_grad(judged, has_aux=True)(judging)
        changes, moments[1] = update.update(gradients, moments[1], judging)
        judging = optax.apply_updates(judging, changes)
        (deceit, judging_norms), slope = jax.value_and_grad(deceived, has_aux=True)(fake, judging, judging_norms)
        changes, moments[0] = update.update(back(slope)[0], moments[0], drawing)
        return (optax.apply_updates(drawing, changes), judging, [drawing_norms, judging_norms], moments, key,
                loss + deceit)
    arrays = jax.tree.map(jnp.asarray, (drawing, judging))
    moments = [update.init(tree) for tree in arrays]
    state = [*arrays, [list(drawing_norms), list(judging_norms)], moments, jax.random.key(0)]
    return stepper(train, state, data), size((drawing, judging))


def skip_gram_step(data):
    """The gradients of the gathered rows are added where these lie, in the tables themselves."""
    tables = [uniform(0.5 / 128, 50_000, 128), zeros(50_000, 128)]

    def train(words, others, centers, real, negative):
        near = jnp.concatenate([real[:, None], negative], 1)

        def loss_of(word, other):
            scores = jnp.einsum('bkd,bd->bk', other, word)
            return -(jax.nn.log_sigmoid(scores[:, 0]).sum() + jax.nn.log_sigmoid(-scores[:, 1:]).sum())
        loss, (word, other) = jax.value_and_grad(loss_of, (0, 1))(words[centers], others[near])
        return words.at[centers].add(-0.025 * word), others.at[near].add(-0.025 * other), loss / len(centers)
    return stepper(train, tables, data), size(tables)


def prediction(workload, data):
    """A pass without gradients; a number of the output is read."""
    parameters, running, apply = NETWORKS[harness.INFERENCE[workload]]()
    forward = jax.jit(lambda parameters, running, x: apply(parameters, Pass(running), x))
    arrays = jax.tree.map(jnp.asarray, (parameters, list(running)))
    return (lambda index: float(numpy.asarray(forward(*arrays, data[index % len(data)][0])).flat[0])), size(parameters)
