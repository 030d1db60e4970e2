#include "aggregate/aggregator.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/time/time.h"
#include "acct/layout.h"
#include "acct/record_v3_view.h"
#include "acct/units.h"
#include "aggregate/add_avx2.h"
#include "aggregate/usage_rows.h"

namespace cpuagg::aggregate {
namespace {

// What is known of all records together.
struct Summary {
  uint64_t invalid_elapsed = 0;
  uint32_t first_begin = std::numeric_limits<uint32_t>::max();
  // In hundredths of a second: one division at the end instead of one a record.
  int64_t last_end = std::numeric_limits<int64_t>::min();

  template <typename Record>
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Add(const Record& record) {
    invalid_elapsed += record.has_valid_elapsed() ? 0u : 1u;
    first_begin = std::min(first_begin, record.begin_time());
    last_end = std::max(last_end, record.end_hundredths());
  }

  void Merge(const Summary& other) {
    invalid_elapsed += other.invalid_elapsed;
    first_begin = std::min(first_begin, other.first_begin);
    last_end = std::max(last_end, other.last_end);
  }

  void AddTo(TimeSpan& span) const {
    if (last_end >= 0) span.Cover(first_begin, last_end / 100);
  }
};

// Adds each record to the usage of the key that `KeyOf` gives it.
template <typename Table, typename KeyOf>
struct TableTally {
  KeyOf key_of;
  Table usage = {};
  Summary summary = {};

  template <typename Record>
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Add(const Record& record, uint64_t) {
    summary.Add(record);
    usage[key_of(record)].Add(record, record.elapsed_ticks());
  }
#if defined(__x86_64__)
  size_t AddRegular(const uint8_t* begin, const uint8_t* end, uint64_t) {
    if (!HasAvx2()) return 0;
    // As many keys as fit into the caches next to the processor.
    constexpr size_t kFewKeys = (size_t{768} << 10) / sizeof(typename Table::Entry);
    const uint8_t* at = begin;
    while (at < end) {
      const bool is_large = usage.size() > kFewKeys;
      const ptrdiff_t most = static_cast<ptrdiff_t>((is_large ? 32 : 1024) * acct::kRecordBytes);
      const uint8_t* const stop = at + std::min(most, end - at);
      if (is_large) Prefetch(at, stop);
      at = AddRegularAvx2(at, stop);
      if (at < stop) break;
    }
    return static_cast<size_t>(at - begin);
  }
#endif
  TableTally Fresh() const { return {.key_of = key_of}; }
  void Merge(TableTally other) {
    usage += std::move(other.usage);
    summary.Merge(other.summary);
  }

#if defined(__x86_64__)
 private:
  // Where the first record begins that is not regular, or that does not begin before `end`.
  CPUAGG_TARGET_AVX2 const uint8_t* AddRegularAvx2(const uint8_t* at, const uint8_t* end) {
    // Copies, which stay in registers.
    uint32_t first_begin = summary.first_begin;
    int64_t last_end = summary.last_end;
    for (; at < end && acct::RecordV3View(at).IsRegular(); at += acct::kRecordBytes) {
      __builtin_prefetch(at + acct::kPrefetchBytes);
      const acct::RecordV3View record(at);
      first_begin = std::min(first_begin, record.begin_time());
      last_end = std::max(last_end, record.end_hundredths());
      AddAvx2(record, record.elapsed_ticks(), usage[key_of(record)]);
    }
    summary.first_begin = first_begin;
    summary.last_end = last_end;
    return at;
  }

  // Gets what is needed of the table for some records, whatever they are, all at once.
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Prefetch(const uint8_t* begin, const uint8_t* end) {
    for (const uint8_t* at = begin; at < end; at += acct::kRecordBytes) {
      usage.PrefetchPosition(key_of(acct::RecordV3View(at)));
    }
    for (const uint8_t* at = begin; at < end; at += acct::kRecordBytes) {
      usage.PrefetchEntry(key_of(acct::RecordV3View(at)));
    }
  }
#endif
};

struct UidOf {
  template <typename Record>
  acct::Uid operator()(const Record& record) const {
    return record.uid();
  }
};

int64_t EndOf(const auto& record) { return record.end_hundredths() / 100; }

// Adds up for the store, and lists the ends of the processes that are watched.
struct StoreTally {
  ResolutionBuckets buckets;
  const absl::flat_hash_set<uint32_t>* watched;
  uint64_t scan_offset;
  UserBucketTable usage = {};
  CommandBucketTable commands = {};
  size_t most_commands = size_t{1} << 18;  // in memory
  Summary summary = {};
  std::vector<ProcessExit> exits = {};
  uint64_t records_without_pid = 0;

