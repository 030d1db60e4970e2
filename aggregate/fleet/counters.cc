#include "aggregate/fleet/counters.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "acct/scan/byte_account.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/usage/usage.h"

namespace cpuagg::aggregate {
namespace {

// NotFound if the store has changed since it was listed.
absl::StatusOr<Counters> ReadOnce(const SnapshotStore& store) {
  const absl::StatusOr<StoreListing> listing = store.List();
  if (!listing.ok()) return listing.status();
  Counters counters{.gaps = listing->missing.size()};
  for (const DamagedSnapshot& damaged : listing->damaged) {
    counters.damage.push_back(damaged.problem);
  }
  UserHistory history;
  std::map<uint32_t, Usage> usage;  // by place in the history
  for (const StoredSnapshot& stored : listing->snapshots) {
    counters.host = stored.header.host;
    counters.last_collect = std::max(counters.last_collect.value_or(stored.header.captured_at),
                                     stored.header.captured_at);
    counters.gaps += stored.header.gaps.size() + stored.header.expired_gaps;
    counters.skipped_bytes += stored.header.expired_skipped_bytes;
    const absl::StatusOr<Snapshot> snapshot = store.Load(stored);
    if (absl::IsDataLoss(snapshot.status())) {
      counters.damage.emplace_back(snapshot.status().message());
      ++counters.gaps;
      continue;
    }
    if (!snapshot.ok()) return snapshot.status();
    for (const ExpiredUsage& each : snapshot->expired) {
      usage[history.Add(each.user)] += each.usage;
    }
    std::vector<uint32_t> places;
    for (const UserIdentity& account : stored.header.accounts) {
      places.push_back(history.Add(account));
    }
    for (const UserRow& row : snapshot->users) usage[places[row.account]] += row.usage;
    for (const acct::ByteAccount& input : snapshot->inputs) {
      counters.skipped_bytes += input.skipped_bytes;
    }
  }
  const absl::StatusOr<uint64_t> last_run = store.LastRun();
  if (!last_run.ok()) return last_run.status();
  if (*last_run != listing->last_run) {
    return absl::NotFoundError(absl::StrCat(store.directory(), ": has a new run"));
  }
  std::map<uint32_t, Usage> settled;
  for (const auto& [place, sums] : usage) settled[history.Settled(place)] += sums;
  for (const auto& [account, sums] : settled) {
    counters.users.push_back({.user = history.accounts()[account],
                              .processes = sums.processes,
                              .user_ticks = sums.user_time().ticks().count(),
                              .system_ticks = sums.system_time().ticks().count()});
  }
  std::sort(counters.users.begin(), counters.users.end(),
            [](const UserCounter& a, const UserCounter& b) {
              return std::tie(a.user.uid, a.user.name) < std::tie(b.user.uid, b.user.name);
            });
  return counters;
}

}  // namespace

absl::StatusOr<Counters> ReadCounters(const SnapshotStore& store) {
  constexpr int kTries = 10;
  for (int i = 0; i < kTries; ++i) {
    absl::StatusOr<Counters> counters = ReadOnce(store);
    if (!absl::IsNotFound(counters.status())) return counters;
  }
  return absl::UnavailableError(
      absl::StrCat(store.directory(), ": kept changing while it was read; try again"));
}

}  // namespace cpuagg::aggregate
