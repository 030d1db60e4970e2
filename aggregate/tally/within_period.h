// WithinPeriod: adds the processes that ended within a period to another accumulator
// (acct/scan/record_reader.h).
//
//   WithinPeriod<Accumulator> within{.period = HundredthsOf(period), .accumulator = {...}};
//   ... acct::ReadRecords(*source, {}, within) ...
//   within.accumulator, within.ends

#ifndef CPUAGG_AGGREGATE_TALLY_WITHIN_PERIOD_H_
#define CPUAGG_AGGREGATE_TALLY_WITHIN_PERIOD_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/time/time.h"
#include "acct/record/layout.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/record_view.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

// Hundredths of seconds since 1970, [begin, end).
struct Hundredths {
  int64_t begin;
  int64_t end;

  ABSL_ATTRIBUTE_ALWAYS_INLINE bool Contain(int64_t time) const {
    return time >= begin && time < end;
  }
};

// Those of `period`, whose begin and end count as whole seconds, rounded up: processes end at whole
// seconds, as far as records say.
inline Hundredths HundredthsOf(const Period& period) {
  const auto hundredths_of = [](absl::Time time) {
    constexpr int64_t kMost = std::numeric_limits<int64_t>::max() / 100 - 1;
    // Saturated, for a period without an end.
    const int64_t seconds = std::clamp(absl::ToUnixSeconds(time), -kMost, kMost);
    return 100 * (absl::FromUnixSeconds(seconds) < time ? seconds + 1 : seconds);
  };
  return {hundredths_of(period.begin), hundredths_of(period.end)};
}

// A clock that was never set says 1970, which does not show when the records begin.
inline constexpr int64_t kFirstCredible = int64_t{acct::kEarliestBegin} * 100;

// When the first and the last of some processes ended, in hundredths of seconds since 1970.
struct Ends {
  int64_t first = std::numeric_limits<int64_t>::max();
  int64_t last = std::numeric_limits<int64_t>::min();

  ABSL_ATTRIBUTE_ALWAYS_INLINE void Add(int64_t end) {
    if (end >= kFirstCredible) first = std::min(first, end);
    last = std::max(last, end);
  }
  void Merge(const Ends& other) {
    first = std::min(first, other.first);
    last = std::max(last, other.last);
  }
  // Adds them to the `first_end` and `last_end` of `totals`, in seconds.
  template <typename Totals>
  void AddTo(Totals& totals) const {
    if (first <= last) totals.first_end = std::min(totals.first_end, first / 100);
    if (last >= 0) totals.last_end = std::max(totals.last_end, last / 100);
  }
};

template <typename Accumulator>
struct WithinPeriod {
  Hundredths period;
  Accumulator accumulator;
  Ends ends = {};  // of all processes, also of those that ended outside

  template <typename Record>
  void Add(const Record& record, uint64_t offset) {
    const int64_t end = record.end_hundredths();
    ends.Add(end);
    if (period.Contain(end)) accumulator.Add(record, offset);
  }

  // Files are mostly in the order of the ends. So the records of a row are all inside or all
  // outside, and the faster loop of `accumulator` takes those inside.
  size_t AddRegular(const uint8_t* begin, const uint8_t* end, uint64_t offset) {
    const uint8_t* at = begin;
    while (at < end) {
      const Row row = RowAt(at, end);
      const uint8_t* reached = at;
      if (!row.is_inside) {
        while (reached < row.end && acct::RecordV3View(reached).IsFollowedByRegular()) {
          reached += acct::kRecordBytes;
        }
      } else if constexpr (requires { accumulator.AddRegular(at, row.end, offset); }) {
        reached += accumulator.AddRegular(at, row.end, offset + static_cast<size_t>(at - begin));
      }
      if (reached == row.end) {
        ends.Merge(row.ends);
      } else {
        for (const uint8_t* taken = at; taken < reached; taken += acct::kRecordBytes) {
          ends.Add(acct::RecordV3View(taken).end_hundredths());
        }
        return static_cast<size_t>(reached - begin);
      }
      at = reached;
    }
    return static_cast<size_t>(at - begin);
  }

  WithinPeriod Fresh() const { return {.period = period, .accumulator = accumulator.Fresh()}; }
  void Merge(WithinPeriod other) {
    accumulator.Merge(std::move(other.accumulator));
    ends.Merge(other.ends);
  }

 private:
  struct Row {
    const uint8_t* end;
    bool is_inside;
    Ends ends = {};
  };

  // The longest row that begins at `at`, up to as many as the first-level cache holds besides the
  // table. It may have bytes that are not a record; then its ends mean nothing. Those of regular
  // records are all credible.
  Row RowAt(const uint8_t* at, const uint8_t* end) const {
    constexpr ptrdiff_t kMostBytes = 128 * acct::kRecordBytes;
    if (end - at > kMostBytes) end = at + kMostBytes;
    const Hundredths inside = period;
    const bool is_inside = inside.Contain(acct::RecordV3View(at).end_hundredths());
    // In registers, since each record depends on the one before.
    int64_t first = std::numeric_limits<int64_t>::max();
    int64_t last = std::numeric_limits<int64_t>::min();
    const uint8_t* record = at;
    for (; record < end; record += acct::kRecordBytes) {
      __builtin_prefetch(record + kMostBytes);
      const int64_t process_end = acct::RecordV3View(record).end_hundredths();
      if (inside.Contain(process_end) != is_inside) break;
      first = std::min(first, process_end);
      last = std::max(last, process_end);
    }
    return {.end = record, .is_inside = is_inside, .ends = {.first = first, .last = last}};
  }
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_TALLY_WITHIN_PERIOD_H_
