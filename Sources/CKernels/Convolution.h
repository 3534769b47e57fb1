// The algorithms among which apus_convolution_plan chooses.
//
// Each `*_plan` returns 0 when it does not apply to the arguments, else fills in the plan.

#ifndef APUS_CONVOLUTION_H
#define APUS_CONVOLUTION_H

#include "Isa.h"

/// 3x3, stride 1, float32: fast products of tiles.
APUS_DECLARE(int, apus_winograd_plan, apus_convolution *args, unsigned flags, apus_plan *plan)
/// Products of pixels and kernel, forward and with respect to the input.
APUS_DECLARE(int, apus_convolution_direct_plan, apus_convolution *args, unsigned flags, apus_plan *plan)
/// Sums of outer products: the kernel's gradient.
APUS_DECLARE(int, apus_kernel_gradient_plan, apus_convolution *args, unsigned flags, apus_plan *plan)
/// The input's gradient where the channels are few.
APUS_DECLARE(int, apus_convolution_scatter_plan, apus_convolution *args, unsigned flags, apus_plan *plan)
/// Few channels and few maps, forward and with respect to the kernel.
APUS_DECLARE(int, apus_convolution_planar_plan, apus_convolution *args, unsigned flags, apus_plan *plan)
/// As many groups as channels.
APUS_DECLARE(int, apus_depthwise_plan, apus_convolution *args, unsigned flags, apus_plan *plan)
/// Plain loops, any shape.
APUS_DECLARE(int, apus_convolution_general_plan, apus_convolution *args, unsigned flags, apus_plan *plan)

APUS_INLINE size_t apus_round_up(size_t a, size_t b) { return (a + b - 1) / b * b; }

APUS_INLINE int apus_is_f64(const apus_convolution *args) { return args->dtype == APUS_F64; }

/// Pixels of one image.
APUS_INLINE long apus_volume(const long extent[3]) { return extent[0] * extent[1] * extent[2]; }

/// The number of kernel positions.
APUS_INLINE long apus_taps(const apus_convolution_shape *shape) { return apus_volume(shape->kernel); }

#endif
