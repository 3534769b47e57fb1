// 3x3 convolutions with stride 1 by Winograd's minimal filtering: F(4x4, 3x3) with 36 multiplications for 16 outputs
// (144 directly) and F(2x2, 3x3) with 16 for 4 (36 directly).
//
// The image is cut into overlapping tiles of edge x edge pixels (6x6 or 4x4). With V = B'dB of every tile d and
// U = GgG' of every filter g, the tile's outputs are A'[U * V]A, where the product is elementwise in the edge^2
// positions ("frequencies") and summed over the channels: one matrix product per frequency. The input gradient is the
// same with rotated filters and the roles of channels and maps exchanged. The kernel gradient is the transposed
// algorithm, G'[V * (A dy A')]G summed over the tiles.

#include "WinogradProblem.h"

#define vector APUS_NAME(winograd_vector)
#define APUS_SOURCE "Winograd.inc"
#include "EachIsa.h"
