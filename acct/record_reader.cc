#include "acct/record_reader.h"

#include <pthread.h>
#include <sched.h>

namespace cpuagg::acct::internal {

void MoveElsewhere(std::thread& thread) {
  cpu_set_t processors;
  const int here = sched_getcpu();
  if (here < 0 || sched_getaffinity(0, sizeof processors, &processors) != 0) return;
  CPU_CLR(static_cast<size_t>(here), &processors);
  if (CPU_COUNT(&processors) == 0) return;
  // Only for speed; where it is refused, the thread runs all the same.
  (void)pthread_setaffinity_np(thread.native_handle(), sizeof processors, &processors);
}

}  // namespace cpuagg::acct::internal
