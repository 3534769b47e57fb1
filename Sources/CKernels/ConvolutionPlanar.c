// Convolutions with few channels and few maps, forward and with respect to the kernel.
//
// Maps alone would fill only part of a vector, so here the vectors run along the pixels of a row. The source is copied
// into planes, one per channel (and per remainder of the column by the stride), in which they are neighbours.

#include "ConvolutionWindow.h"

/// Maps and channels that are few.
#define PLANAR_MAPS 8
#define PLANAR_CHANNELS 4
#define PLANAR_PIXELS 1024
#define PLANAR_TILE_BYTES (16 * 1024)

#define APUS_SOURCE "ConvolutionPlanar.inc"
#include "EachIsa.h"
