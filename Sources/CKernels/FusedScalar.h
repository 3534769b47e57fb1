// Rare functions that fused loops compute one element at a time.

#ifndef APUS_FUSED_SCALAR_H
#define APUS_FUSED_SCALAR_H

#include <math.h>
#include <stdint.h>

double lgamma_r(double, int *);  // POSIX's lgamma writes a global

static inline double fused_lgamma(double x) {
    int sign;
    return lgamma_r(x, &sign);
}

/// The derivative of lgamma: shifted up by the recurrence, then the asymptotic series.
static inline double fused_digamma(double x) {
    if (x == 0) return copysign(INFINITY, -x);
    if (x == -INFINITY) return NAN;
    double result = 0;
    if (x < 0) {
        double whole = floor(x);
        if (whole == x) return NAN;
        result = -M_PI / tan(M_PI * (x - whole));  // psi(1 - x) - psi(x) = pi cot(pi x)
        x = 1 - x;
    }
    while (x < 10) result -= 1 / x++;
    double z = 1 / (x * x);
    double series = z * (1.0 / 12 - z * (1.0 / 120 - z * (1.0 / 252 - z * (1.0 / 240 - z * (1.0 / 132 -
                    z * (691.0 / 32760 - z * (1.0 / 12)))))));
    return result + (log(x) - 0.5 / x - series);
}

/// As in Python: the remainder has the divisor's sign.
static inline double fused_remainder(double a, double b) {
    double rest = fmod(a, b);
    if (rest == 0) return copysign(0, b);
    return (rest < 0) != (b < 0) ? rest + b : rest;
}

static inline double fused_floor_divide(double a, double b) {
    if (b == 0) return a / b;
    double rest = fmod(a, b), quotient = (a - rest) / b;
    if (rest != 0 && (rest < 0) != (b < 0)) quotient -= 1;
    if (quotient == 0) return copysign(0, a / b);
    double whole = floor(quotient);
    return quotient - whole > 0.5 ? whole + 1 : whole;
}

static inline int64_t fused_integer(double x) {
    if (!(x < 9223372036854775808.0)) return x != x ? 0 : INT64_MAX;
    return x < -9223372036854775808.0 ? INT64_MIN : (int64_t)x;
}

static inline int64_t fused_integer_divide(int64_t a, int64_t b) {
    if (b == 0) return 0;
    return b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b;
}

static inline int64_t fused_integer_remainder(int64_t a, int64_t b) {
    if (b == 0 || b == -1) return 0;
    int64_t rest = a % b;
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

static inline int64_t fused_integer_floor_divide(int64_t a, int64_t b) {
    int64_t quotient = fused_integer_divide(a, b);
    return b != 0 && b != -1 && a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

static inline int64_t fused_integer_power(int64_t base, int64_t exponent) {
    if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent & 1 ? -1 : 1) : 0;
    uint64_t result = 1, factor = (uint64_t)base;
    for (; exponent; exponent >>= 1, factor *= factor)
        if (exponent & 1) result *= factor;
    return (int64_t)result;
}

#endif
