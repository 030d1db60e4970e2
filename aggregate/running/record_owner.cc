#include "aggregate/running/record_owner.h"

#include <cstdint>
#include <cstdlib>

#include "acct/record/units.h"

namespace cpuagg::aggregate {
namespace {

// Records and /proc have times in whole seconds, rounded differently, and the files are listed a
// moment before /proc is read.
constexpr int64_t kSlack = 5;

// Whether the process of the record had run for as long as a process that began `start_ticks` after
// the machine did had run when the machine was up for `uptime`. No setting of the clock changes
// that.
bool HadRunFor(const ProcessExit& exit, uint64_t start_ticks, int64_t uptime) {
  const auto start = static_cast<int64_t>(start_ticks / acct::kTicksPerSecond);
  const int64_t ran = exit.end_time - exit.begin_time;
  // Records keep 24 bits of it.
  return ran + (ran >> 22) + kSlack >= uptime - start;
}

bool BeganWith(const ProcessExit& exit, const CountedProcess& process) {
  return std::abs(exit.begin_time - process.begin_time) <= kSlack;
}

bool BeganBeforeScan(const ProcessExit& exit, const RunningBaseline& scan) {
  return exit.begin_time < scan.scanned_at + kSlack;
}

// Whether the process of the record began and ended between `begin` and `end`, by the clock.
bool BeganAndEndedWithin(const ProcessExit& exit, int64_t begin, int64_t end) {
  return exit.begin_time >= begin && exit.end_time <= end + kSlack;
}

int64_t TimeOfScan(const acct::ProcessTable& scan) { return scan.boot_time + scan.uptime; }

bool BeganAndEndedSinceBoot(const ProcessExit& exit, const acct::ProcessTable& scan) {
  return BeganAndEndedWithin(exit, scan.boot_time - kSlack, TimeOfScan(scan));
}

bool BeganAndEndedBetweenScans(const ProcessExit& exit, const RunningBaseline& last,
                               const acct::ProcessTable& scan) {
  return BeganAndEndedWithin(exit, last.boot_time + last.uptime + kSlack, TimeOfScan(scan));
}

bool HasBooted(const RunningBaseline& last, const acct::ProcessTable& scan) {
  return last.boot_id != scan.boot_id;
}

bool ClockWasSet(const RunningBaseline& last, const acct::ProcessTable& scan) {
  return std::abs(scan.boot_time - last.boot_time) > 1;
}

}  // namespace

bool IsRecordOfSeen(const ProcessExit& exit, const CountedProcess& process, bool still_runs,
                    const RunningBaseline& baseline, const acct::ProcessTable* table) {
  // Row 1. It has run shorter than the process had already.
  if (!HadRunFor(exit, process.start_ticks, baseline.uptime)) return false;
  // Row 2. Only the record's own times are known.
  if (table == nullptr) return BeganWith(exit, process) || BeganBeforeScan(exit, baseline);
  if (HasBooted(baseline, *table)) {
    // Row 3. What was seen before the boot has ended by then.
    if (exit.after_scan) return false;
    // Row 4. Nothing that ran before the boot began after it, unless the clock was set.
    return BeganWith(exit, process) || !BeganAndEndedSinceBoot(exit, *table);
  }
  // Row 5.
  if (exit.after_scan) return HadRunFor(exit, process.start_ticks, table->uptime);
  // Row 6. No other process can have had its id. See acct::RunningProcess::is_ending.
  if (still_runs) return true;
  // Row 7. The record's times tell nothing then.
  if (ClockWasSet(baseline, *table)) return true;
  // Row 8. What was seen did not begin after it was seen. If the clock was set and set back again,
  // the end of what ended in between is in the future, or its beginning before the scan.
  return BeganWith(exit, process) || !BeganAndEndedBetweenScans(exit, baseline, *table);
}

bool IsRecordOfNew(const ProcessExit& exit, const acct::RunningProcess& process,
                   const acct::ProcessTable& table) {
  // Row 9. It ran when /proc was read, so its record is written after that.
  if (!exit.after_scan) return false;
  // Row 10.
  return HadRunFor(exit, process.start_ticks, table.uptime);
}

}  // namespace cpuagg::aggregate
