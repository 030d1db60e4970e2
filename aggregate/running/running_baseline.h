// What has been counted of running processes, and the records that end that.

#ifndef CPUAGG_AGGREGATE_RUNNING_RUNNING_BASELINE_H_
#define CPUAGG_AGGREGATE_RUNNING_RUNNING_BASELINE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "acct/record/units.h"
#include "aggregate/usage/grouping.h"

namespace cpuagg::aggregate {

// A running process, with what has been counted for it, and under which user and command.
struct CountedProcess {
  uint32_t pid = 0;
  uint64_t start_ticks = 0;  // see acct::RunningProcess
  int64_t begin_time = 0;
  acct::Uid uid;
  CommandBits command = {};
  uint64_t user_ticks = 0;
  uint64_t system_ticks = 0;

  friend bool operator==(const CountedProcess&, const CountedProcess&) = default;
};

struct RunningBaseline {
  std::string boot_id;
  int64_t scanned_at = 0;  // in seconds since 1970
  int64_t boot_time = 0;   // see acct::ProcessTable
  int64_t uptime = 0;
  std::vector<CountedProcess> processes;

  friend bool operator==(const RunningBaseline&, const RunningBaseline&) = default;
};

// A record that might belong to one of these processes.
struct ProcessExit {
  uint32_t pid = 0;
  int64_t begin_time = 0;  // in seconds since 1970
  int64_t end_time = 0;
  bool after_scan = false;  // it was written after the process table was read
  acct::Uid uid;
  CommandBits command = {};
  uint64_t user_ticks = 0;  // at acct::kTicksPerSecond
  uint64_t system_ticks = 0;
  uint8_t flags = 0;
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_RUNNING_RUNNING_BASELINE_H_
