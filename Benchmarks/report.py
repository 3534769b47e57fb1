"""Turns the records of all processes into one entry per contestant, and the entries into tables."""
import json
import os
import statistics

MIDDLE = ['ms_per_step_median', 'ms_per_step_p10', 'ms_per_step_p90', 'ms_per_step_p99', 'ms_per_step_min',
          'cpu_ms_per_step', 'items_per_s', 'gflops', 'peak_rss_mb', 'import_s', 'other_cores', 'waiting_share']


def summarise(samples):
    """`samples` are (round, pair, record): Apus appears once in each pair, and a ratio is taken per pair."""
    groups = {}
    for number, pair, record in samples:
        key = (record['workload'], record.get('op'), record['threads'], record['framework'], record['mode'])
        groups.setdefault(key, []).append((number, pair, record))
    entries = []
    for (workload, operation, threads, framework, mode), members in groups.items():
        entry = {'workload': workload, 'threads': threads, 'framework': framework, 'mode': mode}
        if operation:
            entry['op'] = operation
        records = [record for _, _, record in members]
        clean = [record for record in records if not record['disturbed']] or records
        entry['version'] = records[0]['version']
        for field in MIDDLE:
            values = [record[field] for record in clean if record.get(field) is not None]
            if values:
                entry[field] = round(statistics.median(values), 4)
        if 'first_step_s' in records[0]:
            # Only the first process finds the caches of the compilers empty; a cold start has no such memory.
            values = [record['first_step_s'] for record in (clean if workload == 'coldstart' else records[:1])]
            entry['first_step_s'] = round(statistics.median(values), 4)
        entry['params'] = records[0].get('params')
        entry['processes'], entry['disturbed'] = len(records), sum(record['disturbed'] for record in records)
        entry['ratio'] = ratio(members, samples, operation) if framework != 'apus' else 1.0
        if workload.startswith('inference_'):
            tail = 'ms_per_step_p99'
            entry['ratio_p99'] = ratio(members, samples, operation, tail) if framework != 'apus' else 1.0
        entries.append(entry)
    return entries


def ratio(members, samples, operation, figure='ms_per_step_median'):
    """How many times as fast as this peer Apus is: the median over the pairs, None without Apus."""
    apus = {(number, pair): record for number, pair, record in samples
            if record['framework'] == 'apus' and record.get('op') == operation}
    pairs = [(record, apus[number, pair]) for number, pair, record in members if (number, pair) in apus]
    clean = [(peer, own) for peer, own in pairs if not peer['disturbed'] and not own['disturbed']] or pairs
    values = [peer[figure] / own[figure] for peer, own in clean if own.get(figure) and peer.get(figure)]
    return round(statistics.median(values), 3) if values else None


def write(result, folder):
    """Writes DATE.json, DATE.md and a copy of the latter as latest.md."""
    os.makedirs(folder, exist_ok=True)
    text, date = markdown(result), result['machine']['date']
    contents = {date + '.json': json.dumps(result, indent=1) + '\n', date + '.md': text, 'latest.md': text}
    for name, content in contents.items():
        with open(os.path.join(folder, name), 'w') as file:
            file.write(content)
    return [os.path.join(folder, name) for name in contents]


def markdown(result):
    own, settings = result['machine'], result['settings']
    peak = own['fma_peak_gflops_per_core']
    lines = [
        '# Apus and its peers, ' + own['date'], '',
        f"{own['processor']}, {own['cores']} cores, {own['memory_gib']} GiB, {own['architecture']} "
        f"({', '.join(own['instruction_sets'])}), {own['system']}"
        + (f'; multiply-add peak {peak:.0f} GFLOP/s per core in float32' if peak else '') + '.', '',
        'Versions: ' + ', '.join(f'{name} {version}' for name, version in result['versions'].items()) + '.', '',
        f"Median of {settings['rounds']} rounds of at least {settings['min_time']:g} s each. "
        '*Ratio*: how many times as fast as this peer Apus is, from neighbouring processes (above 1, Apus is faster). '
        '`+fused`: the optimizer in one kernel; `+tuned`: AVX-512 in MKL forced and tcmalloc preloaded. '
        '*Disturbed* counts processes during which others used more than 0.15 cores.', '']
    entries = result['entries']
    lines += summary(entries)
    for workload in dict.fromkeys(entry['workload'] for entry in entries):
        for threads in settings['threads']:
            chosen = [e for e in entries if e['workload'] == workload and e['threads'] == threads]
            if not chosen:
                continue
            lines += [f"## {workload}, {threads} thread{'s' if threads > 1 else ''}", '']
            lines += operations(chosen) if workload == 'micro' else processes(chosen)
    if result['missing']:
        lines += ['## Left out', '', *('- ' + reason for reason in result['missing']), '']
    return '\n'.join(lines)


