// Rows shared among threads. Into how many parts is decided by the shape alone, never by the number of threads:
// what is summed part by part comes out the same on one core and on sixteen.
#pragma once
#include <algorithm>

#include "interface.h"

using Part = void(const void *work, int part);
void run_parts(int parts, Part *run, const void *work);  // run(work, 0) ... run(work, parts - 1), in any order

// How many parts of at least `least` numbers, for rows of a width.
inline int parts_of(Index rows, Index width, Index least = 16384) {
  Index fit = rows * width / least;
  return static_cast<int>(std::max<Index>(1, std::min<Index>({fit, rows, 32})));
}

// work(part, first row, row after the last) for nearly equal parts.
template <class Work>
void in_parts(int parts, Index rows, const Work &work) {
  struct Shared {
    const Work &work;
    Index rows;
    int parts;
  } shared{work, rows, parts};
  run_parts(
      parts,
      [](const void *given, int part) {
        const Shared &s = *static_cast<const Shared *>(given);
        s.work(part, s.rows * part / s.parts, s.rows * (part + 1) / s.parts);
      },
      &shared);
}
