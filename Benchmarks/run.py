#!/usr/bin/env python3
"""Times Apus against the other frameworks in one run on this machine, and writes a table of ratios.

    python3 Benchmarks/run.py --venvs DIR [--quick]

Each measurement is a process of its own. Every process of a peer is preceded by one of Apus, so that both
meet the machine in the same state; their ratio is taken per pair, and the median over the rounds is shown.
See README.md for the protocol.
"""
import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import contestants as field
import machine
import report

DISTURBED = 0.15    # cores in use by other processes
COOL_DOWN = 1.0     # seconds before a disturbed process is repeated, doubled each time


def main():
    options = parse()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as scratch:
        result = Session(options, scratch).run()
    paths = report.write(result, options.output)
    print('wrote', ', '.join(paths))


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--venvs', required=True, metavar='DIR', help='where install-peers.sh put the environments')
    parser.add_argument('--workloads', default=','.join([*field.WORKLOADS, *field.PIPELINES]), type=names)
    parser.add_argument('--threads', default='1,2', type=lambda text: [int(name) for name in names(text)])
    parser.add_argument('--frameworks', default='apus,torch,keras,jax,mlx,gensim', type=names)
    parser.add_argument('--modes', type=names, help='only these, as in torch:eager,keras:graph')
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--min-time', type=float, default=3.0, help='seconds of timed steps per process')
    parser.add_argument('--repeats', type=int, default=3, help='how often a disturbed process is repeated')
    parser.add_argument('--patience', type=float, default=30, help='seconds to wait for a quiet machine')
    parser.add_argument('--timeout', type=float, default=300, help='seconds per process')
    parser.add_argument('--give-up', type=float, default=5, metavar='N',
                        help='one round is enough for modes N times slower than the fastest peer')
    parser.add_argument('--quick', action='store_true', help='one round, short, only the modes that tend to win')
    parser.add_argument('--lock', metavar='FILE', help='a file to hold locked while a process is timed')
    parser.add_argument('--output', default=os.path.join(field.HERE, 'results'))
    options = parser.parse_args()
    unknown = set(options.workloads) - {*field.WORKLOADS, *field.PIPELINES}
    if unknown:
        parser.error('unknown workloads: ' + ', '.join(sorted(unknown)))
    if options.quick:
        options.rounds, options.min_time = 1, min(options.min_time, 1.0)
        options.repeats, options.timeout = min(options.repeats, 1), min(options.timeout, 120)
    return options


def names(text):
    return [name for name in text.split(',') if name]


