// The gradient of a bias: the sum of the rows.
#include <vector>

#include "threads.h"

// g (..., D), bias (D,) for its shape -> (D,)
KERNEL(RowSum) {
  const Index width = WIDTH(0), rows = ROWS(0);
  const float *g = IN(0);
  float *out = OUT(2);
  const int parts = parts_of(rows, width);
  std::vector<float> sums(parts * width, 0.0f);
  in_parts(parts, rows, [&](int part, Index from, Index to) {
    float *sum = &sums[part * width];
    for (Index r = from; r < to; ++r)
#pragma GCC ivdep
      for (Index i = 0; i < width; ++i) sum[i] += g[r * width + i];
  });
  for (Index i = 0; i < width; ++i) {
    float all = 0;
    for (int part = 0; part < parts; ++part) all += sums[part * width + i];
    out[i] = all;
  }
  return 0;
}
