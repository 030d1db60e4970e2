#include "aggregate/store/store_report.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "acct/record/units.h"
#include "acct/scan/byte_account.h"
#include "aggregate/buckets/blocks.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/report/row_filter.h"
#include "aggregate/running/running.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/row_settlement.h"
#include "aggregate/tally/usage_table.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/user_history.h"

namespace cpuagg::aggregate {
namespace {

UserIdentity NamedBy(UserDirectory& names, acct::Uid uid) {
  NameAnswer name = names.NameOf(uid);
  if (!name.ok()) return {.uid = uid, .is_unresolved = true};
  return {.uid = uid, .name = *std::move(name)};
}

// The blocks of the runs in the report, for rows of `by`.
Blocks BlocksOf(const StoreListing& listing, uint64_t after_run, const Grouping& by) {
  std::vector<Bucket> buckets;
  for (const StoredSnapshot& stored : listing.snapshots) {
    const SnapshotHeader& header = stored.header;
    if (header.runs.last <= after_run) continue;
    const std::vector<Bucket>& added =
        Has(by, Dimension::kCommand) ? header.command_buckets : header.user_buckets;
    buckets.insert(buckets.end(), added.begin(), added.end());
  }
  return Blocks(std::move(buckets));
}

// The period to compare with. `period` is the widened form of `asked`. A block at the border of
// both periods belongs to the later one.
Period WidenedBefore(const Period& before, const Period& asked, const Period& period,
                     const Blocks& blocks) {
  Period widened = blocks.Widened(before);
  if (before.end <= asked.begin) widened.end = std::min(widened.end, period.begin);
  widened.begin = std::min(widened.begin, widened.end);
  return widened;
}

// Adds up snapshots, oldest first, to a report.
class StoreReader {
 public:
  StoreReader(const Period& asked, absl::TimeZone zone, const StoreListing& listing,
              const StoreOptions& from, const ReportOptions& options)
      : zone_(zone),
        from_(from),
        options_(options),
        by_(GroupingFor(options)),
        blocks_(BlocksOf(listing, from.after_run, by_)),
        asked_(asked),
        period_(blocks_.Widened(asked)),
        buckets_(BucketUnit(by_), zone) {
    if (options.compare_with.has_value()) {
      options_.compare_with = WidenedBefore(*options.compare_with, asked, period_, blocks_);
    }
  }

  // `before` is the capture time of the previous snapshot.
  bool Needs(const SnapshotHeader& header, absl::Time before) const {
    if (header.runs.last <= from_.after_run) return false;
    return IsOf(header, before, period_) ||
           (options_.compare_with.has_value() && IsOf(header, before, *options_.compare_with));
  }

  // Call for every header, whether its snapshot is needed or not: headers say which accounts
  // existed.
  void AddHeader(const SnapshotHeader& header) {
    accounts_.clear();
    for (const UserIdentity& account : header.accounts) {
      accounts_.push_back(
          book_.Add(from_.names == nullptr ? account : NamedBy(*from_.names, account.uid)));
    }
    knows_previous_ |=
        options_.compare_with.has_value() && !header.user_buckets.empty() &&
        absl::FromUnixSeconds(header.user_buckets.front().begin) < options_.compare_with->end;
    if (header.runs.last <= from_.after_run) return;
    for (const Gap& gap : header.gaps) AddGap(gap);
  }

  void AddGap(const Gap& gap) {
    if (gap.period.Overlaps(period_)) report_.gaps.push_back(gap);
    gaps_.push_back(gap.period);
  }

  // Adds the snapshot of the last header.
  void Add(Snapshot snapshot) {
    bool in_period = false;
    if (Has(by_, Dimension::kCommand)) {
      for (const CommandRow& row : snapshot.commands) in_period |= AddRow(row, row.command);
    } else {
      for (const UserRow& row : snapshot.users) in_period |= AddRow(row, {});
    }
    if (in_period) span_.Cover(snapshot.header.span);
    for (acct::ByteAccount& input : snapshot.inputs) report_.inputs.push_back(std::move(input));
  }

