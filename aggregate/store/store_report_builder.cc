#include "aggregate/store/store_report_builder.h"

#include <algorithm>
#include <map>
#include <utility>

#include "acct/record/units.h"
#include "acct/scan/byte_account.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/running/running_baseline.h"
#include "aggregate/store/forgetting.h"
#include "aggregate/store/row_settlement.h"
#include "aggregate/usage/named_period.h"

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

// `counted`, with an hour of `hours` that is counted in part as a whole if there is nothing in the
// rest of it.
Period OverIdleTime(const Period& counted, const Period& hours, const Blocks& blocks) {
  Period whole = counted;
  if (hours.begin < counted.begin && !blocks.HaveAnyIn({hours.begin, counted.begin})) {
    whole.begin = hours.begin;
  }
  if (counted.end < hours.end && !blocks.HaveAnyIn({counted.end, hours.end})) {
    whole.end = hours.end;
  }
  return whole;
}

// How much longer `counted` is than the whole hours of `asked`. An open end stays open.
absl::Duration AddedTo(const Period& asked, const Period& counted, const Blocks& blocks,
                       absl::TimeZone zone) {
  const Period hours = WholeHours(asked, zone);
  const Period whole = OverIdleTime(counted, hours, blocks);
  absl::Duration added;
  if (asked.begin != absl::InfinitePast()) added += hours.begin - whole.begin;
  if (asked.end != absl::InfiniteFuture()) added += whole.end - hours.end;
  return added;
}

// The period to compare with; nullopt if blocks make one of the two longer than the other, so that
// their numbers would differ for that alone. `period` is the widened form of `asked`. A block at
// the border of both periods belongs to the later one.
std::optional<Period> WidenedBefore(const Period& before, const Period& asked, const Period& period,
                                    const Blocks& blocks, absl::TimeZone zone) {
  Period widened = blocks.Widened(before);
  if (before.end <= asked.begin) widened.end = std::min(widened.end, period.begin);
  widened.begin = std::min(widened.begin, widened.end);
  // An hour of two days does not matter.
  constexpr int64_t kAllowedShare = 50;
  const absl::Duration difference = absl::AbsDuration(AddedTo(asked, period, blocks, zone) -
                                                      AddedTo(before, widened, blocks, zone));
  if (difference * kAllowedShare > before.end - before.begin) return std::nullopt;
  return widened;
}

}  // namespace

StoreReportBuilder::StoreReportBuilder(const Period& asked, absl::TimeZone zone,
                                       const StoreListing& listing, const StoreOptions& from,
                                       const ReportOptions& options)
    : zone_(zone),
      from_(from),
      options_(options),
      by_(GroupingFor(options)),
      blocks_(BlocksOf(listing, from.after_run, by_)),
      asked_(asked),
      period_(blocks_.Widened(asked)),
      buckets_(BucketUnit(by_), zone) {
  if (options.compare_with.has_value()) {
    options_.compare_with = WidenedBefore(*options.compare_with, asked, period_, blocks_, zone);
    report_.has_unequal_before = !options_.compare_with.has_value() && !HasTime(by_);
  }
}

bool StoreReportBuilder::Needs(const SnapshotHeader& header, absl::Time before) const {
  if (header.runs.last <= from_.after_run) return false;
  return IsOf(header, before, period_) ||
         (options_.compare_with.has_value() && IsOf(header, before, *options_.compare_with));
}

void StoreReportBuilder::AddHeader(const SnapshotHeader& header) {
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

void StoreReportBuilder::AddGap(const Gap& gap) {
  if (gap.period.Overlaps(period_)) report_.gaps.push_back(gap);
  gaps_.push_back(gap);
}

void StoreReportBuilder::Add(Snapshot snapshot) {
  bool in_period = false;
  if (Has(by_, Dimension::kCommand)) {
    for (const CommandRow& row : snapshot.commands) in_period |= AddRow(row, row.command);
  } else {
    for (const UserRow& row : snapshot.users) in_period |= AddRow(row, {});
  }
  if (in_period) span_.Cover(snapshot.header.span);
  // Later, it has been merged with runs that say more.
  if (in_period && snapshot.header.runs == Runs{1, 1}) {
    report_.has_time_before_collecting = std::any_of(
        snapshot.users.begin(), snapshot.users.end(),
        [](const UserRow& row) { return row.usage.running_time() > acct::ExactTime(); });
  }
  for (acct::ByteAccount& input : snapshot.inputs) report_.inputs.push_back(std::move(input));
}

StoreRows StoreReportBuilder::Finish(const std::optional<Snapshot>& newest) {
  SettleAccounts(table_);
  SettleAccounts(previous_table_);
  StoreRows result;
  std::vector<ReportRow>& rows = result.rows;
  rows = RowsOf(table_);
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
  if (knows_previous_ && options_.compare_with.has_value() && !HasTime(by_)) {
    result.previous_rows = RowsOf(previous_table_);
    report_.previous = {.period = *options_.compare_with};
    Comparison& previous = *report_.previous;
    for (const Gap& gap : gaps_) {
      if (!IsDeletionOfSome(gap)) {
        AddUnknown(gap.period, previous);
      } else if (gap.period.Overlaps(previous.period)) {
        previous.lacks_deleted = true;
      }
    }
  }
  if (HasTime(by_)) SetStretches(rows);
  result.report = std::move(report_);
  return result;
}

// Whether some of what was collected may have ended in `period`. If only damage was read, all that
// is known is that it came after `before`.
bool StoreReportBuilder::IsOf(const SnapshotHeader& header, absl::Time before,
                              const Period& period) const {
  if (!header.buckets.empty()) {
    return period.begin <= BlockOf(header.buckets.last_end) &&
           BlockOf(header.buckets.first_begin) < period.end;
  }
  return header.level != MergeLevel::kExpired && period.begin <= header.captured_at &&
         before < period.end;
}

// The beginning of the block of the bucket that begins at `begin`.
absl::Time StoreReportBuilder::BlockOf(int64_t begin) const {
  return absl::FromUnixSeconds(blocks_.BeginOf(begin));
}

// Sets the time of each row that does not cover exactly its unit, within the period.
void StoreReportBuilder::SetStretches(std::vector<ReportRow>& rows) const {
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
bool StoreReportBuilder::AddRow(const Row& row, const CommandBits& command) {
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
void StoreReportBuilder::SettleAccounts(GroupTable& table) const {
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

std::vector<ReportRow> StoreReportBuilder::RowsOf(const GroupTable& table) const {
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

}  // namespace cpuagg::aggregate
