// StartThread: a thread that may be refused.

#ifndef CPUAGG_ACCT_IO_START_THREAD_H_
#define CPUAGG_ACCT_IO_START_THREAD_H_

#include <functional>
#include <thread>

namespace cpuagg::acct {

// Runs `work` on a new thread. A limit of threads (RLIMIT_NPROC, systemd's TasksMax) or of memory
// may refuse that: then the thread is not joinable, and whoever asked for it does without.
std::thread StartThread(std::function<void()> work);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_START_THREAD_H_
