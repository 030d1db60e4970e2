#include "aggregate/running/record_owner.h"

#include <cstdint>
#include <optional>
#include <ostream>
#include <set>

#include "acct/kernel/process_table.h"
#include "aggregate/running/running_baseline.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

// The machine booted at 10,000 by the clock. The last scan was at 10,500; the process that it saw
// began at 10,300. This scan was at 10,800.
constexpr int64_t kBoot = 10'000;
constexpr int64_t kLastScan = 10'500;
constexpr int64_t kScan = 10'800;
constexpr int64_t kBegin = 10'300;
constexpr uint64_t kStartTicks = 300 * 100;

// What this scan found.
enum class Scan {
  kNone,       // /proc could not be read
  kStillRuns,  // the process
  kGone,
  kGoneClockSet,     // the clock was put forward by an hour meanwhile
  kGoneClockSlewed,  // by a second, which rounding does as well
  kBooted,           // at 11,000; the scan was at 11,300
};

struct Case {
  int row;  // of docs/exactly_once.md
  const char* what;
  Scan scan;
  int64_t begin;  // of the record
  int64_t end;
  bool after_scan;
  bool is_own;
  int64_t process_begin = kBegin;  // by the clock when it was seen
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << "row " << c.row << ": " << c.what;
}

constexpr Case kCases[] = {
    {1, "it ran for 194 s, and the process had for 200", Scan::kNone, 10'300, 10'494, false, false},
    {1, "also if the process still runs", Scan::kStillRuns, 10'300, 10'494, false, false},
    {1, "also if it is gone", Scan::kGone, 10'300, 10'494, false, false},
    {1, "also if the clock was set", Scan::kGoneClockSet, 10'300, 10'494, false, false},
    {1, "also after a boot", Scan::kBooted, 10'300, 10'494, false, false},
    {1, "five seconds are rounding", Scan::kNone, 10'300, 10'495, false, true},
    {2, "began with the process", Scan::kNone, 10'305, 10'900, false, true},
    {2, "began before the last scan", Scan::kNone, 10'504, 10'900, false, true},
    {2, "began after the last scan", Scan::kNone, 10'505, 10'900, false, false},
    {2, "began with a process that the clock had later", Scan::kNone, 10'603, 10'900, false, true,
     10'600},
    {3, "written after the boot", Scan::kBooted, 10'300, 10'900, true, false},
    {4, "ended before the boot", Scan::kBooted, 10'400, 10'900, false, true},
    {4, "began and ended since the boot", Scan::kBooted, 11'010, 11'300, false, false},
    {4, "five seconds before the boot are rounding", Scan::kBooted, 10'995, 11'300, false, false},
    {4, "ends in the future", Scan::kBooted, 11'010, 11'306, false, true},
    {4, "since the boot, but began with the process", Scan::kBooted, 11'010, 11'300, false, true,
     11'010},
    {5, "ran as long as the process", Scan::kStillRuns, 10'300, 10'801, true, true},
    {5, "ran as long, and the process is not shown", Scan::kGone, 10'300, 10'801, true, true},
    {5, "ran shorter than the process by now", Scan::kStillRuns, 10'400, 10'801, true, false},
    {6, "whatever its times are", Scan::kStillRuns, 10'550, 10'790, false, true},
    {7, "whatever its times are", Scan::kGoneClockSet, 10'550, 10'790, false, true},
    {8, "began with the process", Scan::kGone, 10'300, 10'700, false, true},
    {8, "began before the last scan", Scan::kGone, 10'504, 10'790, false, true},
    {8, "began and ended between the scans", Scan::kGone, 10'505, 10'790, false, false},
    {8, "a second is not a setting of the clock", Scan::kGoneClockSlewed, 10'505, 10'790, false,
     false},
    {8, "ends in the future", Scan::kGone, 10'505, 10'806, false, true},
    {8, "between the scans, but began with the process", Scan::kGone, 10'550, 10'790, false, true,
     10'550},
};

TEST(RecordOwnerTest, OfAProcessThatWasSeen) {
  std::set<int> rows;
  for (const Case& c : kCases) {
    SCOPED_TRACE(::testing::PrintToString(c));
    rows.insert(c.row);
    const RunningBaseline last = {
        .boot_id = "a", .scanned_at = kLastScan, .boot_time = kBoot, .uptime = kLastScan - kBoot};
    std::optional<acct::ProcessTable> table;
    if (c.scan != Scan::kNone)
      table = {.boot_id = "a", .boot_time = kBoot, .uptime = kScan - kBoot};
    if (c.scan == Scan::kGoneClockSet) table->boot_time += 3600;
    if (c.scan == Scan::kGoneClockSlewed) table->boot_time += 1;
    if (c.scan == Scan::kBooted) table = {.boot_id = "b", .boot_time = 11'000, .uptime = 300};
    EXPECT_EQ(
        IsRecordOfSeen({.begin_time = c.begin, .end_time = c.end, .after_scan = c.after_scan},
                       {.start_ticks = kStartTicks, .begin_time = c.process_begin},
                       c.scan == Scan::kStillRuns, last, table.has_value() ? &*table : nullptr),
        c.is_own);
  }
  EXPECT_EQ(rows, (std::set<int>{1, 2, 3, 4, 5, 6, 7, 8})) << "a row is not tested";
}

// It had run for 500 seconds when /proc was read.
TEST(RecordOwnerTest, OfAProcessThatIsNew) {
  const acct::ProcessTable table = {.boot_id = "a", .boot_time = kBoot, .uptime = kScan - kBoot};
  const acct::RunningProcess process = {.start_ticks = kStartTicks, .begin_time = kBegin};
  const auto is_own = [&](int64_t begin, int64_t end, bool after_scan) {
    return IsRecordOfNew({.begin_time = begin, .end_time = end, .after_scan = after_scan}, process,
                         table);
  };
  EXPECT_FALSE(is_own(10'300, 10'801, false)) << "row 9: written before /proc was read";
  EXPECT_TRUE(is_own(10'300, 10'801, true)) << "row 10: ran as long";
  EXPECT_TRUE(is_own(10'300, 10'795, true)) << "row 10: five seconds are rounding";
  EXPECT_FALSE(is_own(10'300, 10'794, true)) << "row 10: ran shorter";
  EXPECT_TRUE(is_own(20'300, 20'801, true)) << "row 10: the clock has no part";
}

// Records keep 24 bits of the elapsed time, so of half a year some seconds are missing.
TEST(RecordOwnerTest, TheElapsedTimeOfALongProcessIsRounded) {
  constexpr int64_t kHalfAYear = 16'000'000;
  const RunningBaseline last = {.uptime = kHalfAYear + 8};
  const ProcessExit exit = {.begin_time = 0, .end_time = kHalfAYear};
  EXPECT_TRUE(IsRecordOfSeen(exit, {}, false, last, nullptr));
  EXPECT_FALSE(
      IsRecordOfSeen(exit, {.start_ticks = 0}, false, {.uptime = kHalfAYear + 9}, nullptr));
}

}  // namespace
}  // namespace cpuagg::aggregate
