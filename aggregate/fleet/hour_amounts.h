// HourAmounts: what each user of a store has used in each hour, for databases of many machines.

#ifndef CPUAGG_AGGREGATE_FLEET_HOUR_AMOUNTS_H_
#define CPUAGG_AGGREGATE_FLEET_HOUR_AMOUNTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

struct HourAmount {
  // An hour of the collector's zone, or the days of which the store no longer has the hours.
  Period time;
  acct::Uid uid;
  std::optional<std::string> user;  // in the directory's own bytes; nullopt without an account
  uint64_t processes = 0;           // that ended
  acct::ExactTime user_time;
  acct::ExactTime system_time;

  bool is_hour() const { return time.end - time.begin <= absl::Hours(1); }
};

struct HourAmounts {
  std::string host;
  std::vector<HourAmount> amounts;  // in the order of time, uid and name
  // The time that the store has something of: from its first bucket to its last run. nullopt if it
  // has nothing.
  std::optional<Period> known;
  // As in StoreReport.
  std::vector<std::string> damage;
};

// The amounts of `period`, widened to what the store keeps: the same sums as a report by user and
// hour. Errors as for ReportFromStore().
absl::StatusOr<HourAmounts> ReadHourAmounts(const SnapshotStore& store, const Period& period);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_FLEET_HOUR_AMOUNTS_H_
