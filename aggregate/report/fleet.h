// Fleet: what a report of many machines says about the machines themselves.

#ifndef CPUAGG_AGGREGATE_REPORT_FLEET_H_
#define CPUAGG_AGGREGATE_REPORT_FLEET_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace cpuagg::aggregate {

struct Fleet {
  std::string engine = {};   // that was asked: "mimir.example:8080"
  bool is_one_host = false;  // one was asked for
  uint64_t hosts = 0;        // that have reported anything in the period or since
  // Those of them whose last run was before `late_since`: what they used until then counts.
  uint64_t late_hosts = 0;
  absl::Time late_since = absl::InfinitePast();
  std::vector<std::string> late_names = {};  // the latest ones first; maybe not all
};

// What a source knows of the usage of its rows.
enum class Detail {
  kProcesses,  // all that accounting records say
  kModes,      // only user and system time
  kCpuTime,    // only their sum, which is the user time of a Usage
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_FLEET_H_
