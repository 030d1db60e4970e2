// StartThread: starts a thread, which the system may refuse.

#ifndef CPUAGG_ACCT_IO_START_THREAD_H_
#define CPUAGG_ACCT_IO_START_THREAD_H_

#include <cstddef>
#include <functional>
#include <thread>

namespace cpuagg::acct {

// Runs `work` on a new thread. The system may refuse a thread because of a limit of threads
// (RLIMIT_NPROC, systemd's TasksMax) or of memory. Then the returned thread is not joinable, and
// the caller does the work itself.
std::thread StartThread(std::function<void()> work);

// Calls `work` once with each number below `count`, from this thread and up to `threads` - 1
// others, in no particular order. Returns when all calls have.
void ForEachInParallel(size_t count, size_t threads, const std::function<void(size_t)>& work);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_START_THREAD_H_
