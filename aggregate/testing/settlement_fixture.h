// SettlementTest: one store, processes that run and end in it, and what reports say of them by
// hour, command and name.
//
//   Look(0, {{.user = 100}});
//   End(1, {.user = 90});
//   Look(2, {});
//   EXPECT_EQ(ByHour(), (Hours{{{1000, 0}, {90, 0}}}));

#ifndef CPUAGG_AGGREGATE_TESTING_SETTLEMENT_FIXTURE_H_
#define CPUAGG_AGGREGATE_TESTING_SETTLEMENT_FIXTURE_H_

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/report.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/testing/crashing_files.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "aggregate/usage/usage.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate::testing {

inline constexpr int64_t kHour = 3600;
inline constexpr int64_t kDay = 24 * kHour;
// A midnight.
inline const int64_t kStart =
    absl::ToUnixSeconds(absl::FromCivil(absl::CivilDay(2027, 3, 10), absl::UTCTimeZone()));

// User and system ticks.
using Ticks = std::pair<uint64_t, uint64_t>;
// User and hour after kStart.
using Hours = std::map<std::pair<uint32_t, int64_t>, Ticks>;
// User, hour after kStart and command; "" for the others.
using Commands = std::map<std::tuple<uint32_t, int64_t, std::string>, Ticks>;

struct Seen {
  uint32_t pid = 50;
  uint32_t uid = 1000;
  std::string command = "job";
  uint64_t user = 0;
  uint64_t system = 0;
};

// Collects from processes that began at kStart, in the last second of an hour, so that what was
// used since the hour before is in this one. Times are hours after kStart.
class SettlementTest : public ::testing::Test {
 protected:
  void SetUp() override { dir_.Write("pacct", ""); }

  void Look(int64_t hour, const std::vector<Seen>& processes);

  // The process ended a quarter past the hour.
  void End(int64_t hour, const Seen& record);

  Report ReportOf(const Grouping& by, const Period& period = {}) const;

  static Ticks TicksOf(const Usage& usage);

  Hours ByHour() const;

  Commands ByCommand() const;

  std::map<std::string, uint64_t> ByName() const;

  // The rows of every grouping add up to the totals, which are the same for all groupings.
  void CheckSums() const;

  acct::testing::TempDir dir_;
  CrashingFiles files_{dir_.Path("trash")};  // does not wait for the disk
  SnapshotStore store_{dir_.Path("store"), files_};
  PasswdFileDirectory names_{""};
  int64_t last_hour_ = 0;
};

}  // namespace cpuagg::aggregate::testing

#endif  // CPUAGG_AGGREGATE_TESTING_SETTLEMENT_FIXTURE_H_
