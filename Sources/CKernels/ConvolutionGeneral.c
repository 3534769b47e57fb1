// Convolutions by plain loops: the algorithm for shapes that no other takes, and the one to check the others against.

#include "Convolution.h"

#define APUS_SOURCE "ConvolutionGeneral.inc"
#include "EachIsa.h"
