// The input's gradient of a convolution with few channels: products scattered to where they belong.
//
// The channels alone would fill only part of a vector, but those of all taps of a kernel's row are neighbours in the
// input. So the columns of the product are a kernel's row x channels, its rows are pixels of y, and every block of sums
// is added to a tile of the input. No product is computed twice and none for the padding between strided pixels.

#include "ConvolutionPrefetch.h"

#define SCATTER_TILE_BYTES (64 * 1024)
#define SCATTER_PIXELS 1024

#define APUS_SOURCE "ConvolutionScatter.inc"
#include "EachIsa.h"
