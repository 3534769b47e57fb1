// Matrix products: see apus_gemm_plan in CKernels.h.

#include "GemmCut.h"

APUS_DECLARE(void, apus_gemm_plan, const apus_gemm *args, int dtype, apus_plan *plan)

#define APUS_SOURCE "Gemm.inc"
#include "EachIsa.h"

void apus_gemm_plan(const apus_gemm *args, int dtype, apus_plan *plan) {
    APUS_DISPATCH(apus_gemm_plan)(args, dtype, plan);
}
