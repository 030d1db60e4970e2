#include "aggregate/store/compaction.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "acct/record/units.h"
#include "acct/scan/byte_account.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/running/machine_time.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/usage.h"
#include "aggregate/usage/user_history.h"

namespace cpuagg::aggregate {
namespace {

// Single runs are kept as long as somebody may ask what the last ones brought, and to have a
// snapshot to fall back to if the newest is damaged.
constexpr int kDaysOfRuns = 2;

// The group of a snapshot: `level`, and the day or month to merge.
struct Group {
  MergeLevel level;
  absl::CivilDay begin;

  friend bool operator==(const Group&, const Group&) = default;
};

// nullopt if the snapshot is not merged.
std::optional<Group> GroupOf(const SnapshotHeader& header, absl::CivilDay today,
                             absl::TimeZone zone, const Retention& retention) {
  if (header.level == MergeLevel::kExpired) return Group{MergeLevel::kExpired, absl::CivilDay()};
  const absl::CivilDay day = DateOf(header.captured_at, zone);
  if (retention.days.has_value()) {
    const absl::Time limit = BeginOfDate(today - *retention.days, zone);
    const bool is_recent = header.captured_at >= limit;
    const bool has_recent =
        !header.buckets.empty() && header.buckets.last_end >= absl::ToUnixSeconds(limit);
    if (!is_recent && !has_recent) return Group{MergeLevel::kExpired, absl::CivilDay()};
  }
  const absl::CivilMonth month(day);
  if (absl::CivilDay(month + 1) + retention.days_of_hours <= today) {
    return Group{MergeLevel::kMonth, absl::CivilDay(month)};
  }
  if (day + kDaysOfRuns < today) return Group{MergeLevel::kDay, day};
  return std::nullopt;
}

// Adds up the accounts of inputs with the same name, so that a year of one file is one account.
void AddInput(const acct::ByteAccount& input, std::map<std::string, acct::ByteAccount>& inputs) {
  const auto [place, is_new] = inputs.try_emplace(input.name, input);
  if (!is_new) place->second.Add(input);
}

// Only what counters show is kept of deleted usage.
void AddExpired(const UserIdentity& user, const Usage& usage, std::vector<ExpiredUsage>& expired) {
  Usage kept{.processes = usage.processes,
             .ticks = {.user = usage.ticks.user, .system = usage.ticks.system},
             .running_user = usage.running_user,
             .running_system = usage.running_system};
  for (const auto& [rate, sums] : usage.other_rates.map()) {
    kept.other_rates[rate] = {.user = sums.user, .system = sums.system};
  }
  const auto known = std::find_if(expired.begin(), expired.end(),
                                  [&](const ExpiredUsage& each) { return each.user == user; });
  if (known == expired.end()) {
    expired.push_back({.user = user, .usage = std::move(kept)});
  } else {
    known->usage += kept;
  }
}

// Adds what `part` had already deleted and, if `is_deleted`, all that it has.
void Expire(const Snapshot& part, bool is_deleted, Snapshot& merged) {
  for (const ExpiredUsage& each : part.expired) AddExpired(each.user, each.usage, merged.expired);
  merged.header.expired_gaps += part.header.expired_gaps;
  merged.header.expired_skipped_bytes += part.header.expired_skipped_bytes;
  if (!is_deleted) return;
  std::vector<Usage> sums(part.header.accounts.size());
  for (const UserRow& row : part.users) sums[row.account] += row.usage;
  for (size_t i = 0; i < sums.size(); ++i) {
    if (sums[i] != Usage()) AddExpired(part.header.accounts[i], sums[i], merged.expired);
  }
  merged.header.expired_gaps += part.header.gaps.size();
  for (const acct::ByteAccount& input : part.inputs) {
    merged.header.expired_skipped_bytes += input.skipped_bytes;
  }
}

// Whoever has nothing left in the store is forgotten.
void DropVanished(absl::Span<const StoredSnapshot> all, Snapshot& merged) {
  std::set<acct::Uid> present;
  for (const StoredSnapshot& stored : all) {
    if (merged.header.runs.Contain(stored.header.runs)) continue;
    for (const UserIdentity& account : stored.header.accounts) present.insert(account.uid);
  }
  std::erase_if(merged.expired,
                [&](const ExpiredUsage& each) { return !present.contains(each.user.uid); });
}

}  // namespace

std::vector<MergeStep> PlanCompaction(absl::Span<const StoredSnapshot> snapshots, absl::Time now,
                                      absl::TimeZone zone, const Retention& retention) {
  const absl::CivilDay today = DateOf(now, zone);
  // Whether the last report of --period since-last included the snapshot.
  const auto is_reported = [&](const StoredSnapshot& stored) {
    return stored.header.runs.last <= retention.last_reported_run;
  };
  std::vector<MergeStep> steps;
  for (size_t begin = 0; begin + 1 < snapshots.size();) {
    const std::optional<Group> group = GroupOf(snapshots[begin].header, today, zone, retention);
    size_t end = begin + 1;
    if (!group.has_value()) {
      begin = end;
      continue;
    }
    while (end + 1 < snapshots.size() &&
           GroupOf(snapshots[end].header, today, zone, retention) == group &&
           is_reported(snapshots[end]) == is_reported(snapshots[begin])) {
      ++end;
    }
    if (end - begin > 1 || snapshots[begin].header.level < group->level) {
      steps.push_back({begin, end, group->level});
    }
    begin = end;
  }
  return steps;
}

Snapshot Merged(std::vector<Snapshot> parts, MergeLevel level, const std::vector<Gap>& gaps,
                const BucketPolicy& policy) {
  const SnapshotHeader& last = parts.back().header;
  Snapshot merged{.header = {.runs = {parts.front().header.runs.first, last.runs.last},
                             .level = level,
                             .host = last.host,
                             .captured_at = last.captured_at,
                             .policy = policy,
                             .counts_running = last.counts_running,
                             .accounting = last.accounting}};
  for (const Snapshot& part : parts) Coarsen(merged.header.policy, part.header.policy);
  merged.cursors = std::move(parts.back().cursors);
  merged.running = std::move(parts.back().running);
  merged.machine_counters = std::move(parts.back().machine_counters);
  for (const Snapshot& part : parts) Expire(part, level == MergeLevel::kExpired, merged);
  // Nothing else of an expired snapshot is needed any more.
  if (level == MergeLevel::kExpired) {
    merged.header.expired_gaps += gaps.size();
    return merged;
  }

  std::vector<const std::vector<UserIdentity>*> lists;
  lists.reserve(parts.size());
  for (const Snapshot& part : parts) lists.push_back(&part.header.accounts);
  JoinedAccounts joined = JoinAccounts(lists);
  merged.header.accounts = std::move(joined.accounts);
  BucketFinder buckets(policy);
  std::map<std::string, acct::ByteAccount> inputs;
  merged.header.gaps = gaps;
  for (size_t p = 0; p < parts.size(); ++p) {
    Snapshot& part = parts[p];
    const std::vector<uint32_t>& accounts = joined.places[p];
    for (UserRow& row : part.users) {
      merged.users.push_back({.begin = buckets.OfUser(row.begin),
                              .end = std::max(row.end, buckets.EndOfUser(row.begin)),
                              .account = accounts[row.account],
                              .usage = std::move(row.usage)});
    }
    for (CommandRow& row : part.commands) {
      merged.commands.push_back({.begin = buckets.OfCommand(row.begin),
                                 .end = std::max(row.end, buckets.EndOfCommand(row.begin)),
                                 .account = accounts[row.account],
                                 .command = row.command,
                                 .usage = std::move(row.usage)});
    }
    merged.header.machine_times.insert(merged.header.machine_times.end(),
                                       part.header.machine_times.begin(),
                                       part.header.machine_times.end());
    merged.header.gaps.insert(merged.header.gaps.end(), part.header.gaps.begin(),
                              part.header.gaps.end());
    merged.header.span.Cover(part.header.span);
    for (const acct::ByteAccount& input : part.inputs) AddInput(input, inputs);
    part = Snapshot();
  }
  merged.header.machine_times = Coarsened(std::move(merged.header.machine_times), buckets);
  merged.users = Joined(std::move(merged.users));
  merged.commands = TopCommands(std::move(merged.commands));
  for (auto& [name, input] : inputs) merged.inputs.push_back(std::move(input));
  return merged;
}

absl::Status Compact(const SnapshotStore& store, const StoreListing& listing, absl::Time now,
                     absl::TimeZone zone, const Retention& retention,
                     std::vector<std::string>& set_aside) {
  const absl::Span<const StoredSnapshot> all = listing.snapshots;
  for (const MergeStep& step : PlanCompaction(all, now, zone, retention)) {
    const absl::Span<const StoredSnapshot> stored = all.subspan(step.begin, step.end - step.begin);
    std::vector<Snapshot> parts;
    for (const StoredSnapshot& each : stored) {
      absl::StatusOr<Snapshot> part = store.Load(each);
      if (absl::IsDataLoss(part.status())) {
        set_aside.emplace_back(part.status().message());
        return store.SetAside(each.path);
      }
      if (!part.ok()) return part.status();
      parts.push_back(*std::move(part));
    }
    // The merge closes holes in the numbers of the runs, and keeps them as gaps.
    std::vector<Gap> gaps;
    for (const MissingRuns& missing : listing.missing) {
      if (stored.front().header.runs.last < missing.runs.first &&
          missing.runs.last < stored.back().header.runs.first) {
        gaps.push_back(missing.gap);
      }
    }
    Snapshot merged = Merged(std::move(parts), step.level, gaps,
                             BucketPolicyAt(now, zone, retention.days_of_hours));
    DropVanished(all, merged);
    if (absl::Status status = store.Replace(stored, merged); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace cpuagg::aggregate
