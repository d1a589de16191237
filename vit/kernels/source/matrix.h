// Products of the small matrices of one head, in registers: rows of C at a time, COLUMNS of each.
#pragma once
#include "interface.h"

#if defined(__AVX512F__)
constexpr int LANES = 16, DEEP = 12;
#elif defined(__AVX__)
constexpr int LANES = 8, DEEP = 6;
#else
constexpr int LANES = 4, DEEP = 6;
#endif
constexpr int COLUMNS = 16, VECTORS = COLUMNS / LANES;
typedef float Vec __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

inline Index padded(Index n) { return (n + COLUMNS - 1) / COLUMNS * COLUMNS; }

template <int R>
inline void tile(const float *a, Index row, Index step, const float *b, Index ldb, float *c, Index ldc, Index depth) {
  Vec sums[R][VECTORS] = {};
  for (Index k = 0; k < depth; ++k) {
    Vec across[VECTORS];
    for (int v = 0; v < VECTORS; ++v) across[v] = *reinterpret_cast<const Vec *>(b + k * ldb + v * LANES);
#pragma GCC unroll 12
    for (int i = 0; i < R; ++i) {
      const float one = a[i * row + k * step];
      for (int v = 0; v < VECTORS; ++v) sums[i][v] += one * across[v];
    }
  }
#pragma GCC unroll 12
  for (int i = 0; i < R; ++i)
    for (int v = 0; v < VECTORS; ++v) *reinterpret_cast<Vec *>(c + i * ldc + v * LANES) = sums[i][v];
}

// C (m, n) = A B over `depth`; A(i, k) lies at a[i * row + k * step], so that A may be a transpose; rows of B and C
// are ldb and ldc apart; n is a multiple of COLUMNS.
inline void product(const float *a, Index row, Index step, const float *b, Index ldb, float *c, Index ldc, Index m,
                    Index n, Index depth) {
  for (Index j = 0; j < n; j += COLUMNS) {
    Index i = 0;
    for (; i + DEEP <= m; i += DEEP) tile<DEEP>(a + i * row, row, step, b + j, ldb, c + i * ldc + j, ldc, depth);
    for (; i < m; ++i) tile<1>(a + i * row, row, step, b + j, ldb, c + i * ldc + j, ldc, depth);
  }
}

// x (n, d), rows ld apart -> its transpose (d, width), zeros behind the n-th column.
inline void transpose(const float *x, Index ld, Index n, Index d, float *out, Index width) {
  for (Index k = 0; k < d; ++k) {
    for (Index i = 0; i < n; ++i) out[k * width + i] = x[i * ld + k];
    for (Index i = n; i < width; ++i) out[k * width + i] = 0;
  }
}
