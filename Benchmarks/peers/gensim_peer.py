"""gensim. Mode: word2vec (skip-gram with five negatives; its own loop in C, as many threads as asked for).

A word of the text makes ten pairs: its window has five words to each side, and is not narrowed at random. The time of a
step is that of 4096 pairs.
"""
import time
import harness

chosen = harness.arguments('word2vec')
start = time.perf_counter()
import gensim
from gensim.models import Word2Vec
import_s = time.perf_counter() - start

import numpy

WORDS, LENGTH = 50_000, 40
random = numpy.random.default_rng(0)
sums = numpy.cumsum(1 / (numpy.arange(WORDS) + 3.0))
text = numpy.minimum(numpy.searchsorted(sums / sums[-1], random.random((12_000, LENGTH))), WORDS - 1)
# Each word once, so that the table has all.
sentences = numpy.concatenate((numpy.arange(WORDS).reshape(-1, LENGTH), text))
sentences = [list(map(str, sentence)) for sentence in sentences]
model = Word2Vec(vector_size=128, window=5, min_count=1, sg=1, negative=5, hs=0, sample=0, workers=chosen.threads,
                 epochs=1, shrink_windows=False)
model.build_vocab(sentences)
assert model.wv.vectors.size + model.syn1neg.size == harness.PARAMETERS['sgns']
pairs = 10 * LENGTH * len(sentences)
times, first, before = [], None, harness.Load()
while len(times) < 3 or harness.Load().clock - before.clock < chosen.min_time:
    start = time.perf_counter()
    model.train(sentences, total_examples=len(sentences), epochs=1)
    times.append((time.perf_counter() - start) * chosen.batch / pairs)
middle = harness.percentile(times, 0.5)
harness.emit(framework='gensim', version=gensim.__version__, mode=chosen.mode, workload='sgns', threads=chosen.threads,
             batch=chosen.batch, params=harness.PARAMETERS['sgns'], items_per_s=round(chosen.batch / middle, 1),
             ms_per_step_median=round(middle * 1e3, 4), ms_per_step_p10=round(min(times) * 1e3, 4),
             ms_per_step_p90=round(max(times) * 1e3, 4), first_step_s=round(times[0], 4), import_s=round(import_s, 3),
             peak_rss_mb=round(harness.peak_rss_mb(), 1), **harness.Load().since(before))
