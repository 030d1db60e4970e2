#include "aggregate/tally/aggregator.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <optional>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/time/time.h"
#include "acct/record/exit_code.h"
#include "acct/record/layout.h"
#include "acct/record/record_view.h"
#include "acct/record/units.h"
#include "aggregate/tally/record_summary.h"
#include "aggregate/tally/table_accumulator.h"
#include "aggregate/tally/within_period.h"
#include "aggregate/usage/calendar.h"

namespace cpuagg::aggregate {
namespace {

template <typename Totals>
void MergeTimes(Totals& totals, const Totals& others) {
  totals.span.Cover(others.span);
  totals.first_end = std::min(totals.first_end, others.first_end);
  totals.last_end = std::max(totals.last_end, others.last_end);
}

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

// By user and a unit of time; or by one of those.
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
        by_signal_(Has(by, Dimension::kSignal)),
        by_command_(Has(by, Dimension::kCommand)),
        by_time_(HasTime(by)),
        buckets_(BucketUnit(by), zone) {}

  template <typename Record>
  ABSL_ATTRIBUTE_ALWAYS_INLINE GroupKey operator()(const Record& record) {
    GroupKey key;
    if (by_user_) key.uid = record.uid();
    if (by_group_) key.gid = record.gid();
    if (by_tty_) key.tty = record.tty();
    if (by_signal_) key.signal = static_cast<uint16_t>(acct::SignalOf(record.exit_code()));
    if (by_command_) key.command = CommandOf(record);
    if (by_time_) key.begin = buckets_.BeginOf(EndOf(record));
    return key;
  }

 private:
  bool by_user_;
  bool by_group_;
  bool by_tty_;
  bool by_signal_;
  bool by_command_;
  bool by_time_;
  CalendarBuckets buckets_;
};

// Adds the records that ended within the period of `totals` to `accumulator`, which has none of a
// source yet.
template <typename Totals, typename Accumulator>
absl::StatusOr<acct::ByteAccount> ReadWithin(acct::ByteSource& source,
                                             const acct::ReadOptions& options, Totals& totals,
                                             Accumulator& accumulator) {
  absl::StatusOr<acct::ByteAccount> account;
  if (totals.period.is_all()) {
    account = acct::ReadRecords(source, options, accumulator);
  } else {
    WithinPeriod<Accumulator> within{.period = HundredthsOf(totals.period),
                                     .accumulator = std::move(accumulator)};
    account = acct::ReadRecords(source, options, within);
    accumulator = std::move(within.accumulator);
    within.ends.AddTo(totals);
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

// Adds the processes of a choice, or of two periods.
struct ChosenAccumulator {
  using Accumulator = TableAccumulator<GroupKey, GroupKeyOf>;

  const ProcessChoice* processes;  // outlives this object
  Hundredths period;
  std::optional<Hundredths> previous_period;
  Accumulator chosen;
  Accumulator others;
  Accumulator previous;
  Ends ends = {};  // of all records

  template <typename Record>
  void Add(const Record& record, uint64_t offset) {
    const int64_t end = record.end_hundredths();
    ends.Add(end);
    const bool is_in_period = period.Contain(end);
    const bool is_previous = previous_period.has_value() && previous_period->Contain(end);
    if (!is_in_period && !is_previous) return;
    const bool is_chosen = processes->Takes(record);
    if (is_in_period) (is_chosen ? chosen : others).Add(record, offset);
    if (is_previous && is_chosen) previous.Add(record, offset);
  }
  ChosenAccumulator Fresh() const {
    return {.processes = processes,
            .period = period,
            .previous_period = previous_period,
            .chosen = chosen.Fresh(),
            .others = others.Fresh(),
            .previous = previous.Fresh()};
  }
  void Merge(ChosenAccumulator other) {
    chosen.Merge(std::move(other.chosen));
    others.Merge(std::move(other.others));
    previous.Merge(std::move(other.previous));
    ends.Merge(other.ends);
  }
};

absl::StatusOr<acct::ByteAccount> AggregateChosen(acct::ByteSource& source,
                                                  const acct::ReadOptions& options,
                                                  GroupTotals& totals) {
  const GroupKeyOf key_of(totals.by, totals.time_zone);
  ChosenAccumulator accumulator{.processes = &totals.processes,
                                .period = HundredthsOf(totals.period),
                                .previous_period = std::nullopt,
                                .chosen = {.key_of = key_of},
                                .others = {.key_of = key_of},
                                .previous = {.key_of = key_of}};
  if (totals.compare_with.has_value()) {
    accumulator.previous_period = HundredthsOf(*totals.compare_with);
  }
  absl::StatusOr<acct::ByteAccount> account = acct::ReadRecords(source, options, accumulator);
  if (!account.ok()) return account.status();
  totals.usage += std::move(accumulator.chosen.usage);
  totals.other_usage += std::move(accumulator.others.usage);
  totals.previous_usage += std::move(accumulator.previous.usage);
  // The time that is covered does not depend on the choice.
  RecordSummary summary = accumulator.chosen.summary;
  summary.Merge(accumulator.others.summary);
  account->invalid_elapsed = summary.invalid_elapsed;
  summary.AddTo(totals.span);
  if (!totals.period.is_all()) accumulator.ends.AddTo(totals);
  return account;
}

}  // namespace

void UserTotals::Merge(UserTotals other) {
  usage += std::move(other.usage);
  bytes += other.bytes;
  MergeTimes(*this, other);
}

void GroupTotals::Merge(GroupTotals other) {
  usage += std::move(other.usage);
  other_usage += std::move(other.other_usage);
  previous_usage += std::move(other.previous_usage);
  MergeTimes(*this, other);
}

absl::StatusOr<acct::ByteAccount> Aggregate(acct::ByteSource& source,
                                            const acct::ReadOptions& options, UserTotals& totals) {
  TableAccumulator<acct::Uid, UidOf> accumulator{.key_of = UidOf()};
  acct::ReadOptions adding = options;
  // A table of its own for each of many small files would take longer than their records.
  adding.adds_directly =
      options.threads == 1 && source.size_hint() > 0 &&
      totals.bytes + source.size_hint() <= acct::kMaxRecordsPerAccumulator * acct::kPackedV1Bytes;
  if (adding.adds_directly) accumulator.usage = std::exchange(totals.usage, FastUserTable());
  absl::StatusOr<acct::ByteAccount> account = ReadWithin(source, adding, totals, accumulator);
  if (!account.ok()) return account;
  totals.usage += std::move(accumulator.usage);
  totals.bytes += account->bytes;
  return account;
}

absl::StatusOr<acct::ByteAccount> Aggregate(acct::ByteSource& source,
                                            const acct::ReadOptions& options, GroupTotals& totals) {
  if (!totals.processes.takes_all() || totals.compare_with.has_value()) {
    return AggregateChosen(source, options, totals);
  }
  // The most frequent groupings have keys of their own, which are faster.
  const bool by_user = Has(totals.by, Dimension::kUser);
  const bool by_command = Has(totals.by, Dimension::kCommand);
  const bool by_more = Has(totals.by, Dimension::kGroup) || Has(totals.by, Dimension::kTty) ||
                       Has(totals.by, Dimension::kSignal);
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
