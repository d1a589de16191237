// What MindSpore calls (ms.ops.Custom, func_type="aot"): a C function given all inputs and then all outputs.
#pragma once
#include <cstdint>

using Index = int64_t;

// All tensors are float32 and lie in one piece. Returns 0.
#define KERNEL(name) \
  extern "C" int name(int, void **tensors, [[maybe_unused]] int *ndims, int64_t **shapes, const char **, void *, void *)
#define IN(i) static_cast<const float *>(tensors[i])
#define OUT(i) static_cast<float *>(tensors[i])

// The length of the last axis, and of all the others together.
#define WIDTH(i) shapes[i][ndims[i] - 1]
#define ROWS(i) (count_of(ndims[i], shapes[i]) / WIDTH(i))

inline Index count_of(int ndim, const int64_t *shape) {
  Index count = 1;
  for (int i = 0; i < ndim; ++i) count *= shape[i];
  return count;
}
