// ProcessTable: the running processes and the CPU time that they have used so far, from /proc.
//
//   absl::StatusOr<ProcessTable> table = ReadProcessTable("/proc");
//   for (const RunningProcess& process : table->processes) process.user_ticks ...

#ifndef CPUAGG_ACCT_KERNEL_PROCESS_TABLE_H_
#define CPUAGG_ACCT_KERNEL_PROCESS_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "acct/record/units.h"

namespace cpuagg::acct {

struct RunningProcess {
  uint32_t pid = 0;
  // When it began, in ticks since boot, at kTicksPerSecond. Together with `pid` and the boot id
  // this identifies the process for all time.
  uint64_t start_ticks = 0;
  int64_t begin_time = 0;  // the same in seconds since 1970
  Uid uid;                 // real
  // The name that its record will have. It may contain any bytes but zero.
  std::string command;
  // The CPU time of all its threads, including those that have ended, but not of its children. Its
  // accounting record will have the same sum. At kTicksPerSecond.
  uint64_t user_ticks = 0;
  uint64_t system_ticks = 0;
  // All its threads have ended or are about to end. Its record may already be written: the kernel
  // writes it with the end of the last thread, before it closes the files of the process.
  bool is_ending = false;

  friend bool operator==(const RunningProcess&, const RunningProcess&) = default;
};

struct ProcessTable {
  std::string boot_id;
  // The time of boot according to the current clock, in seconds since 1970, as if the machine had
  // never slept. The kernel derives the begin time of a record from it. Changes when the clock is
  // set and when the machine sleeps.
  int64_t boot_time = 0;
  // The uptime without sleep, in seconds, when the processes were read.
  int64_t uptime = 0;
  std::vector<RunningProcess> processes;  // without kernel threads and zombies
  // The reader's process id in this table; zero if it is not in the table's namespace.
  uint32_t reader = 0;
  // Whether these are all processes of the namespace. If not, `hidden` says why some may be
  // missing.
  bool is_complete = true;
  std::string hidden;
};

// The time of boot according to the current clock, in seconds since 1970, read from the procfs at
// `root`.
absl::StatusOr<int64_t> ReadBootTime(const std::string& root);

// Reads the process table from `root`: /proc, or the procfs of another namespace. Leaves out
// processes that end meanwhile. The table is incomplete if some processes are hidden from the
// reader or may not be read. Any other failure is an error that names the path, so that an
// unreadable process never counts as ended. An error, too, if `root` is not a procfs, or one of
// processes only (subset=pid); it says how to mount a whole one.
absl::StatusOr<ProcessTable> ReadProcessTable(const std::string& root);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_KERNEL_PROCESS_TABLE_H_
