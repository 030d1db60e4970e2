#include "aggregate/running/bucket_totals.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "acct/record/units.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/tally/record_summary.h"

namespace cpuagg::aggregate {
namespace {

// Sums for the store, and lists the ends of watched processes.
struct StoreAccumulator {
  BucketFinder buckets;
  UsageSpread spread;
  const absl::flat_hash_set<uint32_t>* watched;
  CommandBits watched_command;
  int64_t watched_since;
  uint64_t scan_offset;
  UserBucketTable usage = {};
  CommandBucketTable commands = {};
  size_t most_commands = size_t{1} << 18;  // in memory
  RecordSummary summary = {};
  int64_t first_end = std::numeric_limits<int64_t>::max();
  std::vector<ProcessExit> exits = {};
  uint64_t records_without_pid = 0;

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
    } else if (watched->contains(*pid) ||
               (record.begin_time() >= watched_since && command == watched_command)) {
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
  StoreAccumulator Fresh() const {
    return {.buckets = buckets,
            .spread = spread,
            .watched = watched,
            .watched_command = watched_command,
            .watched_since = watched_since,
            .scan_offset = scan_offset};
  }
  void Merge(StoreAccumulator other) {
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
