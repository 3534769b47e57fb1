#!/usr/bin/env python3
"""Shows that Apus and PyTorch do the same work: from the same first weights and batches, the same first 20 losses.

    DIR/venv-torch/bin/python Benchmarks/proof.py [WORKLOAD ...] [--apus PATH]

Prints a table, and ends with status 1 if a loss differs by more than 1e-3 of its size. Dropout is off on both sides, and
random codes are part of the batches. Networks with batch norm multiply the rounding errors of float32 a million times in
these steps, in PyTorch as in Apus: they are compared in float64.
"""
import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, 'peers'))
import numpy
import torch
from torch import nn
from torch.nn import functional as F

import contestants as field
import harness
import torch_networks

STEPS, TOLERANCE = 20, 1e-3
DOUBLE = {'resnet18_cifar', 'densenet_bc_cifar', 'dcgan_28', 'mobilenetv2_96', 'cnn3d', 'unet_128'}
TRAINED = [name for name in harness.PARAMETERS if name not in harness.INFERENCE]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('workloads', nargs='*', default=TRAINED)
    parser.add_argument('--apus', help='the executable apus-benchmark; without it, it is built')
    parser.add_argument('--threads', type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    executable = options.apus
    if not executable:
        executable, problem = field.build_apus()
        if problem:
            sys.exit(problem)
    print('| workload | first loss | loss 20 | Apus\' loss 20 | largest difference |\n|---|---|---|---|---|')
    failed = False
    for workload in options.workloads:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'proof.safetensors')
            expected = theirs(workload, path)
            run = subprocess.run([executable, workload, '--threads', str(options.threads), '--proof', path],
                                 capture_output=True, text=True)
        try:
            found = [float(line) for line in run.stdout.split()]
            assert len(found) == STEPS
        except (ValueError, AssertionError):
            print(f'| {workload} | {run.stdout.strip()[:300]} {run.stderr.strip()[-300:]} |')
            failed = True
            continue
        worst = max(abs(a - b) / max(abs(b), 1.0) for a, b in zip(found, expected))
        failed |= not worst <= TOLERANCE
        print(f'| {workload} | {expected[0]:.5f} | {expected[-1]:.5f} | {found[-1]:.5f} | {worst:.1e} |', flush=True)
    sys.exit(failed)


def theirs(workload, path):
    """PyTorch's losses; writes the weights and batches that they began with."""
    torch.manual_seed(0)
    batches = [list(batch) for batch in harness.batches(workload, STEPS)]
    random = numpy.random.default_rng(1)
    noise = {'vae_mnist': 20, 'dcgan_28': 100}.get(workload)
    if noise:
        for batch in batches:
            batch.append(random.standard_normal((len(batch[0]), noise), dtype=numpy.float32))
    modules, step = begin(workload)
    if workload in DOUBLE:
        batches = [[array.astype('float64') if array.dtype == numpy.float32 else array for array in batch]
                   for batch in batches]
        for module in modules:
            module.double()
    arrays = {f'parameter.{index}': array for index, array in enumerate(exported(workload, modules))}
    for index, batch in enumerate(batches):
        given = [batch[0], numpy.concatenate((batch[1][:, None], batch[2]), 1)] if workload == 'sgns' else batch
        for number, array in enumerate(given):
            arrays[f'batch.{index}.{number}'] = array
    write(path, arrays)
    return [step(*(images_first(array) for array in batch)) for batch in batches]


def images_first(array):
    value = torch.from_numpy(array)
    return value.movedim(-1, 1).contiguous() if value.dim() >= 4 and value.is_floating_point() else value


def begin(workload):
    if workload in torch_networks.MODELS or workload == 'dcgan_28':
        modules = torch_networks.make(workload, dropout=False)
        if workload == 'sgns':     # Zeros would hide a mistake in the first steps.
            nn.init.normal_(modules[0].others.weight, std=0.05)
        return modules, torch_networks.training_step(workload, modules)
    sys.argv = ['torch_peer.py', workload, '--threads', str(torch.get_num_threads())]
    peer = classifiers()
    model = peer.network(workload)
    for layer in model.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = 0.0
    update = peer.optimizer(workload, model.parameters())

    def step(x, labels):
        update.zero_grad()
        loss = F.cross_entropy(model(x), labels)
        loss.backward()
        update.step()
        return loss.item()
    return [model], step


def classifiers():
    """The module torch_peer without its measurement."""
    import importlib.util
    import types
    source = open(os.path.join(HERE, 'peers', 'torch_peer.py')).read().split('\nversion = torch.__version__')[0]
    module = types.ModuleType('classifiers')
    exec(compile(source, 'torch_peer.py', 'exec'), module.__dict__)
    return module


