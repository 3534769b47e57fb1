// The gradient of a convolution with respect to its kernel: a sum of outer products over pixels.
//
// Rows are taps x channels, columns maps. A block of rows x columns is summed up in registers over all pixels of a
// region, whose sources (with their padding, see ConvolutionWindow.h) stay in the cache for all blocks. Where there are
// more pixels than numbers in the kernel, several tasks sum over different regions, and a second phase adds up what
// they found.

#include "ConvolutionPrefetch.h"

/// The part of x that belongs to a region stays in the cache while all blocks of the kernel are summed over it.
#define KERNEL_GRADIENT_TILE_BYTES (64 * 1024)
#define KERNEL_GRADIENT_PIXELS 160
/// Pixels that are worth a partial sum of their own.
#define KERNEL_GRADIENT_SPLIT_PIXELS 1024

#define APUS_SOURCE "ConvolutionKernelGradient.inc"
#include "EachIsa.h"