def summary(entries):
    """Per workload, Apus against the fastest peer as it comes, and against PyTorch at its best with the preloads."""
    rows, predictions, pipelines = [], [], []
    workloads = [(e['workload'], e['threads']) for e in entries if e['workload'] != 'micro']
    for workload, threads in dict.fromkeys(workloads):
        chosen = [e for e in entries if (e['workload'], e['threads']) == (workload, threads)]
        apus = next((e for e in chosen if e['framework'] == 'apus'), None)
        peers = [e for e in chosen if e['framework'] != 'apus']
        forced = fastest(e for e in peers if '+tuned' in e['mode'])
        # ONNX Runtime is timed from PyTorch's environment.
        stock = fastest(e for e in peers if '+tuned' not in e['mode'] and e['mode'] != 'ort')
        own = apus and milliseconds(apus['ms_per_step_median'])
        if not peers:
            continue
        if workload.startswith('pipeline_'):
            share = apus and apus.get('waiting_share')
            pipelines.append([workload, threads, apus and f"{apus['items_per_s']:,.0f}"] + [
                cell for framework in ('keras', 'torch')
                for cell in throughput(fastest(e for e in peers if e['framework'].startswith(framework)))]
                + [None if share is None else f'{100 * share:.2f} %'])
        elif workload.startswith('inference_'):
            runtime = fastest(e for e in peers if e['mode'] == 'ort')
            predictions.append([workload, threads, own, apus and milliseconds(apus['ms_per_step_p99'])]
                               + tails(stock) + tails(runtime) + tails(forced))
        else:
            first = apus and apus.get('first_step_s')
            memory = apus and stock and f"{apus['peak_rss_mb']:.0f} / {stock['peak_rss_mb']:.0f}"
            steady = first and apus['ms_per_step_median'] / 1e3
            rows.append([workload, threads, own, *named(stock), *named(forced), memory, first and f'{first:.3g}',
                         first and f'{first / steady:.1f}'])
    lines = []
    if rows:
        lines += table(['workload', 'threads', 'Apus ms', 'fastest peer', 'its ms', 'ratio', 'PyTorch, forced',
                        'its ms', 'ratio', "peak MB, Apus / fastest peer", 'first step s', 'first / steady'], rows)
    if predictions:
        lines += table(['prediction', 'threads', 'Apus p50 ms', 'p99 ms', 'fastest peer', 'its p50', 'p99',
                        'ratio at p50', 'at p99', 'ONNX Runtime', 'its p50', 'p99', 'ratio at p50', 'at p99',
                        'PyTorch, forced', 'its p50', 'p99', 'ratio at p50', 'at p99'], predictions)
    if pipelines:
        lines += table(['pipeline', 'threads', 'Apus items/s', 'tf.data', 'its items/s', 'ratio', "PyTorch's best",
                        'its items/s', 'ratio', 'share of a step that waits for data'], pipelines)
    return lines


def fastest(entries):
    return min(entries, key=lambda e: e['ms_per_step_median'], default=None)


def title(entry):
    return f"{entry['framework']} {entry['mode']}"


def bold(value):
    return value and f'**{value:.2f}**'


def named(entry):
    return [title(entry), milliseconds(entry['ms_per_step_median']), bold(entry['ratio'])] if entry else [None] * 3


def throughput(entry):
    return [title(entry), f"{entry['items_per_s']:,.0f}", bold(entry['ratio'])] if entry else [None] * 3


def tails(entry):
    if not entry:
        return [None] * 5
    return [title(entry), milliseconds(entry['ms_per_step_median']), milliseconds(entry['ms_per_step_p99']),
            bold(entry['ratio']), bold(entry['ratio_p99'])]


def processes(entries):
    rows = []
    for e in sorted(entries, key=lambda e: e['ms_per_step_median']):
        spread = f"{milliseconds(e['ms_per_step_p10'])} - {milliseconds(e['ms_per_step_p90'])}" \
            if 'ms_per_step_p10' in e else None
        items = f"{e['items_per_s']:,.0f}" if 'items_per_s' in e else None
        rows.append([e['framework'], e['mode'], milliseconds(e['ms_per_step_median']), spread, items,
                     e['ratio'] and f"{e['ratio']:.2f}", f"{e['peak_rss_mb']:.0f}",
                     f"{e['first_step_s']:.3g}" if 'first_step_s' in e else None,
                     f"{e['disturbed']}/{e['processes']}"])
    return table(['framework', 'mode', 'ms', 'p10 - p90', 'items/s', 'ratio', 'peak MB', 'first step s', 'disturbed'],
                 rows)


def operations(entries):
    columns = list(dict.fromkeys((e['framework'], e['mode']) for e in entries))
    rows = []
    for operation in dict.fromkeys(e['op'] for e in entries):
        found = {(e['framework'], e['mode']): e for e in entries if e['op'] == operation}
        cells = []
        for column in columns:
            e = found.get(column)
            ratio = f" ({e['ratio']:.2f})" if e and e['ratio'] and column[0] != 'apus' else ''
            cells.append(e and f"{e['gflops']:.0f}{ratio}")
        rows.append([operation, *cells])
    return ['GFLOP/s (ratio)', ''] + table(['operation', *(' '.join(column) for column in columns)], rows)


def milliseconds(value):
    return f'{value:.4g}' if value < 1000 else f'{value:.0f}'


def table(header, rows):
    lines = [header, ['---'] + ['---'] * (len(header) - 1), *rows]
    return ['| ' + ' | '.join('-' if cell is None else str(cell) for cell in line) + ' |' for line in lines] + ['']
