#include "aggregate/tally/aggregator.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "acct/record/layout.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/units.h"
#include "acct/scan/record_scanner.h"
#include "aggregate/tally/add_avx2.h"
#include "aggregate/tally/record_summary.h"
#include "aggregate/usage/calendar.h"

namespace cpuagg::aggregate {
namespace {

// The first credible end of a process: a clock that was never set says 1970, which does not show
// when the records begin.
int64_t EarlierEnd(int64_t first_end, int64_t end) {
  return end >= int64_t{acct::kEarliestBegin} ? std::min(first_end, end) : first_end;
}

// Adds each record to the usage of the key that `KeyOf` gives it.
template <typename Key, typename KeyOf>
struct TableAccumulator {
  KeyOf key_of;
  FastUsageTable<Key> usage = {};
  RecordSummary summary = {};

  template <typename Record>
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Add(const Record& record, uint64_t) {
    summary.Add(record);
    usage.Add(key_of(record), record);
  }
  size_t AddRegular(const uint8_t* begin, const uint8_t* end, uint64_t) {
    const uint8_t* at = begin;
    while (at < end) {
      at = usage.is_large() ? AddToLargeTable(at, end) : AddToSmallTable(at, end);
      // Either no regular record follows, or the loops cannot handle this one.
      if (at >= end || !acct::RecordV3View(at).IsFollowedByRegular()) break;
      Add(acct::RecordV3View(at), 0);
      at += acct::kRecordBytes;
    }
    return static_cast<size_t>(at - begin);
  }
  TableAccumulator Fresh() const { return {.key_of = key_of}; }
  void Merge(TableAccumulator other) {
    usage += std::move(other.usage);
    summary.Merge(other.summary);
  }
  // False if most keys occur once: merging two such tables takes longer than a second thread saves.
  // Decided by a sample. Among n random records with N keys, about n²/2N are repeated.
  bool GainsFromThreads(absl::Span<const uint8_t> input) const {
    constexpr size_t kPlaces = 4;
    constexpr size_t kRecordsAtEach = 4096;
    constexpr double kWorthMerging = 4;  // records per key
    KeyOf sample_key_of = key_of;
    FastUsageTable<Key> sampled;
    double records = 0;
    for (size_t place = 0; place < kPlaces; ++place) {
      size_t at = acct::RecordScanner::FindRecord(input, input.size() / kPlaces * place);
      for (size_t i = 0; i < kRecordsAtEach && at + acct::kRecordBytes <= input.size() &&
                         acct::RecordV3View(input.data() + at).IsRegular();
           ++i, at += acct::kRecordBytes) {
        (void)sampled[sample_key_of(acct::RecordV3View(input.data() + at))];
        ++records;
      }
    }
    const double repeated = records - static_cast<double>(sampled.size());
    const double all_records = static_cast<double>(input.size() / acct::kRecordBytes);
    return records == 0 || repeated * 2 * all_records >= kWorthMerging * records * records;
  }

