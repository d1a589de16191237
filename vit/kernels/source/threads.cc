// A pool of threads: who calls works too, who has nothing to do spins for a moment and then sleeps.
#include "threads.h"

#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

namespace {
constexpr int IDLE = 100;   // spins before sleep: a microsecond or two, for MindSpore's own threads want the core next
constexpr int LAST = 20000;  // spins of who waits for the last part: it is nearly done
constexpr int WORTH = 16;   // parts: fewer take less time than waking a thread

inline void breathe() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// What a container may use: of cgroups' "200000 100000", two.
int quota() {
  double most = 0, period = 0;
  if (FILE *file = fopen("/sys/fs/cgroup/cpu.max", "r")) {
    if (fscanf(file, "%lf %lf", &most, &period) != 2) most = 0;
    fclose(file);
  } else if (FILE *older = fopen("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "r")) {  // 100000 a period, unless changed
    if (fscanf(older, "%lf", &most) != 1) most = 0;
    period = 100000;
    fclose(older);
  }
  return most > 0 && period > 0 ? std::max(1, static_cast<int>(std::ceil(most / period))) : 1 << 20;
}

// The cores of the main thread: MindSpore binds some of its own to one. `vit` gives cores up while others are busy.
cpu_set_t cores() {
  cpu_set_t found;
  CPU_ZERO(&found);
  sched_getaffinity(getpid(), sizeof found, &found);
  return found;
}

int allowed() {
  static const int limit = quota();
  const cpu_set_t mine = cores();
  return std::max(1, std::min(CPU_COUNT(&mine), limit));
}

class Pool {
 public:
  // False: somebody else's work is being done.
  bool run(int parts, int threads, Part *part, const void *work) {
    std::unique_lock<std::mutex> mine(turn, std::try_to_lock);
    if (!mine) return false;
    for (; started < threads - 1; ++started) std::thread([this] { serve(); }).detach();
    {
      std::lock_guard<std::mutex> lock(mutex);
      this->part = part, this->work = work;
      next = 0, total = parts, helpers = threads - 1;
      left.store(parts, std::memory_order_relaxed);
      open.store(true, std::memory_order_release);
    }
    wake.notify_all();
    help(true);
    for (int i = 0; i < LAST && left.load(std::memory_order_acquire); ++i) breathe();
    std::unique_lock<std::mutex> lock(mutex);
    done.wait(lock, [this] { return left.load(std::memory_order_acquire) == 0; });
    return true;
  }

 private:
  void help(bool owner) {
    std::unique_lock<std::mutex> lock(mutex);
    if (!owner && (next >= total || helpers-- <= 0)) return;
    while (next < total) {
      int mine = next++;
      if (next == total) open.store(false, std::memory_order_relaxed);
      Part *run = part;
      const void *given = work;
      lock.unlock();
      run(given, mine);
      lock.lock();
      if (left.fetch_sub(1, std::memory_order_acq_rel) == 1) done.notify_one();
    }
  }
  void serve() {
    const cpu_set_t all = cores();  // not those of the thread that started this one
    sched_setaffinity(0, sizeof all, &all);
    for (;;) {
      for (int i = 0; i < IDLE && !open.load(std::memory_order_acquire); ++i) breathe();
      {
        std::unique_lock<std::mutex> lock(mutex);
        wake.wait(lock, [this] { return next < total && helpers > 0; });
      }
      help(false);
    }
  }

  std::mutex turn, mutex;
  std::condition_variable wake, done;
  Part *part = nullptr;
  const void *work = nullptr;
  int started = 0, next = 0, total = 0, helpers = 0;
  std::atomic<int> left{0};
  std::atomic<bool> open{false};
};
}  // namespace

void run_parts(int parts, Part *run, const void *work) {
  static Pool *const pool = new Pool;  // never destroyed: its threads live until the process ends
  static const pid_t home = getpid();  // a forked child has the pool's memory, and none of its threads
  int threads = parts >= WORTH ? std::min(parts, allowed()) : 1;
  if (threads > 1 && getpid() == home && pool->run(parts, threads, run, work)) return;
  for (int part = 0; part < parts; ++part) run(work, part);
}
