"""The networks beyond the first four in PyTorch: `make(workload, dropout)` gives modules, `training_step` a step."""
import torch
from torch import nn
from torch.nn import functional as F


def stack(*parts):
    return nn.Sequential(*parts)


def unit(channels, maps, kernel=3, stride=1, groups=1, activation=nn.ReLU):
    """Convolution without a bias, batch norm, activation."""
    layers = [nn.Conv2d(channels, maps, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(maps)]
    return stack(*layers, activation()) if activation else stack(*layers)


class Dense(nn.Module):
    def __init__(self, channels, growth, dropout):
        super().__init__()
        self.norm1, self.narrow = nn.BatchNorm2d(channels), nn.Conv2d(channels, 4 * growth, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(4 * growth)
        self.wide = nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)
        self.rate = dropout

    def forward(self, x):
        y = F.dropout(self.narrow(F.relu(self.norm1(x))), self.rate, self.training)
        y = F.dropout(self.wide(F.relu(self.norm2(y))), self.rate, self.training)
        return torch.cat((x, y), 1)


def densenet(dropout):
    layers, channels = [nn.Conv2d(3, 12, 3, padding=1, bias=False)], 12
    for block in range(3):
        for _ in range(12):
            layers.append(Dense(channels, 12, dropout))
            channels += 12
        if block < 2:
            layers += [unit(channels, channels, 1), nn.AvgPool2d(2), nn.Dropout(dropout)]
    return stack(*layers, nn.BatchNorm2d(channels), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                 nn.Linear(channels, 10))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [32, 64, 128, 256]
        pair = lambda channels, maps: stack(unit(channels, maps), unit(maps, maps))
        self.down = nn.ModuleList(pair(a, b) for a, b in zip([1, *widths], widths))
        self.middle = pair(256, 512)
        self.enlarge = nn.ModuleList(nn.ConvTranspose2d(2 * w, w, 2, 2) for w in reversed(widths))
        self.up = nn.ModuleList(pair(2 * w, w) for w in reversed(widths))
        self.head = nn.Conv2d(32, 2, 1)

    def forward(self, x):
        kept = []
        for stage in self.down:
            kept.append(stage(x))
            x = F.max_pool2d(kept[-1], 2)
        x = self.middle(x)
        for enlarge, stage in zip(self.enlarge, self.up):
            x = stage(torch.cat((kept.pop(), enlarge(x)), 1))
        return self.head(x)


class CharacterLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.lstm = nn.Embedding(65, 64), nn.LSTM(64, 256, 2, batch_first=True)
        self.head = nn.Linear(256, 65)
        for name, parameter in self.lstm.named_parameters():
            if 'bias_hh' in name:      # one bias is enough: this one stays 0
                nn.init.zeros_(parameter)
                parameter.requires_grad_(False)

    def forward(self, x):
        return self.head(self.lstm(self.embedding(x))[0])


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(256), nn.LayerNorm(256)
        self.mix, self.project = nn.Linear(256, 768), nn.Linear(256, 256)
        self.inner, self.outer = nn.Linear(256, 1024), nn.Linear(1024, 256)

    def forward(self, x):
        parts = self.mix(self.norm1(x)).unflatten(-1, (3, 4, 64)).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(*parts, is_causal=True)
        x = x + self.project(y.transpose(1, 2).flatten(2))
        return x + self.outer(F.gelu(self.inner(self.norm2(x)), approximate='tanh'))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(65, 256), nn.Parameter(torch.randn(128, 256) * 0.02)
        self.blocks, self.norm = stack(*(Block() for _ in range(4))), nn.LayerNorm(256)
        self.head = nn.Linear(256, 65, bias=False)

    def forward(self, x):
        return self.head(self.norm(self.blocks(self.tokens(x) + self.positions)))


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.mean, self.log_variance = nn.Linear(784, 400), nn.Linear(400, 20), nn.Linear(400, 20)
        self.back, self.output = nn.Linear(20, 400), nn.Linear(400, 784)

    def forward(self, x, noise):
        h = F.relu(self.hidden(x))
        mean, log_variance = self.mean(h), self.log_variance(h)
        z = mean + torch.exp(log_variance / 2) * noise
        logits = self.output(F.relu(self.back(z)))
        missed = F.binary_cross_entropy_with_logits(logits, x, reduction='sum')
        return (missed + (mean ** 2 + log_variance.exp() - log_variance - 1).sum() / 2) / len(x)


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.begin, self.norm1 = nn.Linear(100, 6272, bias=False), nn.BatchNorm2d(128)
        self.middle, self.norm2 = nn.ConvTranspose2d(128, 64, 4, 2, 1, bias=False), nn.BatchNorm2d(64)
        self.end = nn.ConvTranspose2d(64, 1, 4, 2, 1)

    def forward(self, z):
        x = F.relu(self.norm1(self.begin(z).unflatten(1, (128, 7, 7))))
        return torch.tanh(self.end(F.relu(self.norm2(self.middle(x)))))


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 64, 4, 2, 1)
        self.second, self.norm = nn.Conv2d(64, 128, 4, 2, 1, bias=False), nn.BatchNorm2d(128)
        self.end = nn.Linear(6272, 1)

    def forward(self, x):
        x = self.norm(self.second(F.leaky_relu(self.first(x), 0.2)))
        return self.end(F.leaky_relu(x, 0.2).flatten(1))


