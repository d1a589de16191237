// exp(x) for x <= 0, as arithmetic without a branch, which a compiler turns into vector instructions; relative error
// 1e-7, and below -87 what it is there, 1e-38.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>

// exp(x) = 2^k exp(r) with whole k and |r| <= ln(2) / 2; the polynomial is that of Cephes' expf (Moshier, 1989).
inline float exp_of(float x) {
  const float bounded = std::max(x, -87.0f);  // NaN stays NaN: the comparison is false
  const int32_t k = static_cast<int32_t>(bounded * 1.44269504f - 0.5f);
  const float r = (bounded - k * 0.693359375f) + k * 2.12194440e-4f;  // ln(2) in two pieces
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const int32_t bits = (k + 127) << 23;
  float power;
  std::memcpy(&power, &bits, sizeof power);
  return p * power;
}
