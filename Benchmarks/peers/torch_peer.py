"""PyTorch. Modes: eager, channels_last, compile, compile_cl (both), each also with `+fused` (optimizer in one
kernel); predictions also jit (TorchScript, frozen), freeze (inductor, with constants folded) and ort (ONNX Runtime);
`+tuned` names a process started with the preloads of the runner (see README.md)."""
import time
import harness

chosen = harness.arguments('eager')
start = time.perf_counter()
import torch
from torch import nn
from torch.nn import functional as F
import_s = time.perf_counter() - start
import torch_networks

torch.set_num_threads(chosen.threads)
torch.manual_seed(0)
base, *extras = chosen.mode.split('+')
predictive = ('jit', 'freeze', 'ort') if chosen.workload in harness.INFERENCE else ()
assert base in ('eager', 'channels_last', 'compile', 'compile_cl', *predictive), chosen.mode
assert set(extras) <= {'fused', 'tuned'}, chosen.mode
channels_last = base in ('channels_last', 'compile_cl')
compiled = base in ('compile', 'compile_cl')
fused = {'fused': True} if 'fused' in extras else {}


class Residual(nn.Module):
    def __init__(self, channels, maps, stride):
        super().__init__()
        self.convolution1 = nn.Conv2d(channels, maps, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(maps)
        self.convolution2 = nn.Conv2d(maps, maps, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(maps)
        self.shortcut = nn.Identity()
        if stride != 1 or channels != maps:
            self.shortcut = nn.Sequential(nn.Conv2d(channels, maps, 1, stride, bias=False), nn.BatchNorm2d(maps))

    def forward(self, x):
        y = F.relu(self.norm1(self.convolution1(x)), inplace=True)
        return F.relu(self.norm2(self.convolution2(y)) + self.shortcut(x), inplace=True)


def resnet18():
    layers, channels = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True)], 64
    for maps, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        layers += [Residual(channels, maps, stride), Residual(maps, maps, 1)]
        channels = maps
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))


def network(workload):
    relu = nn.ReLU
    if workload == 'mlp_mnist':
        return nn.Sequential(nn.Linear(784, 512), relu(), nn.Linear(512, 512), relu(), nn.Linear(512, 10))
    if workload == 'cnn_mnist':
        return nn.Sequential(nn.Conv2d(1, 32, 3), relu(), nn.Conv2d(32, 64, 3), relu(), nn.MaxPool2d(2),
                             nn.Flatten(), nn.Linear(9216, 128), relu(), nn.Dropout(0.5), nn.Linear(128, 10))
    if workload == 'lenet5':
        return nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), relu(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), relu(),
                             nn.MaxPool2d(2), nn.Flatten(), nn.Linear(400, 120), relu(), nn.Linear(120, 84), relu(),
                             nn.Linear(84, 10))
    if workload == 'resnet18_cifar':
        return resnet18()
    return torch_networks.make(workload)[0]


def optimizer(workload, parameters):
    if workload == 'mlp_mnist':
        return torch.optim.SGD(parameters, 0.01, momentum=0.9, **fused)
    if workload == 'cnn_mnist':
        return torch.optim.Adam(parameters, 1e-3, **fused)
    if workload == 'lenet5':
        return torch.optim.SGD(parameters, 0.01, **fused)
    return torch.optim.SGD(parameters, 0.05, momentum=0.9, weight_decay=5e-4, **fused)


def tensor(array):
    value = torch.from_numpy(array)
    if value.dim() >= 4 and value.is_floating_point():
        value = value.movedim(-1, 1).contiguous()
        if channels_last:
            value = value.contiguous(memory_format=layout(value.dim()))
    return value


def layout(rank):
    return torch.channels_last if rank == 4 else torch.channels_last_3d


def placed(model):
    if channels_last:
        model = model.to(memory_format=layout(5 if chosen.workload == 'cnn3d' else 4))
    return model


