// The core of attention, softmax(q k^T / sqrt(d)) v, a head of a picture at a time: its weights never leave the cache
// but for the gradient, which needs them. d is a multiple of 16.
#include <cmath>
#include <vector>

#include "exponential.h"
#include "matrix.h"
#include "threads.h"

namespace {
// The largest number; which one, if some are NaN, is left open. In lanes, because a compiler that must mind NaN
// leaves the order as it is.
inline float largest(const float *x, Index width) {
  float most = x[0];
  Index i = 0;
  if (width >= LANES) {
    Vec lanes = *reinterpret_cast<const Vec *>(x);
    for (; i + LANES <= width; i += LANES) {
      const Vec more = *reinterpret_cast<const Vec *>(x + i);
      lanes = more > lanes ? more : lanes;
    }
    for (int lane = 0; lane < LANES; ++lane) most = std::max(most, lanes[lane]);
  }
  for (; i < width; ++i) most = std::max(most, x[i]);
  return most;
}

// In place: softmax(scale x).
inline void softmax(float *x, Index width, float scale) {
  const float most = largest(x, width);
  float sum = 0;
#pragma GCC ivdep
  for (Index i = 0; i < width; ++i) {
    x[i] = exp_of((x[i] - most) * scale);
    sum += x[i];
  }
  const float each = 1.0f / sum;
#pragma GCC ivdep
  for (Index i = 0; i < width; ++i) x[i] *= each;
}

// In place: the gradient of the weights becomes that of the scores.
inline void softmax_grad(const float *weights, float *g, Index width, float scale) {
  float mean = 0;
  for (Index i = 0; i < width; ++i) mean += weights[i] * g[i];
#pragma GCC ivdep
  for (Index i = 0; i < width; ++i) g[i] = weights[i] * (g[i] - mean) * scale;
}

// Where the numbers of one head of one picture lie in qkv (B, N, 3, h, d).
struct Shape {
  explicit Shape(const int64_t *qkv)
      : batch(qkv[0]), tokens(qkv[1]), heads(qkv[3]), d(qkv[4]), dim(heads * d), wide(padded(tokens)) {}
  Index at(Index pair) const { return pair / heads * tokens * 3 * dim + pair % heads * d; }      // of its query
  Index out(Index pair) const { return pair / heads * tokens * dim + pair % heads * d; }         // of its answer
  int parts() const { return static_cast<int>(std::min<Index>(batch * heads, 64)); }
  float scale() const { return 1.0f / std::sqrt(static_cast<float>(d)); }
  Index batch, tokens, heads, d, dim, wide;
};

void attention(const float *qkv, const Shape &s, float *out, float *kept) {
  in_parts(s.parts(), s.batch * s.heads, [&](int, Index from, Index to) {
    std::vector<float> keys(s.d * s.wide), own(kept ? 0 : s.tokens * s.wide);
    for (Index pair = from; pair < to; ++pair) {
      const float *q = qkv + s.at(pair), *k = q + s.dim, *v = k + s.dim;
      float *weights = kept ? kept + pair * s.tokens * s.wide : own.data();
      transpose(k, 3 * s.dim, s.tokens, s.d, keys.data(), s.wide);
      product(q, 3 * s.dim, 1, keys.data(), s.wide, weights, s.wide, s.tokens, s.wide, s.d);
      for (Index r = 0; r < s.tokens; ++r) softmax(weights + r * s.wide, s.tokens, s.scale());
      product(weights, s.wide, 1, v, 3 * s.dim, out + s.out(pair), s.dim, s.tokens, s.d, s.tokens);
    }
  });
}
}  // namespace

// qkv (B, N, 3, h, d) -> out (B, N, h, d)
KERNEL(Attention) {
  attention(IN(0), Shape(shapes[0]), OUT(1), nullptr);
  return 0;
}

// the same, and the weights (B, h, N, N rounded up to 16)
KERNEL(AttentionKept) {
  attention(IN(0), Shape(shapes[0]), OUT(1), OUT(2));
  return 0;
}

// qkv, weights, dout (B, N, h, d) -> dqkv
KERNEL(AttentionGrad) {
  const Shape s(shapes[0]);
  const float *qkv = IN(0), *kept = IN(1), *dout = IN(2);
  float *dqkv = OUT(3);
  in_parts(s.parts(), s.batch * s.heads, [&](int, Index from, Index to) {
    std::vector<float> values(s.d * s.wide), scores(s.tokens * s.wide);
    for (Index pair = from; pair < to; ++pair) {
      const float *q = qkv + s.at(pair), *k = q + s.dim, *v = k + s.dim;
      float *dq = dqkv + s.at(pair), *dk = dq + s.dim, *dv = dk + s.dim;
      const float *weights = kept + pair * s.tokens * s.wide, *g = dout + s.out(pair);
      transpose(v, 3 * s.dim, s.tokens, s.d, values.data(), s.wide);
      product(g, s.dim, 1, values.data(), s.wide, scores.data(), s.wide, s.tokens, s.wide, s.d);  // g v^T
      product(weights, 1, s.wide, g, s.dim, dv, 3 * s.dim, s.tokens, s.d, s.tokens);               // weights^T g
      for (Index r = 0; r < s.tokens; ++r) softmax_grad(weights + r * s.wide, &scores[r * s.wide], s.tokens, s.scale());
      product(scores.data(), s.wide, 1, k, 3 * s.dim, dq, 3 * s.dim, s.tokens, s.d, s.tokens);     // dscores k
      product(scores.data(), 1, s.wide, q, 3 * s.dim, dk, 3 * s.dim, s.tokens, s.d, s.tokens);     // dscores^T q
    }
  });
  return 0;
}
