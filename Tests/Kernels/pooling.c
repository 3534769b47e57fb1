// Pooling: all kinds, windows that overlap, that do not, that leave gaps, that stand in the padding.

#include "support.h"

static apus_convolution_shape shape_new(int style) {
    apus_convolution_shape s = {.batch = random_long(1, 3), .groups = 1};
    s.channels = s.maps = one_in(2) ? random_long(1, 9) : random_long(1, 70);
    int dims = (int)random_long(1, 3);
    for (int d = 0; d < 3; d++) {
        s.in[d] = s.out[d] = s.kernel[d] = s.stride[d] = s.dilation[d] = 1;
        if (d < 3 - dims) continue;
        s.in[d] = random_long(1, 13);
        s.kernel[d] = s.stride[d] = style == 0 ? 2 : random_long(1, 4);
        if (style == 2) {
            s.stride[d] = random_long(1, 4);
            s.dilation[d] = random_long(1, 3);
        }
        s.pad[d] = style == 0 ? 0 : random_long(0, style == 1 ? 1 : 3);
        long room = s.in[d] + s.pad[d] + (style == 0 ? 0 : random_long(0, 3)) - (s.kernel[d] - 1) * s.dilation[d] - 1;
        s.out[d] = room < 0 ? 0 : room / s.stride[d] + 1;
    }
    return s;
}

static void reference(const apus_pool *args, double *want) {
    const apus_convolution_shape *s = &args->shape;
    long windows = s->batch * s->out[0] * s->out[1] * s->out[2], taps = s->kernel[0] * s->kernel[1] * s->kernel[2];
    for (long at = 0; at < windows * s->channels; at++) {
        long window = at / s->channels, c = at % s->channels, winner = -1;
        long o[3] = {window / s->out[2] / s->out[1] % s->out[0], window / s->out[2] % s->out[1], window % s->out[2]};
        double best = -INFINITY, sum = 0;
        for (long tap = 0; tap < taps; tap++) {
            long k[3] = {tap / s->kernel[2] / s->kernel[1], tap / s->kernel[2] % s->kernel[1], tap % s->kernel[2]};
            long from = window / s->out[2] / s->out[1] / s->out[0];
            int inside = 1;
            for (int d = 0; d < 3; d++) {
                long i = o[d] * s->stride[d] - s->pad[d] + k[d] * s->dilation[d];
                inside &= i >= 0 && i < s->in[d];
                from = from * s->in[d] + i;
            }
            if (!inside) continue;
            from = from * s->channels + c;
            if (args->kind == APUS_POOL_SUM_GRADIENT) {
                want[from] += args->scale * element(args->z, args->dtype, at);
                continue;
            }
            double value = element(args->x, args->dtype, from);
            sum += value;
            if (winner < 0 || (best == best && (value > best || value != value))) {
                best = value;
                winner = from;
            }
        }
        switch (args->kind) {
        case APUS_POOL_MAX: want[at] = best; break;
        case APUS_POOL_SUM: want[at] = args->scale * sum; break;
        case APUS_POOL_MAX_SELECT: want[at] = winner < 0 ? 0 : element(args->z, args->dtype, winner); break;
        case APUS_POOL_MAX_GRADIENT:
            if (winner >= 0) want[winner] += element(args->z, args->dtype, at);
            break;
        }
    }
}

static void test_one(int kind, int style) {
    apus_pool args = {.shape = shape_new(style), .kind = kind, .dtype = one_in(3) ? APUS_F64 : APUS_F32, .scale = 0.25};
    const apus_convolution_shape *s = &args.shape;
    long in = s->batch * s->in[0] * s->in[1] * s->in[2], out = s->batch * s->out[0] * s->out[1] * s->out[2];
    int gradient = kind == APUS_POOL_MAX_GRADIENT || kind == APUS_POOL_SUM_GRADIENT;
    buffer x = buffer_new(in * s->channels, args.dtype);
    buffer z = buffer_new((kind == APUS_POOL_MAX_SELECT ? in : out) * s->channels, args.dtype);
    buffer y = buffer_new((gradient ? in : out) * s->channels, args.dtype), bias = buffer_new(s->channels, args.dtype);
    buffer_fill_whole(x, -5, 5);  // ties
    buffer_fill(z, -1, 1);
    buffer_fill(bias, -1, 1);
    for (long i = 0; i < x.count; i++) {
        if (one_in(30)) set_element(x.data, x.dtype, i, one_in(2) ? NAN : -INFINITY);
    }
    args.x = kind == APUS_POOL_SUM_GRADIENT ? NULL : x.data;
    args.z = kind == APUS_POOL_MAX || kind == APUS_POOL_SUM ? NULL : z.data;
    args.y = y.data;
    double *want = calloc((size_t)y.count + 1, sizeof *want);
    reference(&args, want);
    apus_fused epilogue = epilogue_relu(y, s->channels, bias, y.count / s->channels, s->channels);
    // Whether relu keeps NaN is for another test.
    if (one_in(3) && (gradient || kind == APUS_POOL_MAX_SELECT)) {
        args.epilogue = &epilogue;
        for (long i = 0; i < y.count; i++) want[i] = fmax(0, want[i] + element(bias.data, bias.dtype, i % s->channels));
    }
    apus_plan plan;
    apus_pool_plan(&args, &plan);
    char what[300];
    snprintf(what, sizeof what,
             "pool kind %d f%d [%ld, %ld %ld %ld, %ld] -> [%ld %ld %ld] kernel %ld %ld %ld stride %ld %ld %ld dilation "
             "%ld %ld %ld pad %ld %ld %ld epilogue %d",
             kind, args.dtype == APUS_F64 ? 64 : 32, s->batch, s->in[0], s->in[1], s->in[2], s->channels, s->out[0],
             s->out[1], s->out[2], s->kernel[0], s->kernel[1], s->kernel[2], s->stride[0], s->stride[1], s->stride[2],
             s->dilation[0], s->dilation[1], s->dilation[2], s->pad[0], s->pad[1], s->pad[2], args.epilogue != NULL);
    if (args.epilogue && s->channels > 0 && one_in(2)) gather_columns(&epilogue, &plan);
    run_plan(&plan, &args, &args.workspace, y, what);
    gather_check(y, s->channels, what);
    compare(y, want, NULL, args.dtype == APUS_F64 ? 1e-13 : 1e-5, what);
    free(want);
    buffer_free(x, what);
    buffer_free(z, what);
    buffer_free(y, what);
    buffer_free(bias, what);
}

void test_pooling(void) {
    for (int i = 0; i < 450; i++) test_one(i % 5, i / 5 % 3);
}
