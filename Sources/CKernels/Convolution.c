// The choice of a convolution's algorithm.

#include "Convolution.h"

void apus_convolution_plan(apus_convolution *args, unsigned flags, apus_plan *plan) {
    if (!(flags & (APUS_NO_WINOGRAD | APUS_FORCE_DIRECT | APUS_FORCE_GENERAL)) &&
        APUS_DISPATCH(apus_winograd_plan)(args, flags, plan))
        return;
    if (!(flags & APUS_FORCE_GENERAL)) {
        if (!(flags & APUS_FORCE_DIRECT)) {
            if (APUS_DISPATCH(apus_depthwise_plan)(args, flags, plan)) return;
            if (APUS_DISPATCH(apus_convolution_planar_plan)(args, flags, plan)) return;
            if (APUS_DISPATCH(apus_convolution_scatter_plan)(args, flags, plan)) return;
        }
        int found = args->direction == APUS_KERNEL_GRADIENT
                        ? APUS_DISPATCH(apus_kernel_gradient_plan)(args, flags, plan)
                        : APUS_DISPATCH(apus_convolution_direct_plan)(args, flags, plan);
        if (found) return;
    }
    APUS_DISPATCH(apus_convolution_general_plan)(args, flags, plan);
}