class Session:
    def __init__(self, options, scratch):
        self.options, self.scratch = options, scratch
        self.peers = field.Peers(options.venvs, scratch)
        self.missing = self.peers.missing
        self.apus = None
        if 'apus' in options.frameworks:
            executable, problem = field.build_apus()
            if executable:
                self.apus = field.Contestant('apus', 'compiled', [executable])
            else:
                self.note(problem)

    def note(self, text):
        print(text, file=sys.stderr)
        self.missing.append(text)

    def run(self):
        entries = []
        if 'pipeline_jpeg' in self.options.workloads:
            self.draw_pictures()
        plans = {workload: self.plan(workload) for workload in self.options.workloads}
        try:
            for workload in self.options.workloads:
                for threads in self.options.threads:
                    entries += self.compare(workload, threads, plans[workload])
        except KeyboardInterrupt:
            self.note('interrupted: what is missing was not measured')
        settings = {name: getattr(self.options, name) for name in ('threads', 'rounds', 'min_time', 'quick')}
        return {'machine': machine.describe(), 'settings': settings, 'missing': list(dict.fromkeys(self.missing)),
                'versions': {'onnxruntime' if entry['mode'] == 'ort' else entry['framework']: entry['version']
                             for entry in entries}, 'entries': entries}

    def draw_pictures(self):
        """Writes the JPEG files that the pipelines read, by whichever environment has Pillow."""
        os.environ['APUS_BENCHMARK_PICTURES'] = pictures = os.path.join(self.scratch, 'pictures')
        script = os.path.join(field.HERE, 'peers', 'pictures.py')
        for name in ('torch', 'misc'):
            python = os.path.join(self.peers.directory, 'venv-' + name, 'bin', 'python')
            if os.path.exists(python) and subprocess.run([python, script, pictures]).returncode == 0:
                return
        self.note('pipeline_jpeg: no environment with Pillow to draw the pictures')
        self.options.workloads.remove('pipeline_jpeg')

    def plan(self, workload):
        chosen = []
        for framework in self.options.frameworks:
            if framework == 'apus':
                continue
            modes = field.modes(workload, framework.rstrip('0123456789.-'), self.options.quick)
            if self.options.modes:
                modes = [mode for mode in modes if f'{framework}:{mode}' in self.options.modes]
            if modes:
                chosen += self.peers.contestants(framework, modes, workload in field.PIPELINES)
        return chosen

    def compare(self, workload, threads, contestants):
        """All rounds of one workload: pairs of Apus and a peer, in an order that turns from round to round."""
        samples = []      # (round, pair, record)
        left_out = set()
        for number in range(self.options.rounds):
            order = contestants[::-1] if number % 2 else contestants
            if not order and self.apus:
                samples += [(number, None, record) for record in self.measure(self.apus, workload, threads) or []]
            for peer in order:
                if peer in left_out:
                    continue
                pair = f'{peer.framework}:{peer.mode}'
                runs = [self.apus] if self.apus and self.apus not in left_out else []
                for contestant in [*runs, peer]:
                    records = self.measure(contestant, workload, threads)
                    if records is None:
                        left_out.add(contestant)
                    samples += [(number, pair, record) for record in records or []]
            if workload in field.PARAMETERS:
                left_out |= self.hopeless(contestants, samples)
        return report.summarise(samples)

    def hopeless(self, contestants, samples):
        best = {}
        for _, pair, record in samples:
            if record['framework'] != 'apus':
                best[pair] = min(best.get(pair, float('inf')), record['ms_per_step_median'])
        limit = min(best.values(), default=0) * self.options.give_up
        return {peer for peer in contestants if best.get(f'{peer.framework}:{peer.mode}', 0) > limit}

    def measure(self, contestant, workload, threads):
        """The records of the least disturbed of a few processes; None if the contestant fails."""
        best, pause = None, COOL_DOWN
        for _ in range(1 + self.options.repeats):
            try:
                records = self.process(contestant, workload, threads)
            except Failure as failure:
                self.note(f'{contestant.framework} {contestant.mode}, {workload}, {threads} threads: {failure}')
                return None
            load = max(record['other_cores'] or 0 for record in records)
            if best is None or load < best[0]:
                best = (load, records)
            if load <= DISTURBED:
                break
            time.sleep(pause)
            pause *= 2
        load, records = best
        for record in records:
            record['disturbed'] = (record['other_cores'] or 0) > DISTURBED
            unit = 'GFLOP/s' if 'gflops' in record else 'ms'
            value = record.get('gflops', record['ms_per_step_median'])
            print(f"{workload} {record.get('op', '')} {threads} threads {contestant.framework} {contestant.mode}: "
                  f"{value} {unit}{' (disturbed)' if record['disturbed'] else ''}", flush=True)
        return records

    def process(self, contestant, workload, threads):
        cores = machine.usable_cores()
        prefix = None
        if hasattr(os, 'sched_setaffinity') and threads < len(cores):
            prefix = lambda: os.sched_setaffinity(0, cores[-threads:])
        # Compilers start with empty caches in the first round, so that the first step shows what it costs. In a quick
        # run, preloaded libraries change nothing about them.
        mode = contestant.mode.replace('+tuned', '') if self.options.quick else contestant.mode
        caches = os.path.join(self.scratch, f'{contestant.framework}-{mode}-{workload}-{threads}')
        environment = {**os.environ, **contestant.environment, 'TORCHINDUCTOR_CACHE_DIR': caches}
        environment.pop('PYTHONDONTWRITEBYTECODE', None)
        with self.turn():
            self.wait_for_quiet()
            before, start = busy_seconds(), time.perf_counter()
            output, errors, status = self.finish(contestant.arguments(workload, threads, self.options.min_time),
                                                 env=environment, preexec_fn=prefix)
            seconds, after = time.perf_counter() - start, busy_seconds()
        records = [json.loads(line) for line in output.splitlines() if line.startswith('{')]
        if status or not records:
            raise Failure(field.last_line(errors))
        for record in records:
            self.check(record, workload, threads)
            record['framework'] = contestant.framework
        if workload == 'coldstart':
            own = after[1] - before[1]
            other = None if before[0] is None else max(0.0, (after[0] - before[0] - own) / seconds)
            records[0].update(ms_per_step_median=seconds * 1e3, first_step_s=seconds, other_cores=other)
        return records

    def finish(self, command, **settings):
        """Runs a command to its end, in a session of its own: compilers leave workers behind, which are ended too."""
        with tempfile.TemporaryFile('w+') as output, tempfile.TemporaryFile('w+') as errors:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                                       start_new_session=True, **settings)
            try:
                status = process.wait(self.options.timeout)
            except subprocess.TimeoutExpired:
                raise Failure(f'not finished in {self.options.timeout:.0f} s')
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            output.seek(0)
            errors.seek(0)
            return output.read(), errors.read(), status

    def check(self, record, workload, threads):
        if record['workload'] != workload or record['threads'] != threads:
            raise Failure(f"answered for {record['workload']} with {record['threads']} threads")
        expected = field.PARAMETERS.get(workload)
        if expected and record['params'] != expected:
            raise Failure(f"{record['params']} parameters instead of {expected}")

    def wait_for_quiet(self):
        end = time.perf_counter() + self.options.patience
        while time.perf_counter() < end:
            start, (before, _) = time.perf_counter(), busy_seconds()
            time.sleep(0.3)
            after = busy_seconds()[0]
            if after is None or (after - before) / (time.perf_counter() - start) <= DISTURBED:
                return
            time.sleep(0.7)

    @contextlib.contextmanager
    def turn(self):
        if not self.options.lock:
            yield
            return
        import fcntl
        with open(self.options.lock, 'w') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def busy_seconds():
    """CPU seconds so far of the machine (None where unknown) and of the processes waited for."""
    times = os.times()
    own = times.user + times.system + times.children_user + times.children_system
    try:
        with open('/proc/stat') as statistics:
            ticks = [int(value) for value in statistics.readline().split()[1:8]]
    except OSError:
        return None, own
    return (sum(ticks[:3]) + ticks[5] + ticks[6]) / os.sysconf('SC_CLK_TCK'), own


class Failure(Exception):
    pass


if __name__ == '__main__':
    main()
