// Convolutions: the three directions, every algorithm that applies, one to three dimensions.

#include "support.h"

typedef struct {
    buffer x, w, y;
    apus_convolution_shape s;
    int dtype;
} problem;

static problem problem_new(int style) {
    problem p = {.dtype = one_in(4) ? APUS_F64 : APUS_F32};
    apus_convolution_shape *s = &p.s;
    int dims = style == 1 ? 2 : (int)random_long(1, 3);
    s->batch = random_long(1, 3);
    s->groups = style == 1 || one_in(2) ? 1 : random_long(1, 4);
    s->channels = s->groups * random_long(1, one_in(3) ? 40 : 9);
    s->maps = s->groups * random_long(1, one_in(3) ? 40 : 9);
    if (style == 2) s->maps = s->channels = s->groups = random_long(1, 40);  // depthwise
    if (style == 3) {  // enough work for several tasks
        s->groups = 1;
        s->batch = 3;
        s->channels = random_long(20, 30);
        s->maps = random_long(30, 40);
        dims = 2;
    }
    for (int d = 0; d < 3; d++) {
        s->in[d] = s->kernel[d] = s->stride[d] = s->dilation[d] = s->out[d] = 1;
        s->pad[d] = 0;
        if (d < 3 - dims) continue;
        s->kernel[d] = style == 1 || style == 3 ? 3 : random_long(1, 5);
        s->stride[d] = style == 1 ? 1 : random_long(1, style == 3 ? 2 : 3);
        s->dilation[d] = style == 1 || one_in(2) ? 1 : random_long(1, 3);
        s->pad[d] = style == 1 ? random_long(0, 1) : random_long(0, 3);
        long reach = (s->kernel[d] - 1) * s->dilation[d] + 1;
        s->in[d] = style == 3 ? random_long(14, 19) : random_long(1, dims == 3 ? 7 : 15);
        if (s->in[d] + s->pad[d] < reach) s->in[d] = reach;
        // The padding behind may differ from that before.
        s->out[d] = (s->in[d] + s->pad[d] + random_long(0, 2) - reach) / s->stride[d] + 1;
    }
    p.x = buffer_new(s->batch * s->in[0] * s->in[1] * s->in[2] * s->channels, p.dtype);
    p.w = buffer_new(s->kernel[0] * s->kernel[1] * s->kernel[2] * (s->channels / s->groups) * s->maps, p.dtype);
    p.y = buffer_new(s->batch * s->out[0] * s->out[1] * s->out[2] * s->maps, p.dtype);
    buffer_fill(p.x, -1, 1);
    buffer_fill(p.w, -1, 1);
    buffer_fill(p.y, -1, 1);
    return p;
}

/// Adds the products of all pairs into `want` and their magnitudes into `scale`.
static void reference(const problem *p, int direction, double *want, double *scale) {
    const apus_convolution_shape *s = &p->s;
    long per_group = s->channels / s->groups, maps_per_group = s->maps / s->groups;
    long pixels = s->batch * s->out[0] * s->out[1] * s->out[2];
    long taps = s->kernel[0] * s->kernel[1] * s->kernel[2];
    for (long pixel = 0; pixel < pixels; pixel++) {
        long o[3] = {pixel / s->out[2] / s->out[1] % s->out[0], pixel / s->out[2] % s->out[1], pixel % s->out[2]};
        long image = pixel / s->out[2] / s->out[1] / s->out[0];
        for (long tap = 0; tap < taps; tap++) {
            long k[3] = {tap / s->kernel[2] / s->kernel[1], tap / s->kernel[2] % s->kernel[1], tap % s->kernel[2]};
            long from = image;
            int inside = 1;
            for (int d = 0; d < 3; d++) {
                long i = o[d] * s->stride[d] - s->pad[d] + k[d] * s->dilation[d];
                inside &= i >= 0 && i < s->in[d];
                from = from * s->in[d] + i;
            }
            for (long map = 0; map < s->maps && inside; map++) {
                long first = map / maps_per_group * per_group;
                for (long c = 0; c < per_group; c++) {
                    long xi = from * s->channels + first + c, wi = (tap * per_group + c) * s->maps + map;
                    long yi = pixel * s->maps + map;
                    double product = direction == APUS_FORWARD
                                         ? element(p->x.data, p->dtype, xi) * element(p->w.data, p->dtype, wi)
                                     : direction == APUS_INPUT_GRADIENT
                                         ? element(p->y.data, p->dtype, yi) * element(p->w.data, p->dtype, wi)
                                         : element(p->x.data, p->dtype, xi) * element(p->y.data, p->dtype, yi);
                    long to = direction == APUS_FORWARD ? yi : direction == APUS_INPUT_GRADIENT ? xi : wi;
                    want[to] += product;
                    scale[to] += fabs(product);
                }
            }
        }
    }
}

