"""Draws the JPEG files that the pipelines read: python pictures.py FOLDER. Needs Pillow.

A thousand smooth pictures of 500 x 375 pixels with a little noise, about 41 kB each at quality 87, in folders of ten
classes.
"""
import os
import sys

import numpy
from PIL import Image

folder = sys.argv[1]
random = numpy.random.default_rng(0)
for index in range(1000):
    place = os.path.join(folder, f'class{index % 10}')
    os.makedirs(place, exist_ok=True)
    coarse = Image.fromarray(random.integers(0, 256, (24, 32, 3), dtype=numpy.uint8))
    smooth = numpy.asarray(coarse.resize((500, 375), Image.Resampling.BICUBIC)).astype(numpy.int16)
    noisy = (smooth + random.integers(-6, 7, smooth.shape)).clip(0, 255).astype(numpy.uint8)
    Image.fromarray(noisy).save(os.path.join(place, f'{index:04d}.jpg'), quality=87)
