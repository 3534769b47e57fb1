#!/usr/bin/env python3
"""Measures how the cost of a training step grows with batch, depth and length, and draws it.

    python3 Benchmarks/scaling.py [--threads 2] [--min-time 2]

Writes docs/images/scaling.svg and, between the marks in docs/Performance.md, a table. The cost of a sample should stay
level as the batch grows, and be a straight line over depth and length.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

import contestants as field

ROOT = os.path.dirname(field.HERE)
BEGIN, END = '<!-- scaling: begin -->', '<!-- scaling: end -->'
# What is varied: the option, its values, and the workloads.
SWEEPS = [
    ('batch', [32, 64, 128, 256], ['mlp_mnist', 'cnn_mnist', 'resnet18_cifar', 'lstm_char', 'gpt_small']),
    ('depth', [1, 2, 4, 8], ['resnet18_cifar', 'lstm_char', 'gpt_small']),
    ('length', [32, 64, 128, 256], ['lstm_char', 'gpt_small'])]
MEANING = {'batch': 'samples a batch', 'depth': 'depth (blocks a stage, layers)', 'length': 'tokens a sequence'}
COLORS = {'mlp_mnist': '#4c78a8', 'cnn_mnist': '#f58518', 'resnet18_cifar': '#54a24b', 'lstm_char': '#b279a2',
          'gpt_small': '#e45756'}
WIDTH, HEIGHT, GAP, LEFT, TOP = 240, 200, 70, 60, 50


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--min-time', type=float, default=2)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--sweeps', default='batch,depth,length', type=lambda text: text.split(','))
    parser.add_argument('--apus', help='the executable apus-benchmark; without it, it is built')
    parser.add_argument('--docs', default=os.path.join(ROOT, 'docs'))
    options = parser.parse_args()
    executable = options.apus
    if not executable:
        executable, problem = field.build_apus()
        if problem:
            sys.exit(problem)
    chosen = [sweep for sweep in SWEEPS if sweep[0] in options.sweeps]
    results = [(name, values, measure(executable, options, name, values, workloads))
               for name, values, workloads in chosen]
    images = os.path.join(options.docs, 'images')
    os.makedirs(images, exist_ok=True)
    with open(os.path.join(images, 'scaling.svg'), 'w') as file:
        file.write(drawing(results))
    insert(os.path.join(options.docs, 'Performance.md'), text(results, options))
    print(text(results, options))


def measure(executable, options, name, values, workloads):
    """Milliseconds a sample: of each workload, for each value the least of the rounds' medians."""
    costs = {}
    for workload in workloads:
        rounds = [[cost(executable, options, workload, name, value) for value in values]
                  for _ in range(options.rounds)]
        costs[workload] = [min(found) for found in zip(*rounds)]
    return costs


def cost(executable, options, workload, name, value):
    command = [executable, workload, '--threads', str(options.threads), '--min-time', str(options.min_time),
               f'--{name}', str(value)]
    run = subprocess.run(command, capture_output=True, text=True)
    try:
        record = json.loads(run.stdout)
    except json.JSONDecodeError:
        sys.exit(f"{' '.join(command)}: {run.stdout[-300:]} {run.stderr[-300:]}")
    print(workload, name, value, record['ms_per_step_median'], 'ms', file=sys.stderr, flush=True)
    return record['ms_per_step_median'] / record['batch']


def verdict(name, values, costs):
    """The growth from the first batch to the last; else how far the costs are from a straight line."""
    if name == 'batch':
        return f'{100 * (costs[-1] / costs[0] - 1):+.0f} %'
    slope, start = statistics.linear_regression(values, costs)
    return f'{100 * max(abs(start + slope * value - cost) / cost for value, cost in zip(values, costs)):.0f} % off'


def text(results, options):
    lines = ['![Cost of a sample against batch, depth and length](images/scaling.svg)', '']
    for name, values, costs in results:
        last = 'growth' if name == 'batch' else 'from a straight line'
        lines += [f"Milliseconds a sample, {options.threads} threads, by {MEANING[name]}:", '',
                  '| workload | ' + ' | '.join(map(str, values)) + f' | {last} |', '|---' * (len(values) + 2) + '|']
        lines += ['| ' + ' | '.join([f'`{workload}`', *(f'{cost:.4g}' for cost in found),
                                     verdict(name, values, found)]) + ' |' for workload, found in costs.items()]
        lines.append('')
    return '\n'.join(lines)


def insert(path, content):
    """Replaces what is between the marks of a document, or appends them."""
    with open(path) as file:
        old = file.read()
    block = f'{BEGIN}\n{content}\n{END}'
    if BEGIN in old and END in old:
        head, rest = old.split(BEGIN, 1)
        new = head + block + rest.split(END, 1)[1]
    else:
        new = old.rstrip('\n') + '\n\n## Scaling\n\n' + block + '\n'
    with open(path, 'w') as file:
        file.write(new)


def drawing(results):
    """A panel a sweep. Costs are shown relative to the first value, so that all workloads share a scale."""
    width = LEFT + len(results) * (WIDTH + GAP)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT + TOP + 80}" '
             'font-family="sans-serif" font-size="12">', '<rect width="100%" height="100%" fill="#fff"/>']
    for number, (name, values, costs) in enumerate(results):
        parts += panel(LEFT + number * (WIDTH + GAP), name, values, costs)
    names = dict.fromkeys(workload for _, _, costs in results for workload in costs)
    for number, workload in enumerate(names):
        x, y = LEFT + number * 140, TOP + HEIGHT + 60
        parts.append(f'<line x1="{x}" y1="{y - 4}" x2="{x + 18}" y2="{y - 4}" stroke="{COLORS[workload]}" '
                     f'stroke-width="2"/><text x="{x + 24}" y="{y}">{workload}</text>')
    return '\n'.join([*parts, '</svg>', ''])


def panel(left, name, values, costs):
    relative = {workload: [cost / found[0] for cost in found] for workload, found in costs.items()}
    highest = max(1.0, *(value for found in relative.values() for value in found))
    # Four steps of a round number hold all values.
    step = next(size for size in (0.5, 1, 2, 2.5, 3, 4, 5, 10, 20, 50, 100) if 4 * size >= highest)
    most = 4 * step

    def place(value, share):
        return left + WIDTH * value / values[-1], TOP + HEIGHT * (1 - share / most)
    parts = [f'<text x="{left}" y="{TOP - 16}">cost of a sample, first = 1</text>',
             f'<path d="M{left} {TOP}V{TOP + HEIGHT}H{left + WIDTH}" fill="none" stroke="#444"/>',
             f'<text x="{left + WIDTH / 2}" y="{TOP + HEIGHT + 36}" text-anchor="middle">{MEANING[name]}</text>']
    for value in values:
        x = place(value, 0)[0]
        parts.append(f'<text x="{x:.0f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{value}</text>')
    for tick in range(5):
        share = step * tick
        y = place(0, share)[1]
        parts.append(f'<path d="M{left} {y:.1f}H{left + WIDTH}" stroke="#ddd"/>'
                     f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{share:g}</text>')
    for workload, found in relative.items():
        points = [place(*pair) for pair in zip(values, found)]
        line = ' '.join(f'{x:.1f},{y:.1f}' for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{COLORS[workload]}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLORS[workload]}"/>' for x, y in points]
    return parts


if __name__ == '__main__':
    main()