def exported(workload, modules):
    """The trainable parameters in the layouts and in the order of Apus."""
    result = []
    for module in modules:
        for layer in ordered(workload, module):
            result += layer_arrays(workload, layer)
    return [numpy.ascontiguousarray(array) for array in result]


def ordered(workload, module):
    """Layers with parameters in the order in which Apus holds them."""
    if workload == 'resnet18_cifar':
        for part in module:
            if hasattr(part, 'convolution1'):
                yield from (part.convolution1, part.norm1, part.convolution2, part.norm2)
                yield from ([] if isinstance(part.shortcut, nn.Identity) else part.shortcut)
            else:
                yield part
    elif workload == 'gpt_small':
        yield from (module.tokens, module.positions)
        yield from (part for block in module.blocks for part in
                    (block.mix, block.project, block.inner, block.outer, block.norm1, block.norm2))
        yield from (module.norm, module.head)
    elif workload == 'seq2seq_bahdanau':
        yield from (module.source, module.target, module.encoder, module.query, module.key, module.score,
                    module.decoder, module.head)
    else:
        yield from module.modules()


def layer_arrays(workload, layer):
    def array(tensor):
        return tensor.detach().numpy()

    def gates(tensor, blocks, order):
        return numpy.concatenate([numpy.split(array(tensor), blocks)[index] for index in order])
    if isinstance(layer, nn.Parameter):
        return [array(layer)]
    if isinstance(layer, (nn.Conv2d, nn.Conv3d)):
        weight = numpy.moveaxis(array(layer.weight), (0, 1), (-1, -2))
        if layer.groups > 1:
            weight = numpy.swapaxes(weight, -1, -2)
        return [weight] + ([] if layer.bias is None else [array(layer.bias)])
    if isinstance(layer, nn.ConvTranspose2d):
        weight = numpy.moveaxis(array(layer.weight), (0, 1), (-1, -2))
        return [weight] + ([] if layer.bias is None else [array(layer.bias)])
    if isinstance(layer, nn.Linear):
        weight = array(layer.weight).T
        # Rows or columns of flattened images: channels go last.
        image = {('cnn_mnist', 9216): (64, 12, 12), ('lenet5', 400): (16, 5, 5), ('dcgan_28', 6272): (128, 7, 7)}
        if size := image.get((workload, layer.in_features)):
            weight = weight.reshape(*size, -1).transpose(1, 2, 0, 3).reshape(weight.shape)
        if size := image.get((workload, layer.out_features)):
            weight = weight.reshape(-1, *size).transpose(0, 2, 3, 1).reshape(weight.shape)
        if workload == 'gpt_small' and layer.out_features == 768:
            pairs = zip(numpy.split(weight, 3, 1), numpy.split(array(layer.bias), 3))
            return [part for pair in pairs for part in pair]
        return [weight] + ([] if layer.bias is None else [array(layer.bias)])
    if isinstance(layer, nn.LSTM):
        result = []
        for index in range(layer.num_layers):
            result += [array(getattr(layer, f'weight_ih_l{index}')).T, array(getattr(layer, f'weight_hh_l{index}')).T,
                       array(getattr(layer, f'bias_ih_l{index}'))]
        return result
    if isinstance(layer, (nn.GRU, nn.GRUCell)):
        suffix = '_l0' if isinstance(layer, nn.GRU) else ''
        parts = [gates(getattr(layer, name + suffix), 3, (1, 0, 2))
                 for name in ('weight_ih', 'weight_hh', 'bias_ih', 'bias_hh')]
        return [parts[0].T, parts[1].T, *parts[2:]]
    if isinstance(layer, (nn.BatchNorm2d, nn.BatchNorm3d, nn.LayerNorm)):
        return [array(layer.weight), array(layer.bias)]
    if isinstance(layer, nn.Embedding):
        return [array(layer.weight)]
    return []


def write(path, arrays):
    """A safetensors file."""
    header, offset = {}, 0
    for name, array in arrays.items():
        kind = {'float32': 'F32', 'float64': 'F64', 'int64': 'I64'}[str(array.dtype)]
        header[name] = {'dtype': kind, 'shape': list(array.shape), 'data_offsets': [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as file:
        file.write(struct.pack('<Q', len(text)) + text)
        for array in arrays.values():
            file.write(numpy.ascontiguousarray(array).tobytes())


if __name__ == '__main__':
    main()
