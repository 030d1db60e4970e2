#include "aggregate/store/store_capacity.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "aggregate/buckets/blocks.h"
#include "aggregate/report/capacity.h"
#include "aggregate/running/machine_time.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {
namespace {

// What is known of `period`, from `times`, of which nothing is after `last_run`.
Capacity CapacityOf(const std::vector<MachineTime>& times, const Bucket& period, int64_t last_run) {
  MachineTime sum;
  for (const MachineTime& time : times) {
    const int64_t end = std::min(time.end, last_run);
    if (time.begin < period.begin || end > period.end) continue;
    sum += time;
    // If the clock was put back, more than an hour is in this hour.
    const uint64_t most = end > time.begin ? static_cast<uint64_t>(end - time.begin) : 0;
    sum.known -= time.known - std::min(time.known, most);
  }
  const auto seconds = static_cast<uint64_t>(period.end - period.begin);
  return {.processors = sum.processors,
          .busy = acct::Ticks(sum.busy),
          .idle = acct::Ticks(sum.idle),
          .stolen = acct::Ticks(sum.stolen),
          .period_seconds = seconds,
          .known_seconds = std::min(sum.known, seconds)};
}

// Whether the rows of an hour or a day have more than the machine had then, if that is known.
bool DoRowsExceed(const std::vector<MachineTime>& times, int64_t last_run, absl::TimeZone zone,
                  const Report& report) {
  CalendarBuckets units(BucketUnit(report.by), zone);
  std::map<int64_t, acct::ExactTime> sums;
  std::map<int64_t, Bucket> stretches;
  for (const ReportRow& row : report.rows) {
    sums[row.begin] += row.usage.cpu_time();
    Bucket& stretch = stretches[row.begin];
    stretch = {.begin = row.begin, .end = units.EndOf(row.begin)};
    if (row.stretch.has_value()) {
      stretch = {.begin = absl::ToUnixSeconds(row.stretch->begin),
                 .end = absl::ToUnixSeconds(row.stretch->end)};
    }
    stretch.end = std::max(stretch.begin, std::min(stretch.end, last_run));
  }
  return std::any_of(sums.begin(), sums.end(), [&](const auto& entry) {
    const Capacity capacity = CapacityOf(times, stretches[entry.first], last_run);
    const acct::ExactTime most = capacity.total() + capacity.most_unknown();
    return capacity.known_seconds > 0 && entry.second > most;
  });
}

}  // namespace

void SetCapacity(const StoreListing& listing, const Period& asked, uint64_t after_run,
                 absl::TimeZone zone, Report& report) {
  std::vector<MachineTime> times;
  Bucket period = {.begin = absl::ToUnixSeconds(report.period.begin),
                   .end = absl::ToUnixSeconds(report.period.end)};
  int64_t last_run = 0;
  for (const StoredSnapshot& stored : listing.snapshots) {
    const SnapshotHeader& header = stored.header;
    const int64_t captured_at = absl::ToUnixSeconds(header.captured_at);
    if (header.runs.last <= after_run) {
      period.begin = captured_at;
      continue;
    }
    last_run = std::max(last_run, captured_at);
    times.insert(times.end(), header.machine_times.begin(), header.machine_times.end());
  }
  times = Joined(std::move(times));
  for (const MachineTime& time : times) {
    report.processors = std::max(report.processors, time.processors);
  }
  if (times.empty()) return;
  Bucket counted = period;
  if (after_run > 0) {
    // All that these runs have found counts, whatever its time.
    counted.begin = std::min(period.begin, times.front().begin);
    counted.end = period.end = last_run;
  } else {
    if (asked.begin == absl::InfinitePast()) {
      period.begin = times.front().begin;
      if (report.known.has_value()) {
        period.begin = std::min(period.begin, absl::ToUnixSeconds(report.known->begin));
      }
    }
    period.end = asked.end == absl::InfiniteFuture() ? last_run : std::min(period.end, last_run);
    counted = period;
  }
  if (counted.begin >= counted.end || period.begin >= period.end) return;
  Capacity capacity = CapacityOf(times, counted, last_run);
  capacity.period_seconds = static_cast<uint64_t>(period.end - period.begin);
  capacity.known_seconds = std::min(capacity.known_seconds, capacity.period_seconds);
  if (capacity.known_seconds == 0) return;
  if (HasTime(report.by)) capacity.rows_exceed = DoRowsExceed(times, last_run, zone, report);
  report.capacity = capacity;
}

}  // namespace cpuagg::aggregate
