// MKL asks itself whether it runs on an Intel processor, and if not, leaves its AVX-512 kernels unused even where
// the processor has the instructions. Preloaded, this library answers for it, so that PyTorch is compared at
// its best: cc -O2 -shared -fPIC -o libmkl_avx512.so mkl_avx512.c

int mkl_serv_intel_cpu(void);
int mkl_serv_intel_cpu_true(void);

int mkl_serv_intel_cpu(void) { return 1; }
int mkl_serv_intel_cpu_true(void) { return 1; }
