// Layer norm over the last axis, and its gradient; mean and scale of each row are kept between the two.
//   scale = 1 / sqrt(variance + eps),  xhat = (x - mean) scale,  y = gamma xhat + beta
//   dx = (d - mean(d) - xhat mean(d xhat)) scale,  d = gamma dy
#include <cmath>
#include <vector>

#include "threads.h"

// x (..., D), gamma, beta (D,), eps (1,) -> y, stats (rows, 2)
KERNEL(LayerNorm) {
  const Index width = WIDTH(0), rows = ROWS(0);
  const float *x = IN(0), *gamma = IN(1), *beta = IN(2), eps = IN(3)[0];
  float *y = OUT(4), *stats = OUT(5);
  in_parts(parts_of(rows, width), rows, [&](int, Index from, Index to) {
    for (Index r = from; r < to; ++r) {
      const float *row = x + r * width;
      float mean = 0, variance = 0;
      for (Index i = 0; i < width; ++i) mean += row[i];
      mean /= width;
      for (Index i = 0; i < width; ++i) variance += (row[i] - mean) * (row[i] - mean);
      const float scale = 1.0f / std::sqrt(variance / width + eps);
      float *out = y + r * width;
#pragma GCC ivdep
      for (Index i = 0; i < width; ++i) out[i] = (row[i] - mean) * scale * gamma[i] + beta[i];
      stats[2 * r] = mean, stats[2 * r + 1] = scale;
    }
  });
  return 0;
}

// x, gamma, stats, dy -> dx, dgamma, dbeta
KERNEL(LayerNormGrad) {
  const Index width = WIDTH(0), rows = ROWS(0);
  const float *x = IN(0), *gamma = IN(1), *stats = IN(2), *dy = IN(3);
  float *dx = OUT(4), *dgamma = OUT(5), *dbeta = OUT(6);
  const int parts = parts_of(rows, width);
  std::vector<float> sums(parts * 2 * width, 0.0f);
  in_parts(parts, rows, [&](int part, Index from, Index to) {
    float *sum_gamma = &sums[part * 2 * width], *sum_beta = sum_gamma + width;
    for (Index r = from; r < to; ++r) {
      const float *row = x + r * width, *g = dy + r * width, mean = stats[2 * r], scale = stats[2 * r + 1];
      float a = 0, b = 0;  // of d, and of d xhat
#pragma GCC ivdep
      for (Index i = 0; i < width; ++i) {
        const float xhat = (row[i] - mean) * scale, d = g[i] * gamma[i];
        a += d;
        b += d * xhat;
        sum_gamma[i] += g[i] * xhat;
        sum_beta[i] += g[i];
      }
      a /= width, b /= width;
      float *out = dx + r * width;
#pragma GCC ivdep
      for (Index i = 0; i < width; ++i) out[i] = (g[i] * gamma[i] - a - (row[i] - mean) * scale * b) * scale;
    }
  });
  for (Index i = 0; i < width; ++i) {
    float all_gamma = 0, all_beta = 0;
    for (int part = 0; part < parts; ++part) {
      all_gamma += sums[part * 2 * width + i];
      all_beta += sums[(part * 2 + 1) * width + i];
    }
    dgamma[i] = all_gamma, dbeta[i] = all_beta;
  }
  return 0;
}
