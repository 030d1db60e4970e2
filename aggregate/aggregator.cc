#include "aggregate/aggregator.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/time/time.h"
#include "acct/record_v3_view.h"
#include "acct/units.h"

namespace cpuagg::aggregate {
namespace {

using acct::RecordV3View;
using acct::Ticks;

// What is known of all records together.
struct Summary {
  uint64_t invalid_elapsed = 0;
  uint32_t first_begin = std::numeric_limits<uint32_t>::max();
  // In ticks: one division at the end instead of one a record.
  int64_t last_end = std::numeric_limits<int64_t>::min();

  void Add(RecordV3View record, Ticks elapsed) {
    invalid_elapsed += record.has_valid_elapsed() ? 0u : 1u;
    first_begin = std::min(first_begin, record.begin_time());
    last_end = std::max(last_end, int64_t{record.begin_time()} * int64_t{acct::kTicksPerSecond} +
                                      static_cast<int64_t>(elapsed.count()));
  }

  void Merge(const Summary& other) {
    invalid_elapsed += other.invalid_elapsed;
    first_begin = std::min(first_begin, other.first_begin);
    last_end = std::max(last_end, other.last_end);
  }

  void AddTo(TimeSpan& span) const {
    if (last_end >= 0) span.Cover(first_begin, last_end / int64_t{acct::kTicksPerSecond});
  }
};

struct UserTally {
  UserTable usage;
  Summary summary;

  ABSL_ATTRIBUTE_ALWAYS_INLINE void Add(RecordV3View record) {
    const Ticks elapsed = record.elapsed();
    summary.Add(record, elapsed);
    usage[record.uid()].Add(record, elapsed);
  }
  UserTally Fresh() const { return {}; }
  void Merge(const UserTally& other) {
    usage += other.usage;
    summary.Merge(other.summary);
  }
};

// The seconds [begin, end) of a period, or all there are.
struct Seconds {
  int64_t begin;
  int64_t end;

  static Seconds Of(const Period& period) {
    const auto round_up = [](absl::Time time) {
      return absl::ToUnixSeconds(time) +
             (absl::FromUnixSeconds(absl::ToUnixSeconds(time)) < time ? 1 : 0);
    };
    return {round_up(period.begin), round_up(period.end)};
  }
};

struct UserTallyWithin {
  Seconds seconds;
  UserTally tally = {};

  void Add(RecordV3View record) {
    const int64_t end = record.end_time();
    if (end >= seconds.begin && end < seconds.end) tally.Add(record);
  }
  UserTallyWithin Fresh() const { return {.seconds = seconds}; }
  void Merge(const UserTallyWithin& other) { tally.Merge(other.tally); }
};

struct BucketTally {
  int64_t width;
  int64_t phase;
  UserBucketTable usage = {};
  Summary summary = {};

  void Add(RecordV3View record) {
    const Ticks elapsed = record.elapsed();
    summary.Add(record, elapsed);
    usage[{record.uid(), BucketBegin(record.end_time())}].Add(record, elapsed);
  }
  BucketTally Fresh() const { return {.width = width, .phase = phase}; }
  void Merge(const BucketTally& other) {
    usage += other.usage;
    summary.Merge(other.summary);
  }

 private:
  // Rounds down, also before 1970.
  int64_t BucketBegin(int64_t time) const {
    const int64_t into = (time - phase) % width;
    return time - (into < 0 ? into + width : into);
  }
};

}  // namespace

absl::StatusOr<acct::InputAccount> Aggregate(acct::ByteSource& source,
                                             const acct::ReadOptions& options, UserTotals& totals) {
  UserTally tally;
  absl::StatusOr<acct::InputAccount> account;
  if (totals.period.is_all()) {
    account = acct::ReadRecords(source, options, tally);
  } else {
    UserTallyWithin within{.seconds = Seconds::Of(totals.period)};
    account = acct::ReadRecords(source, options, within);
    tally = std::move(within.tally);
  }
  if (!account.ok()) return account.status();
  account->invalid_elapsed = tally.summary.invalid_elapsed;
  totals.usage += tally.usage;
  tally.summary.AddTo(totals.span);
  return account;
}

absl::StatusOr<acct::InputAccount> Aggregate(acct::ByteSource& source,
                                             const acct::ReadOptions& options,
                                             BucketTotals& totals) {
  BucketTally tally{.width = totals.width, .phase = totals.phase};
  absl::StatusOr<acct::InputAccount> account = acct::ReadRecords(source, options, tally);
  if (!account.ok()) return account.status();
  account->invalid_elapsed = tally.summary.invalid_elapsed;
  totals.usage += tally.usage;
  tally.summary.AddTo(totals.span);
  return account;
}

}  // namespace cpuagg::aggregate
