#include "aggregate/running/usage_spread.h"

#include "absl/numeric/int128.h"

namespace cpuagg::aggregate {
namespace {

// Each process would have thousands of parts, which say little. It takes a clock that was years
// behind, or a collector that was off for as long.
constexpr int64_t kLongestSpread = int64_t{400} * 24 * 3600;

// What has come after `passed` of `whole` seconds. Differences of it add up to `total`.
uint64_t Used(uint64_t total, int64_t passed, int64_t whole) {
  return absl::Uint128Low64(absl::uint128(total) * static_cast<uint64_t>(passed) /
                            static_cast<uint64_t>(whole));
}

}  // namespace

std::vector<UsageSpread::Part> UsageSpread::EarlierParts(int64_t begin, int64_t end,
                                                         uint64_t user_ticks,
                                                         uint64_t system_ticks) {
  std::vector<Part> parts;
  const int64_t last_bucket = buckets_.OfUser(end);
  const int64_t from = std::max(begin, window_.since);
  // A process may end while this run reads, or by a clock that was ahead.
  const int64_t until = std::min(end, window_.now);
  if (from >= until || until - from > kLongestSpread) return parts;
  Part before;  // the sum of the parts so far
  for (int64_t time = from; time < until;) {
    const int64_t bucket = buckets_.OfUser(time);
    if (bucket == last_bucket) break;
    time = std::min(until, buckets_.EndOfUser(time));
    const Part up_to = {.bucket = bucket,
                        .user_ticks = Used(user_ticks, time - from, until - from),
                        .system_ticks = Used(system_ticks, time - from, until - from)};
    const Part part = {.bucket = bucket,
                       .user_ticks = up_to.user_ticks - before.user_ticks,
                       .system_ticks = up_to.system_ticks - before.system_ticks};
    if (part.user_ticks + part.system_ticks > 0) parts.push_back(part);
    before = up_to;
  }
  return parts;
}

}  // namespace cpuagg::aggregate