  // `newest` is the store's newest snapshot, if it could be read.
  Report Finish(const std::optional<Snapshot>& newest) {
    SettleAccounts(table_);
    SettleAccounts(previous_table_);
    std::vector<ReportRow> rows = RowsOf(table_);
    std::optional<std::vector<ReportRow>> previous_rows;
    if (knows_previous_) previous_rows = RowsOf(previous_table_);
    if (newest.has_value()) {
      report_.excludes_running = !newest->header.counts_running;
      SettleRunning(newest->running, by_, rows);
      // Running processes have used their time up to then, even if some were hidden.
      const RunningBaseline& running = newest->running;
      if (!running.boot_id.empty() && !span_.empty()) {
        span_.Cover(running.scanned_at, running.scanned_at);
      }
    }
    report_.period = OrSpan(period_, span_);
    // If a block begins before `asked_`, all of its processes may have ended before that.
    if (period_.end == absl::InfiniteFuture() && asked_.begin != absl::InfinitePast()) {
      report_.period.end = std::max(report_.period.end, asked_.begin);
    }
    if (period_ != asked_) report_.asked_period = asked_;
    FillRows(std::move(rows), options_, report_, std::move(previous_rows));
    if (report_.previous.has_value()) {
      for (const Period& gap : gaps_) AddUnknown(gap, *report_.previous);
    }
    if (HasTime(by_)) SetStretches(report_.rows);
    return std::move(report_);
  }

 private:
  // Whether some of what was collected may have ended in `period`. If only damage was read, all
  // that is known is that it came after `before`.
  bool IsOf(const SnapshotHeader& header, absl::Time before, const Period& period) const {
    if (!header.buckets.empty()) {
      return period.begin <= BlockOf(header.buckets.last_end) &&
             BlockOf(header.buckets.first_begin) < period.end;
    }
    return header.level != MergeLevel::kExpired && period.begin <= header.captured_at &&
           before < period.end;
  }

  // The beginning of the block of the bucket that begins at `begin`.
  absl::Time BlockOf(int64_t begin) const { return absl::FromUnixSeconds(blocks_.BeginOf(begin)); }

  // Sets the time of each row that does not cover exactly an hour or a day, within the period.
  void SetStretches(std::vector<ReportRow>& rows) const {
    const std::map<int64_t, Bucket> stretches = blocks_.ByUnit(BucketUnit(by_), zone_);
    CalendarBuckets units(BucketUnit(by_), zone_);
    for (ReportRow& row : rows) {
      const auto found = stretches.find(row.begin);
      const Bucket unit = {.begin = row.begin, .end = units.EndOf(row.begin)};
      if (found == stretches.end() || found->second == unit) continue;
      row.stretch = {.begin = std::max(absl::FromUnixSeconds(found->second.begin), period_.begin),
                     .end = std::min(absl::FromUnixSeconds(found->second.end), period_.end)};
    }
  }

  // Whether the row is in the period.
  template <typename Row>
  bool AddRow(const Row& row, const CommandBits& command) {
    GroupKey key{.command = command};
    if (Has(by_, Dimension::kUser)) {
      key.account = accounts_[row.account];
      key.uid = book_.accounts()[key.account].uid;
    }
    if (row.begin != bucket_) {
      bucket_ = row.begin;
      block_ = blocks_.BeginOf(row.begin);
    }
    const absl::Time begin = absl::FromUnixSeconds(block_);
    if (options_.compare_with.has_value() && options_.compare_with->Contains(begin)) {
      previous_table_[key] += row.usage;
    }
    if (!period_.Contains(begin)) return false;
    if (HasTime(by_)) key.begin = buckets_.BeginOf(block_);
    table_[key] += row.usage;
    return true;
  }