 private:
  // The functions below return where they stopped: at a record that no regular one follows, whose
  // key is new, or whose sums become too large; or at or after `end`. So the loops have no calls,
  // and keep everything in registers.
  const uint8_t* AddToSmallTable(const uint8_t* at, const uint8_t* end) {
#if defined(__x86_64__)
    if (HasAvx2()) return AddToSmallTableAvx2(at, end);
#endif
    const typename FastUsageTable<Key>::Finder finder(usage);
    RecordSummary sums = summary;
    for (; at < end && acct::RecordV3View(at).IsFollowedByRegular(); at += acct::kRecordBytes) {
      __builtin_prefetch(at + acct::kPrefetchBytes);
      const acct::RecordV3View record(at);
      auto* const entry = finder.Find(key_of(record));
      if (entry == nullptr || !entry->usage.Add(record)) [[unlikely]]
        break;
      sums.Add(record);
    }
    summary = sums;
    return at;
  }
  const uint8_t* AddToLargeTable(const uint8_t* at, const uint8_t* end) {
    using Batch = typename FastUsageTable<Key>::Batch;
    // Three batches are in progress, one in each step.
    std::array<Batch, 3> batches;
    std::array<const uint8_t*, 3> begins;
    for (size_t n = 0;; ++n) {
      Batch& first = batches[n % 3];
      begins[n % 3] = at;
      for (first.count = 0; first.count < Batch::kMostKeys && at < end &&
                            acct::RecordV3View(at).IsFollowedByRegular();
           at += acct::kRecordBytes) {
        __builtin_prefetch(at + acct::kPrefetchBytes);
        first.keys[first.count++] = key_of(acct::RecordV3View(at));
      }
      usage.FetchSlots(first);
      if (n >= 1) usage.FetchEntries(batches[(n - 1) % 3]);
      if (n < 2) continue;
      Batch& last = batches[(n - 2) % 3];
      const uint8_t* const begin = begins[(n - 2) % 3];
      const uint8_t* const stop = begin + last.count * acct::kRecordBytes;
      usage.Locate(last);
      const uint8_t* const reached = AddAt(begin, stop, last.positions.data());
      if (reached < stop || last.count < Batch::kMostKeys) return reached;
    }
  }
  const uint8_t* AddAt(const uint8_t* at, const uint8_t* end, const uint32_t* positions) {
#if defined(__x86_64__)
    if (HasAvx2()) return AddAtAvx2(at, end, positions);
#endif
    for (; at < end; at += acct::kRecordBytes) {
      const acct::RecordV3View record(at);
      if (!usage.At(*positions++).usage.Add(record)) [[unlikely]]
        break;
      summary.Add(record);
    }
    return at;
  }

#if defined(__x86_64__)
  CPUAGG_TARGET_AVX2 const uint8_t* AddToSmallTableAvx2(const uint8_t* at, const uint8_t* end) {
    const typename FastUsageTable<Key>::Finder finder(usage);
    const Avx2Adder adder;
    RecordSummary sums = summary;
    for (; at < end && acct::RecordV3View(at).IsFollowedByRegular(); at += acct::kRecordBytes) {
      __builtin_prefetch(at + acct::kPrefetchBytes);
      const acct::RecordV3View record(at);
      // The last one is added again elsewhere, which does not change a minimum or a maximum.
      sums.Add(record);
      auto* const entry = finder.Find(key_of(record));
      if (entry == nullptr || !adder.Add(record, entry->usage)) [[unlikely]]
        break;
    }
    summary = sums;
    return at;
  }
  CPUAGG_TARGET_AVX2 const uint8_t* AddAtAvx2(const uint8_t* at, const uint8_t* end,
                                              const uint32_t* positions) {
    auto* const entries = &usage.At(0);
    const Avx2Adder adder;
    RecordSummary sums = summary;
    for (; at < end; at += acct::kRecordBytes) {
      const acct::RecordV3View record(at);
      sums.Add(record);
      if (!adder.Add(record, entries[*positions++].usage)) [[unlikely]]
        break;
    }
    summary = sums;
    return at;
  }
#endif
};

struct UidOf {
  template <typename Record>
  ABSL_ATTRIBUTE_ALWAYS_INLINE acct::Uid operator()(const Record& record) const {
    return record.uid();
  }
};

// By user and command, or by command.
struct UserCommandOf {
  bool by_user;

  template <typename Record>
  ABSL_ATTRIBUTE_ALWAYS_INLINE UserCommand operator()(const Record& record) const {
    return {.uid = by_user ? record.uid() : acct::Uid(),
            .words = std::bit_cast<std::array<uint32_t, 4>>(CommandOf(record))};
  }
};

// By user and hour, or day; or by one of those.
struct UserBucketOf {
  bool by_user;
  CalendarBuckets buckets;

  template <typename Record>
  ABSL_ATTRIBUTE_ALWAYS_INLINE UserBucket operator()(const Record& record) {
    return {.uid = by_user ? record.uid() : acct::Uid(), .begin = buckets.BeginOf(EndOf(record))};
  }
};

class GroupKeyOf {
 public:
  GroupKeyOf(const Grouping& by, absl::TimeZone zone)
      : by_user_(Has(by, Dimension::kUser)),
        by_group_(Has(by, Dimension::kGroup)),
        by_tty_(Has(by, Dimension::kTty)),
        by_command_(Has(by, Dimension::kCommand)),
        by_time_(HasTime(by)),
        buckets_(BucketUnit(by), zone) {}

  template <typename Record>
  ABSL_ATTRIBUTE_ALWAYS_INLINE GroupKey operator()(const Record& record) {
    GroupKey key;
    if (by_user_) key.uid = record.uid();
    if (by_group_) key.gid = record.gid();
    if (by_tty_) key.tty = record.tty();
    if (by_command_) key.command = CommandOf(record);
    if (by_time_) key.begin = buckets_.BeginOf(EndOf(record));
    return key;
  }

 private:
  bool by_user_;
  bool by_group_;
  bool by_tty_;
  bool by_command_;
  bool by_time_;
  CalendarBuckets buckets_;
};

// The seconds [begin, end) of a period, or all seconds.
struct Seconds {
  int64_t begin;
  int64_t end;

  static Seconds Of(const Period& period) {
    return {RoundedUp(period.begin), RoundedUp(period.end)};
  }

