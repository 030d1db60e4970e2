#include "aggregate/buckets/blocks.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cpuagg::aggregate {

Blocks::Blocks(std::vector<Bucket> buckets) {
  std::sort(buckets.begin(), buckets.end(),
            [](const Bucket& a, const Bucket& b) { return a.begin < b.begin; });
  for (const Bucket& bucket : buckets) {
    if (!blocks_.empty() && bucket.begin < blocks_.back().end) {
      blocks_.back().end = std::max(blocks_.back().end, bucket.end);
    } else {
      blocks_.push_back(bucket);
    }
  }
}

std::vector<Bucket>::const_iterator Blocks::At(int64_t time) const {
  const auto next =
      std::upper_bound(blocks_.begin(), blocks_.end(), time,
                       [](int64_t sought, const Bucket& block) { return sought < block.begin; });
  return next == blocks_.begin() ? blocks_.end() : std::prev(next);
}

int64_t Blocks::BeginOf(int64_t time) const {
  const auto block = At(time);
  return block != blocks_.end() && time < block->end ? block->begin : time;
}

bool Blocks::HaveAnyIn(const Period& period) const {
  return std::any_of(blocks_.begin(), blocks_.end(), [&](const Bucket& block) {
    return absl::FromUnixSeconds(block.begin) < period.end &&
           period.begin < absl::FromUnixSeconds(block.end);
  });
}

Period Blocks::Widened(const Period& asked) const {
  // The block that contains `time` strictly inside; blocks_.end() if there is none.
  const auto around = [&](absl::Time time) {
    const auto block = At(absl::ToUnixSeconds(time));
    const bool is_within = block != blocks_.end() && absl::FromUnixSeconds(block->begin) < time &&
                           time < absl::FromUnixSeconds(block->end);
    return is_within ? block : blocks_.end();
  };
  Period period = asked;
  // An empty period has no block inside.
  if (asked.begin >= asked.end) return period;
  if (const auto block = around(asked.begin); block != blocks_.end()) {
    period.begin = absl::FromUnixSeconds(block->begin);
  }
  if (const auto block = around(asked.end); block != blocks_.end()) {
    period.end = absl::FromUnixSeconds(block->end);
  }
  return period;
}

std::map<int64_t, Bucket> Blocks::ByUnit(CalendarUnit unit, absl::TimeZone zone) const {
  CalendarBuckets units(unit, zone);
  std::map<int64_t, Bucket> stretches;
  for (size_t i = 0; i < blocks_.size(); ++i) {
    const Bucket& block = blocks_[i];
    const Bucket whole = {.begin = units.BeginOf(block.begin), .end = units.EndOf(block.begin)};
    const auto [place, is_new] = stretches.try_emplace(whole.begin, whole);
    Bucket& stretch = place->second;
    const bool reaches_out = block.end > whole.end;
    if (is_new && i > 0) stretch.begin = std::max(stretch.begin, blocks_[i - 1].end);
    if (is_new && reaches_out) stretch.begin = block.begin;
    stretch.end = std::max(stretch.end, block.end);
  }
  return stretches;
}

}  // namespace cpuagg::aggregate
