"""Says on which machine the figures were taken."""
import datetime
import os
import platform
import subprocess
import tempfile

INSTRUCTION_SETS = ['sse4_2', 'avx', 'avx2', 'fma', 'avx512f', 'avx512bw', 'avx512vl', 'avx512_vnni', 'avx512_bf16',
                    'amx_tile', 'asimd', 'asimddp', 'bf16', 'i8mm', 'sve', 'sve2']
HERE = os.path.dirname(os.path.abspath(__file__))


def describe():
    model, flags = processor()
    return {
        'date': datetime.date.today().isoformat(),
        'processor': model,
        'architecture': platform.machine(),
        'instruction_sets': [name for name in INSTRUCTION_SETS if name in flags],
        'cores': len(usable_cores()),
        'memory_gib': round(os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30, 1),
        'system': f'{platform.system()} {platform.release()}',
        'fma_peak_gflops_per_core': fma_peak(),
    }


def usable_cores():
    if hasattr(os, 'sched_getaffinity'):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def processor():
    if platform.system() == 'Darwin':
        read = subprocess.run(['sysctl', '-n', 'machdep.cpu.brand_string'], capture_output=True, text=True)
        return read.stdout.strip(), ['asimd'] if platform.machine() == 'arm64' else []
    fields = {}
    with open('/proc/cpuinfo') as information:
        for line in information:
            name, _, value = line.partition(':')
            fields.setdefault(name.strip(), value.strip())
    model = fields.get('model name', 'unknown')
    if 'cpu family' in fields:
        model += f" (family {fields['cpu family']}, model {fields['model']})"
    return model, (fields.get('flags') or fields.get('Features') or '').split()


def fma_peak():
    """GFLOP/s of one core in float32 multiply-adds, or None without a C compiler."""
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, 'fma_peak')
        source = os.path.join(HERE, 'peers', 'fma_peak.c')
        try:
            subprocess.run(['cc', '-O2', '-march=native', '-ffp-contract=fast', '-o', program, source],
                           check=True, capture_output=True)
            return float(subprocess.run([program], check=True, capture_output=True, text=True).stdout)
        except (OSError, subprocess.CalledProcessError):
            return None