  // The accounts of rows are known only after all headers have been added.
  void SettleAccounts(GroupTable& table) const {
    if (!Has(by_, Dimension::kUser)) return;
    const bool are_settled = std::all_of(table.begin(), table.end(), [&](const auto& entry) {
      return book_.Settled(entry.first.account) == entry.first.account;
    });
    if (are_settled) return;
    GroupTable settled;
    for (const auto& [key, usage] : table) {
      GroupKey settled_key = key;
      settled_key.account = book_.Settled(key.account);
      settled[settled_key] += usage;
    }
    table = std::move(settled);
  }

  std::vector<ReportRow> RowsOf(const GroupTable& table) const {
    std::vector<ReportRow> rows;
    rows.reserve(table.size());
    for (const auto& [key, usage] : table) {
      ReportRow row{.uid = key.uid, .begin = key.begin, .usage = usage};
      if (Has(by_, Dimension::kUser)) {
        const UserIdentity& account = book_.accounts()[key.account];
        row.user = account.name;
        row.is_unresolved = account.is_unresolved;
      }
      if (key.command == kOtherCommands) {
        row.command.reset();
      } else {
        row.command = CommandText(key.command);
      }
      rows.push_back(std::move(row));
    }
    if (Has(by_, Dimension::kCommand)) BalanceCommands(rows);
    DropNegative(rows);
    // All of its usage turned out to belong to somebody else.
    std::erase_if(rows, [](const ReportRow& row) {
      return row.usage.processes == 0 && row.usage.cpu_time() == acct::ExactTime();
    });
    return rows;
  }

