// Depthwise convolutions: every channel has kernels of its own, one or more.
//
// The loops run along the channels (forward and input gradient: of the maps), which are vectors in every tensor, so the
// kernel is read as it is and nothing is packed. Taps that fall into the padding are left out: whole rows of the kernel
// at once, single columns only for the pixels at the left and right border. With several maps per channel the source
// is first copied into a tile in which every channel is repeated.

#include "ConvolutionPrefetch.h"

/// Numbers of the output that a task writes before its epilogue runs over them.
#define DEPTHWISE_ELEMENTS (32 * 1024)

#define APUS_SOURCE "Depthwise.inc"
#include "EachIsa.h"