static void test_one(int style, int direction) {
    static const struct { unsigned flags; double single, wide; } ways[] = {
        {0, 4e-5, 1e-12}, {APUS_NO_WINOGRAD, 4e-6, 1e-14}, {APUS_FORCE_DIRECT, 4e-6, 1e-14},
        {APUS_FORCE_GENERAL, 4e-6, 1e-14}, {APUS_FORCE_WINOGRAD4, 4e-5, 1e-12}, {APUS_FORCE_WINOGRAD2, 1e-5, 1e-13},
    };
    problem p = problem_new(style);
    apus_convolution_shape *s = &p.s;
    buffer out = direction == APUS_FORWARD ? p.y : direction == APUS_INPUT_GRADIENT ? p.x : p.w;
    double *want = calloc((size_t)out.count + 1, sizeof *want), *scale = calloc((size_t)out.count + 1, sizeof *scale);
    reference(&p, direction, want, scale);
    long columns = direction == APUS_INPUT_GRADIENT ? s->channels : s->maps;
    buffer bias = buffer_new(columns, p.dtype);
    buffer_fill(bias, -1, 1);
    // A kernel's gradient is [taps x channels, maps].
    int with_epilogue = one_in(3);
    for (long i = 0; i < out.count; i++) {
        if (with_epilogue) want[i] = fmax(0, want[i] + element(bias.data, p.dtype, i % columns));
        scale[i] += 1;
    }
    apus_fused epilogue = epilogue_relu(out, columns, bias, columns > 0 ? out.count / columns : 0, columns);
    for (size_t w = 0; w < sizeof ways / sizeof ways[0]; w++) {
        if (w == 0 && style != 1) continue;
        if (ways[w].flags >= APUS_FORCE_WINOGRAD4 && ways[w].flags < APUS_FORCE_GENERAL && style != 1) continue;
        apus_convolution args = {.shape = *s, .x = p.x.data, .w = p.w.data, .y = p.y.data,
                                 .epilogue = with_epilogue ? &epilogue : NULL, .direction = direction,
                                 .dtype = p.dtype};
        apus_plan plan = {0};
        apus_convolution_plan(&args, ways[w].flags, &plan);
        char what[300];
        snprintf(what, sizeof what,
                 "%s f%d direction %d flags %u [%ld, %ld %ld %ld, %ld] -> [%ld %ld %ld, %ld] kernel %ld %ld %ld stride "
                 "%ld %ld %ld dilation %ld %ld %ld pad %ld %ld %ld groups %ld epilogue %d",
                 plan.name, p.dtype == APUS_F64 ? 64 : 32, direction, ways[w].flags, s->batch, s->in[0], s->in[1],
                 s->in[2], s->channels, s->out[0], s->out[1], s->out[2], s->maps, s->kernel[0], s->kernel[1],
                 s->kernel[2], s->stride[0], s->stride[1], s->stride[2], s->dilation[0], s->dilation[1], s->dilation[2],
                 s->pad[0], s->pad[1], s->pad[2], s->groups, with_epilogue);
        buffer_scribble(out);
        if (with_epilogue && columns > 0 && one_in(2)) gather_columns(&epilogue, &plan);
        run_plan(&plan, &args, &args.workspace, out, what);
        gather_check(out, columns, what);
        compare(out, want, scale, p.dtype == APUS_F64 ? ways[w].wide : ways[w].single, what);
    }
    free(want);
    free(scale);
    buffer_free(p.x, "convolution");
    buffer_free(p.w, "convolution");
    buffer_free(p.y, "convolution");
    buffer_free(bias, "convolution");
}

void test_convolution(void) {
    for (int i = 0; i < 120; i++) test_one(i / 3 % 3, i % 3);
    for (int i = 0; i < 9; i++) test_one(3, i % 3);
}
