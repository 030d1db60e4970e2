#include "aggregate/running/bucket_totals.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/base/attributes.h"
#include "acct/record/layout.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/units.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/tally/record_summary.h"
#include "aggregate/tally/table_accumulator.h"
#include "aggregate/tally/table_key.h"

namespace cpuagg::aggregate {
namespace {

// A user's command in a bucket of users.
struct StoreKeyOf {
  BucketFinder buckets;

  ABSL_ATTRIBUTE_ALWAYS_INLINE CommandBucket operator()(acct::RecordV3View record) {
    return {
        .uid = record.uid(), .begin = buckets.OfUser(EndOf(record)), .command = CommandOf(record)};
  }
};

// Sums for the store, and lists the ends of watched processes. Ordinary records, regular ones which
// nothing but the sums needs, are added in a fast loop to one table, which gives both of the
// store's.
struct StoreAccumulator {
  BucketFinder buckets;
  UsageSpread spread;
  const absl::flat_hash_set<uint32_t>* watched;
  CommandBits watched_command;
  int64_t watched_since;
  uint64_t scan_offset;
  TableAccumulator<CommandBucket, StoreKeyOf> ordinary = {.key_of = {buckets}};
  // Of all other records, and of those that AddOrdinary() has moved here.
  UserBucketTable usage = {};
  CommandBucketTable commands = {};
  size_t most_commands = size_t{1} << 18;  // in memory, and the most keys of `ordinary`
  RecordSummary summary = {};
  int64_t first_end = std::numeric_limits<int64_t>::max();
  std::vector<ProcessExit> exits = {};
  uint64_t records_without_pid = 0;

  size_t AddRegular(const uint8_t* begin, const uint8_t* end, uint64_t offset) {
    if (!buckets.CommandsFollowUsers()) return 0;
    const uint8_t* at = begin;
    while (at < end) {
      const uint8_t* const stop = OrdinaryUpTo(at, end);
      if (at < stop) {
        const uint8_t* const reached = at + ordinary.AddRegular(at, stop, offset);
        AddFirstEnd(at, reached);
        if (ordinary.usage.size() > most_commands) AddOrdinary();
        at = reached;
        if (at < stop) break;
      } else {
        const acct::RecordV3View record(at);
        if (!record.IsFollowedByRegular()) break;
        Add(record, offset + static_cast<size_t>(at - begin));
        at += acct::kRecordBytes;
      }
    }
    return static_cast<size_t>(at - begin);
  }
  template <typename Record>
  void Add(const Record& record, uint64_t offset) {
    summary.Add(record);
    const int64_t end = EndOf(record);
    first_end = std::min(first_end, end);
    const uint64_t elapsed = record.elapsed_ticks();
    const int64_t bucket = buckets.OfUser(end);
    usage[{record.uid(), bucket}].Add(record, elapsed);
    const CommandBits command = CommandOf(record);
    commands[{record.uid(), buckets.OfCommand(end), command}].Add(record, elapsed);
    const std::optional<uint32_t> pid = record.view().pid();
    if (!pid.has_value()) {
      ++records_without_pid;
    } else if (IsWatched(record, *pid, command)) {
      exits.push_back({.pid = *pid,
                       .begin_time = record.begin_time(),
                       .end_time = end,
                       .after_scan = offset >= scan_offset,
                       .uid = record.uid(),
                       .command = command,
                       .user_ticks = record.user_ticks(),
                       .system_ticks = record.system_ticks(),
                       .flags = record.view().flags()});
    } else if (spread.MayDivide(record.begin_time(), bucket)) {
      Divide(record, command, end);
    }
    if (commands.size() > most_commands) CutCommands();
  }
  // Moves what the process used in earlier buckets there. A record with a process id has its ticks
  // at acct::kTicksPerSecond.
  template <typename Record>
  void Divide(const Record& record, const CommandBits& command, int64_t end) {
    const acct::Uid uid = record.uid();
    for (const UsageSpread::Part& part : spread.EarlierParts(
             record.begin_time(), end, record.user_ticks(), record.system_ticks())) {
      for (TickSums* const used :
           {&usage[{uid, part.bucket}].ticks,
            &commands[{uid, buckets.OfCommand(part.bucket), command}].ticks}) {
        used->user += part.user_ticks;
        used->system += part.system_ticks;
      }
      for (TickSums* const rest : {&usage[{uid, buckets.OfUser(end)}].ticks,
                                   &commands[{uid, buckets.OfCommand(end), command}].ticks}) {
        rest->user -= part.user_ticks;
        rest->system -= part.system_ticks;
      }
    }
  }
  template <typename Record>
  bool IsWatched(const Record& record, uint32_t pid, const CommandBits& command) const {
    return watched->contains(pid) ||
           (record.begin_time() >= watched_since && command == watched_command);
  }
  // The end of the ordinary records from `at` on, of as many as the first-level cache holds. Bytes
  // that are not a record may be among them.
  const uint8_t* OrdinaryUpTo(const uint8_t* at, const uint8_t* end) {
    constexpr ptrdiff_t kMostBytes = 128 * acct::kRecordBytes;
    if (end - at > kMostBytes) end = at + kMostBytes;
    const bool watches = !watched->empty() || watched_since < std::numeric_limits<int64_t>::max();
    if (!watches && !spread.divides()) return end;
    for (; at < end; at += acct::kRecordBytes) {
      const acct::RecordV3View record(at);
      if (watches && IsWatched(record, *record.pid(), CommandOf(record))) break;
      if (spread.divides() &&
          spread.MayDivide(record.begin_time(), buckets.OfUser(EndOf(record)))) {
        break;
      }
    }
    return at;
  }
  void AddFirstEnd(const uint8_t* begin, const uint8_t* end) {
    if (begin == end) return;
    int64_t first = std::numeric_limits<int64_t>::max();
    for (const uint8_t* at = begin; at < end; at += acct::kRecordBytes) {
      first = std::min(first, acct::RecordV3View(at).end_hundredths());
    }
    first_end = std::min(first_end, first / 100);
  }
  // Moves the sums of ordinary records to the tables of the store.
  void AddOrdinary() {
    for (const auto& [key, sums] : ordinary.usage) {
      usage[{key.uid, key.begin}] += sums;
      commands[{key.uid, buckets.OfCommand(key.begin), key.command}] += sums;
    }
    ordinary.usage = {};
    summary.Merge(std::exchange(ordinary.summary, {}));
    if (commands.size() > most_commands) CutCommands();
  }
  StoreAccumulator Fresh() const {
    return {.buckets = buckets,
            .spread = spread,
            .watched = watched,
            .watched_command = watched_command,
            .watched_since = watched_since,
            .scan_offset = scan_offset};
  }
  void Merge(StoreAccumulator other) {
    ordinary.Merge(std::move(other.ordinary));
    if (ordinary.usage.size() > most_commands) AddOrdinary();
    usage += std::move(other.usage);
    commands += std::move(other.commands);
    summary.Merge(other.summary);
    first_end = std::min(first_end, other.first_end);
    exits.insert(exits.end(), other.exits.begin(), other.exits.end());
    records_without_pid += other.records_without_pid;
  }

