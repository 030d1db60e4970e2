#include "aggregate/running/machine_time.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "acct/record/units.h"

namespace cpuagg::aggregate {
namespace {

// Runs that are further apart say too little about each of the hours between them.
constexpr int64_t kLongestDivided = int64_t{2} * 3600;

// If the clock and the uptime differ by less, the clock was not set, but only corrected.
constexpr int64_t kCorrectedSeconds = 60;

// How far a counter has gone; zero if it has gone back.
uint64_t Step(uint64_t before, uint64_t now) { return now > before ? now - before : 0; }

// The part of `total` that is in the first `part` of `whole` seconds.
uint64_t PartOf(uint64_t total, int64_t part, int64_t whole) {
  return absl::Uint128Low64(absl::uint128(total) * static_cast<uint64_t>(part) /
                            static_cast<uint64_t>(whole));
}

// The first `seconds` of `all`, or what has come by then. Differences of it add up to `all`.
MachineTime UpTo(const MachineTime& all, int64_t end) {
  const int64_t part = end - all.begin;
  const int64_t whole = all.end - all.begin;
  return {.begin = all.begin,
          .end = end,
          .known = static_cast<uint64_t>(part),
          .processors = all.processors,
          .busy = PartOf(all.busy, part, whole),
          .idle = PartOf(all.idle, part, whole),
          .stolen = PartOf(all.stolen, part, whole)};
}

std::vector<MachineTime> Divided(const MachineTime& all, BucketFinder& buckets) {
  if (all.end - all.begin > kLongestDivided) return {all};
  if (all.begin == all.end) {
    MachineTime moment = all;
    moment.begin = buckets.OfUser(all.begin);
    moment.end = buckets.EndOfUser(all.begin);
    return {moment};
  }
  std::vector<MachineTime> hours;
  MachineTime before = {.begin = all.begin, .end = all.begin};
  while (before.end < all.end) {
    const int64_t begin = before.end;
    const MachineTime now = UpTo(all, std::min(all.end, buckets.EndOfUser(begin)));
    hours.push_back({.begin = buckets.OfUser(begin),
                     .end = buckets.EndOfUser(begin),
                     .known = now.known - before.known,
                     .processors = all.processors,
                     .busy = now.busy - before.busy,
                     .idle = now.idle - before.idle,
                     .stolen = now.stolen - before.stolen});
    before = now;
  }
  return Joined(std::move(hours));
}

}  // namespace

MachineTime& MachineTime::operator+=(const MachineTime& other) {
  known = acct::SaturatingAdd(known, other.known);
  processors = std::max(processors, other.processors);
  busy = acct::SaturatingAdd(busy, other.busy);
  idle = acct::SaturatingAdd(idle, other.idle);
  stolen = acct::SaturatingAdd(stolen, other.stolen);
  return *this;
}

MachineTimeFound MachineTimeBetween(const MachineCounters& before, const MachineCounters& now,
                                    BucketFinder& buckets) {
  if (before.times.boot_id.empty()) return {};
  const bool has_booted = before.times.boot_id != now.times.boot_id;
  const acct::CpuTimes since = has_booted ? acct::CpuTimes() : before.times;
  // A container that starts again counts from zero, in the same boot.
  if (now.times.busy < since.busy || now.times.uptime < since.uptime) {
    return {.problem = "the counters have gone back"};
  }
  const uint64_t seconds = now.times.uptime - since.uptime;
  MachineTime all = {.end = now.seen_at,
                     .processors = std::max(since.processors, now.times.processors),
                     .busy = now.times.busy - since.busy};
  // The counters and the uptime are not read at the same moment, and the uptime is cut to seconds.
  constexpr uint64_t kSpareSeconds = 2;
  const uint64_t most =
      (seconds + kSpareSeconds) * acct::kTicksPerSecond * uint64_t{all.processors};
  if (all.busy > most) {
    return {.problem = absl::StrCat("the counters have gone further than ", all.processors,
                                    " processors can in ", seconds, " s")};
  }
  // The kernel counts idle time in another way while a processor is off, so that it jumps. Some
  // hypervisors let steal jump.
  all.idle = std::min(Step(since.idle, now.times.idle), most - all.busy);
  all.stolen = std::min(Step(since.stolen, now.times.stolen), most - all.busy - all.idle);
  // By the uptime, since the clock may have been set.
  all.begin = now.seen_at - static_cast<int64_t>(seconds);
  if (!has_booted && before.seen_at <= now.seen_at &&
      std::abs(all.begin - before.seen_at) < kCorrectedSeconds) {
    all.begin = before.seen_at;
  }
  // Rounded, the boot may be before the last run.
  if (has_booted && before.seen_at <= now.seen_at) all.begin = std::max(all.begin, before.seen_at);
  all.known = static_cast<uint64_t>(all.end - all.begin);
  return {.times = Divided(all, buckets)};
}

MachineTimeFound CountOn(const absl::StatusOr<acct::CpuTimes>& times, int64_t now,
                         BucketFinder& buckets, MachineCounters& counters) {
  if (!times.ok()) return {.problem = std::string(times.status().message())};
  const MachineCounters before = std::exchange(counters, {.times = *times, .seen_at = now});
  return MachineTimeBetween(before, counters, buckets);
}

std::vector<MachineTime> Joined(std::vector<MachineTime> times) {
  std::sort(times.begin(), times.end(),
            [](const MachineTime& a, const MachineTime& b) { return a.key() < b.key(); });
  std::vector<MachineTime> joined;
  for (const MachineTime& time : times) {
    if (!joined.empty() && joined.back().key() == time.key()) {
      joined.back() += time;
    } else {
      joined.push_back(time);
    }
  }
  return joined;
}

std::vector<MachineTime> Coarsened(std::vector<MachineTime> times, BucketFinder& buckets) {
  for (MachineTime& time : times) {
    const int64_t end = buckets.EndOfUser(time.begin);
    if (time.end > end) continue;
    time.begin = buckets.OfUser(time.begin);
    time.end = end;
  }
  return Joined(std::move(times));
}

}  // namespace cpuagg::aggregate
