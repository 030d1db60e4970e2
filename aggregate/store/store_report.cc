#include "aggregate/store/store_report.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "acct/record/record_view.h"
#include "aggregate/report/row_filter.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/store_capacity.h"
#include "aggregate/usage/grouping.h"

namespace cpuagg::aggregate {
namespace {

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

// NotFound if a snapshot has disappeared because it was merged since the listing, or if there is a
// new run: it may have written down that rows were deleted, which some snapshots no longer had.
absl::StatusOr<StoreContents> ReadOnce(const SnapshotStore& store, const Period& period,
                                       absl::TimeZone zone, const StoreOptions& from,
                                       const ReportOptions& options) {
  absl::StatusOr<StoreListing> listing = store.List();
  if (!listing.ok()) return listing.status();
  StoreContents result{.last_run = listing->last_run};
  absl::Time reported_until = absl::InfinitePast();
  absl::Time late_begin = absl::InfiniteFuture();  // the begin of new usage from before the period
  StoreReportBuilder builder(period, zone, *listing, from, options);
  for (const DamagedSnapshot& damaged : listing->damaged) {
    result.damage.push_back(damaged.problem);
  }
  for (const MissingRuns& missing : listing->missing) {
    if (missing.runs.last > from.after_run) builder.AddGap(missing.gap);
  }
  const WantedRows rows =
      Has(GroupingFor(options), Dimension::kCommand) ? WantedRows::kAll : WantedRows::kUsers;
  std::optional<Snapshot> newest;
  absl::Time before = absl::InfinitePast();
  for (const StoredSnapshot& stored : listing->snapshots) {
    const bool is_newest = &stored == &listing->snapshots.back();
    const bool is_needed = builder.Needs(stored.header, before);
    builder.AddHeader(stored.header);
    if (is_needed || is_newest) {
      absl::StatusOr<Snapshot> snapshot = store.Load(stored, rows);
      if (absl::IsDataLoss(snapshot.status())) {
        result.damage.emplace_back(snapshot.status().message());
        builder.AddGap({.period = {.begin = before, .end = stored.header.captured_at},
                        .reason = absl::StrCat(snapshot.status().message(),
                                               "; what was collected then is not counted")});
      } else if (!snapshot.ok()) {
        return snapshot.status();
      } else {
        if (is_newest) newest = *snapshot;
        if (is_needed) builder.Add(*std::move(snapshot));
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
  const absl::StatusOr<uint64_t> last_run = store.LastRun();
  if (!last_run.ok()) return last_run.status();
  if (*last_run != listing->last_run) {
    return absl::NotFoundError(absl::StrCat(store.directory(), ": has a new run"));
  }
  result.rows = builder.Finish(newest);
  Report& report = result.rows.report;
  if (!listing->snapshots.empty()) report.host = listing->snapshots.back().header.host;
  report.is_of_store = true;
  report.known = KnownTime(*listing);
  if (report.previous.has_value() && report.known.has_value()) {
    AddUnknown({.end = report.known->begin}, *report.previous);
  }
  for (const std::vector<std::string>* const asked :
       {&options.only_users, &options.ignored_users}) {
    for (const std::string& user : *asked) {
      if (HasUser(*listing, user)) result.known_users.push_back(user);
    }
  }
  if (!listing->snapshots.empty()) {
    const SnapshotHeader& last = listing->snapshots.back().header;
    if (last.accounting.seems_off()) {
      SetAccountingOff({last.accounting.since, last.accounting.remedy}, period, from.now, report);
    }
  }
  // What ended before and has already been reported is not part of what is new. But what ended
  // before and was found later is, such as a generation that was missing.
  if (from.after_run > 0 && period.begin == absl::InfinitePast()) {
    const absl::Time begin = std::min(reported_until, late_begin);
    result.new_time = {.begin = begin, .end = std::max(begin, report.period.end)};
  }
  if (newest.has_value()) {
    result.newest_cursors = std::move(newest->cursors);
    result.newest_boot = std::move(newest->running.boot_id);
  }
  result.listing = *std::move(listing);
  return result;
}

}  // namespace

absl::StatusOr<StoreContents> ReadStore(const SnapshotStore& store, const Period& period,
                                        absl::TimeZone zone, const StoreOptions& from,
                                        const ReportOptions& options) {
  for (const Dimension dimension : GroupingFor(options)) {
    if (dimension == Dimension::kGroup || dimension == Dimension::kTty ||
        dimension == Dimension::kSignal) {
      return absl::InvalidArgumentError(
          "--by: the store knows users, commands and times; name the accounting files, or add "
          "--accounting-file FILE, to ask them for groups, terminals or signals");
    }
  }
  constexpr int kTries = 10;
  for (int i = 0; i < kTries; ++i) {
    absl::StatusOr<StoreContents> result = ReadOnce(store, period, zone, from, options);
    if (!absl::IsNotFound(result.status())) return result;
  }
  return absl::UnavailableError(
      absl::StrCat(store.directory(), ": kept changing while it was read; try again"));
}

absl::StatusOr<StoreReport> ReportFromStore(const SnapshotStore& store, const Period& period,
                                            absl::TimeZone zone, const StoreOptions& from,
                                            const ReportOptions& options) {
  absl::StatusOr<StoreContents> contents = ReadStore(store, period, zone, from, options);
  if (!contents.ok()) return contents.status();
  StoreReport result{.report = std::move(contents->rows.report),
                     .last_run = contents->last_run,
                     .damage = std::move(contents->damage)};
  Report& report = result.report;
  ReportOptions compared = options;
  compared.compare_with.reset();
  std::optional<Comparison> before;
  std::swap(before, report.previous);
  if (before.has_value()) compared.compare_with = before->period;
  FillRows(std::move(contents->rows.rows), compared, report,
           std::move(contents->rows.previous_rows));
  KeepWhatIsUnknown(std::move(before), report.previous);
  SetCapacity(contents->listing, period, from.after_run, zone, report);
  for (Unmatched& unmatched : report.unmatched) {
    unmatched.is_in_store = unmatched.kind != Unmatched::Kind::kCommand &&
                            std::find(contents->known_users.begin(), contents->known_users.end(),
                                      unmatched.asked) != contents->known_users.end();
  }
  if (contents->new_time.has_value()) report.period = *contents->new_time;
  return result;
}

}  // namespace cpuagg::aggregate