class Inverted(nn.Module):
    def __init__(self, channels, maps, stride, expansion):
        super().__init__()
        inside, self.adds = channels * expansion, stride == 1 and channels == maps
        layers = [unit(channels, inside, 1, activation=nn.ReLU6)] if expansion != 1 else []
        self.body = stack(*layers, unit(inside, inside, 3, stride, inside, nn.ReLU6),
                          unit(inside, maps, 1, activation=None))

    def forward(self, x):
        return x + self.body(x) if self.adds else self.body(x)


def mobilenet(dropout):
    layers, channels = [unit(3, 32, 3, 2, activation=nn.ReLU6)], 32
    for expansion, maps, count, stride in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                                           (6, 160, 3, 2), (6, 320, 1, 1)):
        for number in range(count):
            layers.append(Inverted(channels, maps, stride if number == 0 else 1, expansion))
            channels = maps
    return stack(*layers, unit(320, 1280, 1, activation=nn.ReLU6), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                 nn.Dropout(dropout), nn.Linear(1280, 1000))


def volumes():
    layers = []
    for channels, maps in ((1, 16), (16, 32), (32, 64)):
        layers += [nn.Conv3d(channels, maps, 3, padding=1, bias=False), nn.BatchNorm3d(maps), nn.ReLU(),
                   nn.MaxPool3d(2)]
    return stack(*layers, nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(64, 2))


class Translator(nn.Module):
    def __init__(self):
        super().__init__()
        self.source, self.target = nn.Embedding(4000, 256), nn.Embedding(4000, 256)
        self.encoder, self.decoder = nn.GRU(256, 256, batch_first=True), nn.GRUCell(512, 256)
        self.query, self.key, self.score = nn.Linear(256, 256), nn.Linear(256, 256), nn.Linear(256, 1)
        self.head = nn.Linear(256, 4000)

    def forward(self, source, target):
        memory, last = self.encoder(self.source(source))
        keys, state, states = self.key(memory), last[0], []
        for seen in self.target(target).unbind(1):
            scores = self.score(torch.tanh(self.query(state).unsqueeze(1) + keys))
            context = (scores.softmax(1) * memory).sum(1)
            state = self.decoder(torch.cat((seen, context), 1), state)
            states.append(state)
        return self.head(torch.stack(states, 1))