def prediction(workload, data):
    """A forward pass in inference mode; a number of the output is read."""
    model = placed(network(harness.INFERENCE[workload])).eval()
    count = sum(p.numel() for p in model.parameters() if p.requires_grad)
    if base == 'ort':
        return exported(model, data), count
    if base == 'jit':
        model = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(model, data[0][:1])))
    if base == 'freeze':
        from torch._inductor import config
        config.freezing = True
    forward = torch.compile(model) if compiled or base == 'freeze' else model

    def step(index):
        with torch.inference_mode():
            return forward(data[index % len(data)][0]).flatten()[0].item()
    return step, count


def exported(model, data):
    """The same by ONNX Runtime."""
    import contextlib
    import logging
    import os
    import tempfile
    import onnxruntime
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(None):
        path = os.path.join(folder, 'network.onnx')
        torch.onnx.export(model, data[0][:1], path, dynamo=True)
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads, settings.inter_op_num_threads = chosen.threads, 1
        session = onnxruntime.InferenceSession(path, settings, providers=['CPUExecutionProvider'])
    name = session.get_inputs()[0].name
    inputs = [{name: batch[0].numpy()} for batch in data]
    return lambda index: float(session.run(None, inputs[index % len(inputs)])[0].flat[0])


def training_step(workload, data):
    if workload in torch_networks.MODELS or workload == 'dcgan_28':
        modules = [placed(module) for module in torch_networks.make(workload)]
        move = torch_networks.training_step(workload, modules, torch.compile if compiled else lambda f: f, **fused)
        count = sum(p.numel() for module in modules for p in module.parameters() if p.requires_grad)
        return lambda index: move(*data[index % len(data)]), count
    model = placed(network(workload))
    update = optimizer(workload, model.parameters())

    def loss_of(x, labels):
        return F.cross_entropy(model(x), labels)
    if compiled:
        loss_of = torch.compile(loss_of)

    def step(index):
        update.zero_grad(set_to_none=True)
        loss = loss_of(*data[index % len(data)])
        loss.backward()
        update.step()
        return loss.item()
    return step, sum(p.numel() for p in model.parameters())


def matmul(rows, columns, depth):
    a, b = torch.randn(rows, depth), torch.randn(depth, columns)
    return lambda: torch.mm(a, b)


def convolution(batch, height, width, channels, maps, kernel, stride, padding, groups=1, *, backward):
    order = {'memory_format': torch.channels_last if channels_last else torch.contiguous_format}
    x = torch.randn(batch, channels, height, width).contiguous(**order).requires_grad_(backward)
    w = torch.randn(maps, channels // groups, kernel, kernel).contiguous(**order).requires_grad_(backward)
    if not backward:
        return lambda: F.conv2d(x, w, stride=stride, padding=padding, groups=groups)
    dy = torch.randn_like(F.conv2d(x, w, stride=stride, padding=padding, groups=groups)).detach()

    def gradients():
        x.grad = w.grad = None
        F.conv2d(x, w, stride=stride, padding=padding, groups=groups).backward(dy)
    return gradients


version = torch.__version__
if chosen.workload == 'micro':
    harness.micro(chosen, 'torch', version, matmul, convolution)
elif chosen.workload == 'coldstart':
    step, _ = training_step('mlp_mnist', [(torch.randn(128, 784), torch.randint(0, 10, (128,)))])
    harness.cold_start(chosen, 'torch', version, step(0))
else:
    data = [tuple(map(tensor, batch)) for batch in harness.batches(chosen.workload, size=chosen.batch)]
    make = prediction if chosen.workload in harness.INFERENCE else training_step
    step, parameters = make(chosen.workload, data)
    framework = 'torch'
    if base == 'ort':
        from importlib import metadata
        framework, version = 'onnxruntime', metadata.version('onnxruntime')
    harness.train(step, chosen, framework, version, import_s, parameters)