  void CutCommands() {
    std::vector<CommandRow> rows;
    rows.reserve(commands.size());
    for (const auto& [key, sums] : commands) {
      rows.push_back(
          {.begin = key.begin, .account = key.uid.value(), .command = key.command, .usage = sums});
    }
    commands = CommandBucketTable();
    for (const CommandRow& row : TopCommands(std::move(rows))) {
      commands[{acct::Uid(row.account), row.begin, row.command}] = row.usage;
    }
    // There are so many users and hours that little can be cut.
    if (commands.size() > most_commands / 2) most_commands *= 2;
  }
};

}  // namespace

absl::StatusOr<acct::ByteAccount> Aggregate(acct::ByteSource& source,
                                            const acct::ReadOptions& options,
                                            BucketTotals& totals) {
  StoreAccumulator accumulator{.buckets = BucketFinder(totals.policy),
                               .spread = UsageSpread(totals.policy, totals.window),
                               .watched = &totals.watched_pids,
                               .watched_command = totals.watched_command,
                               .watched_since = totals.watched_since,
                               .scan_offset = totals.scan_offset};
  absl::StatusOr<acct::ByteAccount> account = acct::ReadRecords(source, options, accumulator);
  if (!account.ok()) return account.status();
  accumulator.AddOrdinary();
  account->invalid_elapsed = accumulator.summary.invalid_elapsed;
  totals.usage += std::move(accumulator.usage);
  totals.commands += std::move(accumulator.commands);
  accumulator.summary.AddTo(totals.span);
  totals.first_end = std::min(totals.first_end, accumulator.first_end);
  totals.exits.insert(totals.exits.end(), accumulator.exits.begin(), accumulator.exits.end());
  totals.records_without_pid += accumulator.records_without_pid;
  return account;
}

}  // namespace cpuagg::aggregate