class SkipGram(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.others = (nn.Embedding(50_000, 128, sparse=True) for _ in range(2))
        nn.init.uniform_(self.words.weight, -0.5 / 128, 0.5 / 128)
        nn.init.zeros_(self.others.weight)

    def forward(self, centers, real, negative):
        others = self.others(torch.cat((real.unsqueeze(1), negative), 1))
        scores = torch.bmm(others, self.words(centers).unsqueeze(2)).squeeze(2)
        return -(F.logsigmoid(scores[:, 0]).sum() + F.logsigmoid(-scores[:, 1:]).sum())


MODELS = {'densenet_bc_cifar': lambda dropout: densenet(dropout), 'unet_128': lambda dropout: UNet(),
          'lstm_char': lambda dropout: CharacterLSTM(), 'gpt_small': lambda dropout: GPT(),
          'vae_mnist': lambda dropout: VAE(), 'mobilenetv2_96': mobilenet, 'cnn3d': lambda dropout: volumes(),
          'seq2seq_bahdanau': lambda dropout: Translator(), 'sgns': lambda dropout: SkipGram()}
DROPOUT = {'densenet_bc_cifar': 0.2, 'mobilenetv2_96': 0.2}


def make(workload, dropout=True):
    """The modules of a workload, in the order of their parameters."""
    if workload == 'dcgan_28':
        return [Generator(), Discriminator()]
    return [MODELS[workload](DROPOUT.get(workload, 0) if dropout else 0)]


def optimizer(workload, parameters, **options):
    parameters = [parameter for parameter in parameters if parameter.requires_grad]
    if workload == 'gpt_small':
        return torch.optim.AdamW(parameters, 3e-4, weight_decay=0.1, **options)
    if workload == 'dcgan_28':
        return torch.optim.Adam(parameters, 2e-4, (0.5, 0.999), **options)
    if workload == 'mobilenetv2_96':
        return torch.optim.SGD(parameters, 0.01, momentum=0.9, **options)
    if workload == 'sgns':
        return torch.optim.SGD(parameters, 0.025)      # sparse gradients have no fused kernel
    return torch.optim.Adam(parameters, 1e-3, **options)


def training_step(workload, modules, compiled=lambda function: function, **options):
    """A function from a batch to the loss, which moves the parameters. VAE and GAN take their noise as a second tensor,
    or draw it."""
    updates = [optimizer(workload, module.parameters(), **options) for module in modules]
    model = modules[0]

    def simple(loss_of):
        loss_of = compiled(loss_of)

        def step(*batch):
            updates[0].zero_grad(set_to_none=True)
            loss = loss_of(*batch)
            loss.backward()
            updates[0].step()
            return loss.item()
        return step

    if workload == 'vae_mnist':
        return simple(lambda x, noise=None: model(x, torch.randn(len(x), 20) if noise is None else noise))
    if workload == 'sgns':
        whole = simple(model)
        return lambda *batch: whole(*batch) / len(batch[0])
    if workload == 'seq2seq_bahdanau':
        return simple(lambda a, b, labels: F.cross_entropy(model(a, b).flatten(0, 1), labels.flatten()))
    if workload in ('lstm_char', 'gpt_small'):
        return simple(lambda x, labels: F.cross_entropy(model(x).flatten(0, 1), labels.flatten()))
    if workload != 'dcgan_28':
        return simple(lambda x, labels: F.cross_entropy(model(x), labels))
    discriminator = modules[1]
    realness = F.binary_cross_entropy_with_logits

    def judge(real, fake):
        scores = discriminator(real), discriminator(fake)
        return realness(scores[0], torch.ones_like(scores[0])) + realness(scores[1], torch.zeros_like(scores[1]))

    def deceive(fake):
        score = discriminator(fake)
        return realness(score, torch.ones_like(score))
    draw, judge, deceive = compiled(model), compiled(judge), compiled(deceive)

    def step(real, noise=None):
        fake = draw(torch.randn(len(real), 100) if noise is None else noise)
        updates[1].zero_grad(set_to_none=True)
        loss = judge(real, fake.detach())
        loss.backward()
        updates[1].step()
        updates[0].zero_grad(set_to_none=True)
        deceit = deceive(fake)
        deceit.backward()
        updates[0].step()
        return loss.item() + deceit.item()
    return step
