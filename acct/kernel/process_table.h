// ProcessTable: the processes that run now, and the CPU time they have used so far, from /proc.
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
  // When it began, in ticks since the machine did: with `pid` and the boot id, what no other
  // process ever has. At kTicksPerSecond.
  uint64_t start_ticks = 0;
  int64_t begin_time = 0;  // the same in seconds since 1970
  Uid uid;                 // real
  // Its name as its record will have it, which may be of any bytes but zero.
  std::string command;
  // Of all its threads, also of those that have ended, and not of its children: what its accounting
  // record will have. At kTicksPerSecond.
  uint64_t user_ticks = 0;
  uint64_t system_ticks = 0;
  // Its first thread has ended or is about to. So its record may be written already: the kernel
  // writes it while it still closes the files of the process.
  bool is_ending = false;

  friend bool operator==(const RunningProcess&, const RunningProcess&) = default;
};

struct ProcessTable {
  std::string boot_id;
  // When the clock says that the machine booted, in seconds since 1970, if it had never slept: what
  // the kernel takes the beginning of a record from. Moves when the clock is set and when the
  // machine sleeps.
  int64_t boot_time = 0;
  // For how long it has run, in seconds, without having slept, when the processes were read.
  int64_t uptime = 0;
  std::vector<RunningProcess> processes;  // without kernel threads, and without zombies
  // The process id that the reader has there; zero if it is not in that table's namespace.
  uint32_t reader = 0;
  // Whether these are all processes of the namespace; if not, `hidden` says why some may be
  // missing.
  bool is_complete = true;
  std::string hidden;
};

// When the clock says that the machine booted, in seconds since 1970, by the procfs at `root`.
absl::StatusOr<int64_t> ReadBootTime(const std::string& root);

// Reads the process table under `root`: /proc, or that of another namespace. Processes that end
// meanwhile are left out; the table is incomplete if some are hidden from the reader, or may not be
// read. Whatever else cannot be read is an error, which names the path: a process is never taken
// for ended because it could not be looked at. Fails as well if the tree is none of procfs.
absl::StatusOr<ProcessTable> ReadProcessTable(const std::string& root);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_KERNEL_PROCESS_TABLE_H_
