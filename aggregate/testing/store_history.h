// What happens to a store, and what is requested from it: made at random. Stores are of many zones,
// some of which changed, with hours, days and months; periods have any ends, by the clocks of other
// zones.

#ifndef CPUAGG_AGGREGATE_TESTING_STORE_HISTORY_H_
#define CPUAGG_AGGREGATE_TESTING_STORE_HISTORY_H_

#include <cstdint>
#include <ostream>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate::testing {

// A process, with its record.
struct Ended {
  uint32_t pid;
  int64_t end;  // in seconds since 1970
  uint32_t uid;
  std::string command;
  uint64_t ticks;

  friend std::ostream& operator<<(std::ostream& out, const Ended& ended);
};

struct CollectAt {
  absl::Time now;
  absl::TimeZone zone;

  friend std::ostream& operator<<(std::ostream& out, const CollectAt& collect);
};

struct Request {
  absl::TimeZone zone;
  Period asked;
  ReportOptions options;

  friend std::ostream& operator<<(std::ostream& out, const Request& request);
};

struct StoreStep {
  std::variant<Ended, CollectAt, Request> what;

  friend std::ostream& operator<<(std::ostream& out, const StoreStep& step) {
    std::visit([&](const auto& content) { out << content; }, step.what);
    return out;
  }
};

// The requests come last.
std::vector<StoreStep> StoreSteps(uint64_t seed);
// For how long the store keeps hours.
int DaysOfHours(uint64_t seed);

}  // namespace cpuagg::aggregate::testing

#endif  // CPUAGG_AGGREGATE_TESTING_STORE_HISTORY_H_