 private:
  static int64_t RoundedUp(absl::Time time) {
    const int64_t seconds = absl::ToUnixSeconds(time);
    // Saturated, for a period without an end.
    if (seconds == std::numeric_limits<int64_t>::max()) return seconds;
    return absl::FromUnixSeconds(seconds) < time ? seconds + 1 : seconds;
  }
};

// Adds to `accumulator` the processes that ended within some seconds.
template <typename Accumulator>
struct Within {
  Seconds seconds;
  Accumulator accumulator;
  int64_t first_end = std::numeric_limits<int64_t>::max();  // of all records
  int64_t last_end = std::numeric_limits<int64_t>::min();

  template <typename Record>
  void Add(const Record& record, uint64_t offset) {
    const int64_t end = EndOf(record);
    first_end = EarlierEnd(first_end, end);
    last_end = std::max(last_end, end);
    if (end >= seconds.begin && end < seconds.end) accumulator.Add(record, offset);
  }
  Within Fresh() const { return {.seconds = seconds, .accumulator = accumulator.Fresh()}; }
  void Merge(Within other) {
    accumulator.Merge(std::move(other.accumulator));
    first_end = std::min(first_end, other.first_end);
    last_end = std::max(last_end, other.last_end);
  }
};

// Adds the records that ended within the period of `totals` to `accumulator`, which is empty.
template <typename Totals, typename Accumulator>
absl::StatusOr<acct::ByteAccount> ReadWithin(acct::ByteSource& source,
                                             const acct::ReadOptions& options, Totals& totals,
                                             Accumulator& accumulator) {
  absl::StatusOr<acct::ByteAccount> account;
  if (totals.period.is_all()) {
    account = acct::ReadRecords(source, options, accumulator);
  } else {
    Within<Accumulator> within{.seconds = Seconds::Of(totals.period),
                               .accumulator = accumulator.Fresh()};
    account = acct::ReadRecords(source, options, within);
    accumulator = std::move(within.accumulator);
    totals.first_end = std::min(totals.first_end, within.first_end);
    totals.last_end = std::max(totals.last_end, within.last_end);
  }
  if (!account.ok()) return account.status();
  account->invalid_elapsed = accumulator.summary.invalid_elapsed;
  accumulator.summary.AddTo(totals.span);
  return account;
}

// The same for keys that differ from those of `totals`; `group_of` converts them.
template <typename Key, typename KeyOf, typename GroupOf>
absl::StatusOr<acct::ByteAccount> AggregateGroups(acct::ByteSource& source,
                                                  const acct::ReadOptions& options, KeyOf key_of,
                                                  GroupOf group_of, GroupTotals& totals) {
  TableAccumulator<Key, KeyOf> accumulator{.key_of = key_of};
  absl::StatusOr<acct::ByteAccount> account = ReadWithin(source, options, totals, accumulator);
  if (account.ok()) totals.usage.Add(accumulator.usage, group_of);
  return account;
}

}  // namespace

absl::StatusOr<acct::ByteAccount> Aggregate(acct::ByteSource& source,
                                            const acct::ReadOptions& options, UserTotals& totals) {
  TableAccumulator<acct::Uid, UidOf> accumulator{.key_of = UidOf()};
  absl::StatusOr<acct::ByteAccount> account = ReadWithin(source, options, totals, accumulator);
  if (account.ok()) totals.usage += std::move(accumulator.usage);
  return account;
}

absl::StatusOr<acct::ByteAccount> Aggregate(acct::ByteSource& source,
                                            const acct::ReadOptions& options, GroupTotals& totals) {
  // The most frequent groupings have keys of their own, which are faster.
  const bool by_user = Has(totals.by, Dimension::kUser);
  const bool by_command = Has(totals.by, Dimension::kCommand);
  const bool by_more = Has(totals.by, Dimension::kGroup) || Has(totals.by, Dimension::kTty);
  if (by_command && !by_more && !HasTime(totals.by)) {
    return AggregateGroups<UserCommand>(
        source, options, UserCommandOf{.by_user = by_user},
        [](const UserCommand& key) { return GroupKey{.uid = key.uid, .command = key.command()}; },
        totals);
  }
  if (HasTime(totals.by) && !by_more && !by_command) {
    return AggregateGroups<UserBucket>(
        source, options,
        UserBucketOf{.by_user = by_user,
                     .buckets = CalendarBuckets(BucketUnit(totals.by), totals.time_zone)},
        [](const UserBucket& key) { return GroupKey{.uid = key.uid, .begin = key.begin}; }, totals);
  }
  return AggregateGroups<GroupKey>(
      source, options, GroupKeyOf(totals.by, totals.time_zone),
      [](const GroupKey& key) { return key; }, totals);
}

}  // namespace cpuagg::aggregate
