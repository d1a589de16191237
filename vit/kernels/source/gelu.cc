// GELU(x) = x share(x), where share is the probability that a standard normal number is smaller than x, or its
// approximation by tanh; with the bias of the layer before added to x, or without. GELU' = share + x slope.
#include <cmath>
#include <vector>

#include "exponential.h"
#include "threads.h"

namespace {
// Abramowitz and Stegun, "Handbook of Mathematical Functions", 7.1.26: at most 1e-7 off.
struct Exact {
  static inline float share(float x, float &slope) {
    const float a = std::fabs(x) * 0.70710678f, t = 1.0f / (1.0f + 0.3275911f * a), bell = exp_of(-a * a);
    float p = 1.061405429f;
    p = p * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    const float tail = 0.5f * p * t * bell;
    slope = bell * 0.39894228f;  // 1 / sqrt(2 pi)
    return x < 0 ? tail : 1.0f - tail;
  }
};

// share = (1 + tanh(u)) / 2 = 1 / (1 + exp(-2 u)), 2 u = A x + B x^3.
struct Tanh {
  static constexpr float A = 1.59576912f, B = 0.07135481f;  // 2 sqrt(2 / pi), and that times 0.044715
  static inline float share(float x, float &slope) {
    const float square = x * x, u = x * (A + B * square), small = exp_of(-std::fabs(u)), all = 1.0f / (1.0f + small);
    const float share = u < 0 ? small * all : all;
    slope = (A + 3 * B * square) * small * all * all;
    return share;
  }
};

template <class Kind>
void gelu(const float *x, const float *bias, float *y, Index rows, Index width) {
  in_parts(parts_of(rows, width), rows, [&](int, Index from, Index to) {
    float slope;
    for (Index r = from; r < to; ++r) {
      const float *row = x + r * width;
      float *out = y + r * width;
      if (bias) {
#pragma GCC ivdep
        for (Index i = 0; i < width; ++i) {
          const float u = row[i] + bias[i];
          out[i] = u * Kind::share(u, slope);
        }
      } else {
#pragma GCC ivdep
        for (Index i = 0; i < width; ++i) out[i] = row[i] * Kind::share(row[i], slope);
      }
    }
  });
}

template <class Kind>
void gelu_grad(const float *x, const float *bias, const float *dy, float *dx, float *dbias, Index rows, Index width) {
  const int parts = parts_of(rows, width);
  std::vector<float> sums(bias ? parts * width : 0, 0.0f);
  in_parts(parts, rows, [&](int part, Index from, Index to) {
    float *sum = sums.data() + part * width;
    float slope;
    for (Index r = from; r < to; ++r) {
      const float *row = x + r * width, *g = dy + r * width;
      float *out = dx + r * width;
      if (bias) {
#pragma GCC ivdep
        for (Index i = 0; i < width; ++i) {
          const float u = row[i] + bias[i], share = Kind::share(u, slope), d = g[i] * (share + u * slope);
          out[i] = d;
          sum[i] += d;
        }
      } else {
#pragma GCC ivdep
        for (Index i = 0; i < width; ++i) {
          const float share = Kind::share(row[i], slope);
          out[i] = g[i] * (share + row[i] * slope);
        }
      }
    }
  });
  for (Index i = 0; bias && i < width; ++i) {
    float all = 0;
    for (int part = 0; part < parts; ++part) all += sums[part * width + i];
    dbias[i] = all;
  }
}
}  // namespace

#define GELUS(Kind)                                                                                 \
  /* x (..., H) -> y */                                                                             \
  KERNEL(Gelu##Kind) {                                                                              \
    gelu<Kind>(IN(0), nullptr, OUT(1), ROWS(0), WIDTH(0));                                          \
    return 0;                                                                                       \
  }                                                                                                 \
  /* x, dy -> dx */                                                                                 \
  KERNEL(Gelu##Kind##Grad) {                                                                        \
    gelu_grad<Kind>(IN(0), nullptr, IN(1), OUT(2), nullptr, ROWS(0), WIDTH(0));                     \
    return 0;                                                                                       \
  }                                                                                                 \
  /* x (..., H), bias (H,) -> y */                                                                  \
  KERNEL(BiasGelu##Kind) {                                                                          \
    gelu<Kind>(IN(0), IN(1), OUT(2), ROWS(0), WIDTH(0));                                            \
    return 0;                                                                                       \
  }                                                                                                 \
  /* x, bias, dy -> dx, dbias */                                                                    \
  KERNEL(BiasGelu##Kind##Grad) {                                                                    \
    gelu_grad<Kind>(IN(0), IN(1), IN(2), OUT(3), OUT(4), ROWS(0), WIDTH(0));                        \
    return 0;                                                                                       \
  }

GELUS(Exact)
GELUS(Tanh)
