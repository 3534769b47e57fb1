// Direct convolutions, forward and with respect to the input, as an implicit matrix product.
//
// Rows of the product are target pixels, columns their channels; what is summed over are the taps and the source
// channels. A block of pixels x channels is summed up in registers, with a pointer per pixel into the source (or into a
// tile with padding, see ConvolutionWindow.h) and the kernel packed in the order in which it is read:
// [group][panel of columns][class][chunk of source channels][tap][source channel][column].

#include "ConvolutionPrefetch.h"

/// Source channels of a chunk are such that the kernel of one panel stays in the second-level cache.
#define DIRECT_KERNEL_BYTES (192 * 1024)
#define DIRECT_TILE_BYTES (160 * 1024)
#define DIRECT_PIXELS 224

#define APUS_SOURCE "ConvolutionDirect.inc"
#include "EachIsa.h"
