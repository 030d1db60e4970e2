#include "aggregate/collect/position.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace cpuagg::aggregate {
namespace {

// The snapshots of `snapshots` that a run checks completely, so that damage is found before
// somebody needs the data: the newest ones, and one of the others in turn, since checking all would
// take too long.
std::vector<StoredSnapshot> ChooseToCheck(const std::vector<StoredSnapshot>& snapshots,
                                          absl::Time now) {
  constexpr uint64_t kBytes = 8 << 20;
  std::vector<StoredSnapshot> chosen;
  uint64_t bytes = 0;
  size_t left = snapshots.size();
  while (left > 0 && bytes + snapshots[left - 1].bytes <= kBytes) {
    --left;
    bytes += snapshots[left].bytes;
    chosen.push_back(snapshots[left]);
  }
  if (left > 0) {
    const auto minute = static_cast<uint64_t>(absl::ToUnixSeconds(now) / 60);
    chosen.push_back(snapshots[minute % left]);
  }
  return chosen;
}

}  // namespace

absl::StatusOr<Position> FindPosition(const SnapshotStore& store, absl::Time now,
                                      std::vector<std::string>& set_aside) {
  for (;;) {
    absl::StatusOr<StoreListing> listing = store.List();
    if (!listing.ok()) return listing.status();
    bool has_changed = false;
    const auto set_it_aside = [&](const std::string& path, absl::string_view problem) {
      set_aside.emplace_back(problem);
      has_changed = true;
      return store.SetAside(path);
    };
    for (const DamagedSnapshot& damaged : listing->damaged) {
      if (damaged.is_set_aside) continue;
      if (absl::Status status = set_it_aside(damaged.path, damaged.problem); !status.ok()) {
        return status;
      }
    }
    for (const StoredSnapshot& stored : ChooseToCheck(listing->snapshots, now)) {
      // A snapshot that cannot be read at the moment is not a problem here.
      const absl::Status checked = store.Check(stored);
      if (!absl::IsDataLoss(checked)) continue;
      if (absl::Status status = set_it_aside(stored.path, checked.message()); !status.ok()) {
        return status;
      }
    }
    if (has_changed) continue;
    Position position{.listing = *std::move(listing)};
    if (position.listing.snapshots.empty()) return position;
    const StoredSnapshot& stored = position.listing.snapshots.back();
    absl::StatusOr<Snapshot> newest = store.Load(stored);
    if (newest.ok()) {
      position.newest = *std::move(newest);
      return position;
    }
    if (!absl::IsDataLoss(newest.status())) return newest.status();
    if (absl::Status status = set_it_aside(stored.path, newest.status().message()); !status.ok()) {
      return status;
    }
  }
}

absl::StatusOr<bool> HasMoved(const SnapshotStore& store, const Position& position) {
  const absl::StatusOr<StoreListing> listing = store.List();
  if (!listing.ok()) return listing.status();
  const bool is_empty = listing->snapshots.empty();
  if (is_empty || position.listing.snapshots.empty()) {
    return is_empty != position.listing.snapshots.empty() ||
           listing->last_run != position.listing.last_run;
  }
  return listing->last_run != position.listing.last_run ||
         listing->snapshots.back().path != position.listing.snapshots.back().path;
}

std::optional<size_t> SnapshotsBeforeHole(const StoreListing& listing) {
  uint64_t next = 1;
  for (size_t i = 0; i < listing.snapshots.size(); ++i) {
    const SnapshotHeader& header = listing.snapshots[i].header;
    // Merged snapshots are too old to be worth reading again.
    const bool is_recent = header.level == MergeLevel::kRun &&
                           (i == 0 || listing.snapshots[i - 1].header.level == MergeLevel::kRun);
    if (header.runs.first > next && is_recent) return i;
    next = header.runs.last + 1;
  }
  return std::nullopt;
}

}  // namespace cpuagg::aggregate