  template <typename Record>
  void Add(const Record& record, uint64_t offset) {
    summary.Add(record);
    const int64_t end = EndOf(record);
    const uint64_t elapsed = record.elapsed_ticks();
    usage[{record.uid(), buckets.OfUser(end)}].Add(record, elapsed);
    commands[{record.uid(), buckets.OfCommand(end), CommandBitsOf(record.raw_command())}].Add(
        record, elapsed);
    if (commands.size() > most_commands) CutCommands();
    const std::optional<uint32_t> pid = record.view().pid();
    if (!pid.has_value()) {
      ++records_without_pid;
    } else if (watched->contains(*pid)) {
      exits.push_back({.pid = *pid,
                       .begin_time = record.begin_time(),
                       .end_time = end,
                       .after_scan = offset >= scan_offset});
    }
  }
  StoreTally Fresh() const {
    return {.buckets = buckets, .watched = watched, .scan_offset = scan_offset};
  }
  void Merge(StoreTally other) {
    usage += std::move(other.usage);
    commands += std::move(other.commands);
    summary.Merge(other.summary);
    exits.insert(exits.end(), other.exits.begin(), other.exits.end());
    records_without_pid += other.records_without_pid;
  }

  void CutCommands() {
    std::vector<CommandRow> rows;
    rows.reserve(commands.size());
    for (const auto& [key, sums] : commands) {
      rows.push_back({key.begin, key.uid.value(), key.command, sums});
    }
    commands = CommandBucketTable();
    for (const CommandRow& row : TopCommands(std::move(rows))) {
      commands[{acct::Uid(row.account), row.begin, row.command}] = row.usage;
    }
    // So many users and hours that there is not much to cut.
    if (commands.size() > most_commands / 2) most_commands *= 2;
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
    if (by_command_) key.command = CommandBitsOf(record.raw_command());
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

// The seconds [begin, end) of a period, or all there are.
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

// Adds to `tally` what ended within some seconds.
template <typename Tally>
struct Within {
  Seconds seconds;
  Tally tally;

  template <typename Record>
  void Add(const Record& record, uint64_t offset) {
    const int64_t end = EndOf(record);
    if (end >= seconds.begin && end < seconds.end) tally.Add(record, offset);
  }
  Within Fresh() const { return {.seconds = seconds, .tally = tally.Fresh()}; }
  void Merge(Within other) { tally.Merge(std::move(other.tally)); }
};

template <typename Tally, typename Totals>
absl::StatusOr<acct::InputAccount> AggregateWith(acct::ByteSource& source,
                                                 const acct::ReadOptions& options,
                                                 const Period& period, Tally tally,
                                                 Totals& totals) {
  absl::StatusOr<acct::InputAccount> account;
  if (period.is_all()) {
    account = acct::ReadRecords(source, options, tally);
  } else {
    Within<Tally> within{.seconds = Seconds::Of(period), .tally = tally.Fresh()};
    account = acct::ReadRecords(source, options, within);
    tally = std::move(within.tally);
  }
  if (!account.ok()) return account.status();
  account->invalid_elapsed = tally.summary.invalid_elapsed;
  totals.usage += std::move(tally.usage);
  tally.summary.AddTo(totals.span);
  return account;
}

}  // namespace

absl::StatusOr<acct::InputAccount> Aggregate(acct::ByteSource& source,
                                             const acct::ReadOptions& options, UserTotals& totals) {
  return AggregateWith(source, options, totals.period,
                       TableTally<UserTable, UidOf>{.key_of = UidOf()}, totals);
}

absl::StatusOr<acct::InputAccount> Aggregate(acct::ByteSource& source,
                                             const acct::ReadOptions& options,
                                             BucketTotals& totals) {
  StoreTally tally{.buckets = ResolutionBuckets(totals.resolution),
                   .watched = &totals.watched_pids,
                   .scan_offset = totals.scan_offset};
  absl::StatusOr<acct::InputAccount> account = acct::ReadRecords(source, options, tally);
  if (!account.ok()) return account.status();
  account->invalid_elapsed = tally.summary.invalid_elapsed;
  totals.usage += std::move(tally.usage);
  totals.commands += std::move(tally.commands);
  tally.summary.AddTo(totals.span);
  totals.exits.insert(totals.exits.end(), tally.exits.begin(), tally.exits.end());
  totals.records_without_pid += tally.records_without_pid;
  return account;
}

absl::StatusOr<acct::InputAccount> Aggregate(acct::ByteSource& source,
                                             const acct::ReadOptions& options,
                                             GroupTotals& totals) {
  const GroupKeyOf key_of(totals.by, totals.time_zone);
  return AggregateWith(source, options, totals.period,
                       TableTally<GroupTable, GroupKeyOf>{.key_of = key_of}, totals);
}

}  // namespace cpuagg::aggregate