  absl::TimeZone zone_;
  StoreOptions from_;
  ReportOptions options_;
  Grouping by_;
  Blocks blocks_;
  Period asked_;
  Period period_;
  CalendarBuckets buckets_;
  // The bucket of the last row and its block, as a cache: rows come in the order of their buckets.
  int64_t bucket_ = std::numeric_limits<int64_t>::min();
  int64_t block_ = 0;
  UserHistory book_;
  std::vector<uint32_t> accounts_;  // for the last header: its index -> that of the history
  GroupTable table_;
  GroupTable previous_table_;
  bool knows_previous_ = false;
  TimeSpan span_;
  std::vector<Period> gaps_;  // inside or outside of the period
  Report report_;
};

// From the first bucket, or from the first run if that found nothing, to the last run. Expired data
// does not count as known.
std::optional<Period> KnownTime(const StoreListing& listing) {
  Period known = {.begin = absl::InfiniteFuture(), .end = absl::InfinitePast()};
  for (const StoredSnapshot& stored : listing.snapshots) {
    const SnapshotHeader& header = stored.header;
    if (header.level == MergeLevel::kExpired) continue;
    // Those of commands are coarser. Ignores processes that ended in 1970, by a clock that was not
    // set.
    const auto first = std::find_if(
        header.user_buckets.begin(), header.user_buckets.end(),
        [](const auto& bucket) { return bucket.begin >= int64_t{acct::kEarliestBegin}; });
    if (first != header.user_buckets.end()) {
      known.begin = std::min(known.begin, absl::FromUnixSeconds(first->begin));
    }
    known.end = std::max(known.end, header.captured_at);
  }
  // The clock may have been set back since.
  if (known.begin == absl::InfiniteFuture()) return std::nullopt;
  return Period{.begin = std::min(known.begin, known.end), .end = known.end};
}

// Whether the store has ever had a user of this name or id.
bool HasUser(const StoreListing& listing, const std::string& asked) {
  return std::any_of(
      listing.snapshots.begin(), listing.snapshots.end(), [&](const StoredSnapshot& stored) {
        const std::vector<UserIdentity>& accounts = stored.header.accounts;
        return std::any_of(accounts.begin(), accounts.end(), [&](const UserIdentity& account) {
          return IsUser(asked, account.uid, account.name);
        });
      });
}

// NotFound if a snapshot has disappeared because it was merged since the listing.
absl::StatusOr<StoreReport> ReadStore(const SnapshotStore& store, const Period& period,
                                      absl::TimeZone zone, const StoreOptions& from,
                                      const ReportOptions& options) {
  const absl::StatusOr<StoreListing> listing = store.List();
  if (!listing.ok()) return listing.status();
  StoreReport result{.last_run = listing->last_run};
  absl::Time reported_until = absl::InfinitePast();
  absl::Time late_begin = absl::InfiniteFuture();  // the begin of new usage from before the period
  StoreReader reader(period, zone, *listing, from, options);
  for (const DamagedSnapshot& damaged : listing->damaged) {
    result.damage.push_back(damaged.problem);
  }
  for (const MissingRuns& missing : listing->missing) {
    if (missing.runs.last > from.after_run) reader.AddGap(missing.gap);
  }
  std::optional<Snapshot> newest;
  absl::Time before = absl::InfinitePast();
  for (const StoredSnapshot& stored : listing->snapshots) {
    const bool is_newest = &stored == &listing->snapshots.back();
    const bool is_needed = reader.Needs(stored.header, before);
    reader.AddHeader(stored.header);
    if (is_needed || is_newest) {
      absl::StatusOr<Snapshot> snapshot = store.Load(stored);
      if (absl::IsDataLoss(snapshot.status())) {
        result.damage.emplace_back(snapshot.status().message());
        reader.AddGap({.period = {.begin = before, .end = stored.header.captured_at},
                       .reason = absl::StrCat(snapshot.status().message(),
                                              "; what was collected then is not counted")});
      } else if (!snapshot.ok()) {
        return snapshot.status();
      } else {
        if (is_newest) newest = *snapshot;
        if (is_needed) reader.Add(*std::move(snapshot));
      }
    }
    before = stored.header.captured_at;
    if (stored.header.runs.last <= from.after_run) {
      reported_until = before;
    } else if (!stored.header.user_buckets.empty()) {
      const Bucket& first = stored.header.user_buckets.front();
      if (absl::FromUnixSeconds(first.end) <= reported_until) {
        late_begin = std::min(late_begin, absl::FromUnixSeconds(first.begin));
      }
    }
  }
  result.report = reader.Finish(newest);
  result.report.is_of_store = true;
  result.report.known = KnownTime(*listing);
  if (result.report.previous.has_value() && result.report.known.has_value()) {
    AddUnknown({.end = result.report.known->begin}, *result.report.previous);
  }
  for (Unmatched& unmatched : result.report.unmatched) {
    unmatched.is_in_store =
        unmatched.kind != Unmatched::Kind::kCommand && HasUser(*listing, unmatched.asked);
  }
  if (!listing->snapshots.empty()) {
    const SnapshotHeader& last = listing->snapshots.back().header;
    if (last.accounting.seems_off()) {
      SetAccountingOff({last.accounting.since, last.accounting.remedy}, period, from.now,
                       result.report);
    }
  }
  // What ended before and has already been reported is not part of what is new. But what ended
  // before and was found later is, such as a generation that was missing.
  if (from.after_run > 0 && period.begin == absl::InfinitePast()) {
    Period& counted = result.report.period;
    counted.begin = std::min(reported_until, late_begin);
    counted.end = std::max(counted.begin, counted.end);
  }
  return result;
}

}  // namespace

absl::StatusOr<StoreReport> ReportFromStore(const SnapshotStore& store, const Period& period,
                                            absl::TimeZone zone, const StoreOptions& from,
                                            const ReportOptions& options) {
  for (const Dimension dimension : GroupingFor(options)) {
    if (dimension == Dimension::kGroup || dimension == Dimension::kTty) {
      return absl::InvalidArgumentError(
          "--by: the store knows users, commands, hours and days; name the accounting files to ask "
          "them for groups or terminals");
    }
  }
  constexpr int kTries = 10;
  for (int i = 0; i < kTries; ++i) {
    absl::StatusOr<StoreReport> result = ReadStore(store, period, zone, from, options);
    if (!absl::IsNotFound(result.status())) return result;
  }
  return absl::UnavailableError(
      absl::StrCat(store.directory(), ": kept changing while it was read; try again"));
}

}  // namespace cpuagg::aggregate
