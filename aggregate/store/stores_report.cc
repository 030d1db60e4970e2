#include "aggregate/store/stores_report.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "acct/io/start_thread.h"
#include "acct/record/layout.h"
#include "acct/rotation/cursor.h"
#include "aggregate/report/host_rows.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/store/store_capacity.h"
#include "aggregate/store/store_report.h"

namespace cpuagg::aggregate {
namespace {

std::string FolderName(const std::string& directory) {
  const std::filesystem::path path = std::filesystem::path(directory).lexically_normal();
  const std::string name = path.filename().string();
  return name.empty() ? path.parent_path().filename().string() : name;
}

// The time between runs: the median of the runs that have not been merged. A day if they are few.
absl::Duration UsualInterval(const StoreListing& listing) {
  constexpr size_t kFew = 3;
  std::vector<absl::Duration> intervals;
  const StoredSnapshot* before = nullptr;
  for (const StoredSnapshot& stored : listing.snapshots) {
    if (stored.header.level != MergeLevel::kRun) continue;
    if (before != nullptr) {
      intervals.push_back(stored.header.captured_at - before->header.captured_at);
    }
    before = &stored;
  }
  if (intervals.size() < kFew) return absl::Hours(24);
  const auto middle = intervals.begin() + static_cast<ptrdiff_t>(intervals.size() / 2);
  std::nth_element(intervals.begin(), middle, intervals.end());
  return *middle;
}

// What two stores have only if usage would count twice: a mark of one kind.
struct Mark {
  std::string text;
  bool is_of_file = false;  // else of a run
};

// The runs of a host, by their time in nanoseconds.
void AddRunMarks(const StoreContents& contents, std::vector<Mark>& marks) {
  for (const StoredSnapshot& stored : contents.listing.snapshots) {
    const SnapshotHeader& header = stored.header;
    marks.push_back({absl::StrCat("run ", header.host, "/", header.runs.last, "/",
                                  absl::ToUnixNanos(header.captured_at))});
  }
}

// The accounting files that have been read. A beginning that two files have in common does not show
// that they are one: machines that were made from one image have it, too.
void AddFileMarks(const StoreContents& contents, std::vector<Mark>& marks) {
  for (const acct::Cursor& cursor : contents.newest_cursors) {
    const std::string& head = cursor.head;
    const bool is_complete = cursor.sealed_bytes > 0 && head.size() < acct::Cursor::kMarkBytes;
    // The first and the last record of a complete file.
    const std::string first_record = head.substr(0, acct::kRecordBytes);
    const std::string last_record =
        cursor.tail.substr(cursor.tail.size() - std::min(cursor.tail.size(), acct::kRecordBytes));
    if (is_complete && first_record != last_record) {
      marks.push_back({absl::StrCat("complete ", first_record, last_record), true});
    }
    // A file that still grows, read to the same place: its first and the last four records.
    if (!is_complete && head.size() == acct::Cursor::kMarkBytes) {
      marks.push_back({absl::StrCat("until ", cursor.offset, " ", head, cursor.tail), true});
    }
    // A file of one machine, wherever each store has read it to. While the machine is up, a number
    // and a first record are not those of another file.
    const std::string first = head.substr(0, acct::kPackedV1Bytes);
    const bool is_record =
        first.size() == acct::kPackedV1Bytes && first.find_first_not_of('\0') != std::string::npos;
    if (is_record && !contents.newest_boot.empty() && cursor.inode != 0) {
      marks.push_back({absl::StrCat("inode ", contents.newest_boot, "/", cursor.device, "/",
                                    cursor.inode, " ", first),
                       true});
    }
  }
}

std::vector<Mark> MarksOf(const StoreContents& contents) {
  std::vector<Mark> marks;
  AddRunMarks(contents, marks);
  AddFileMarks(contents, marks);
  return marks;
}

// Two stores with the same mark, in the order of their names.
struct Copy {
  std::string first;
  std::string second;
  bool is_of_file = false;

  // That of runs is the more likely reason.
  friend bool operator<(const Copy& a, const Copy& b) {
    return std::tie(a.is_of_file, a.first, a.second) < std::tie(b.is_of_file, b.first, b.second);
  }
};

absl::Status CountsTwice(const Copy& copy) {
  const std::string stores = absl::StrCat("the stores ", copy.first, " and ", copy.second);
  if (copy.is_of_file) {
    return absl::FailedPreconditionError(absl::StrCat(
        stores,
        " have read the same accounting file, whose records would count twice; leave one of them "
        "out; if the machine of one was made from a copy of the other, delete the accounting files "
        "that came with it, empty its store and let it collect anew"));
  }
  return absl::FailedPreconditionError(absl::StrCat(
      stores,
      " hold the same runs, which would count twice; if one is a copy of the other, leave it "
      "out; if its machine was made from a copy of the other's, empty its store and let it "
      "collect anew"));
}

// What is read of all stores; the workers share it.
class Reading {
 public:
  explicit Reading(const ReportOptions& options) : rows_(options) {}

  void Add(const HostStore& store, StoreContents contents) {
    HostReport part = {
        .state = {.name = store.host, .source = absl::StrCat("the store ", store.directory)}};
    const absl::Duration interval = UsualInterval(contents.listing);
    if (!contents.listing.snapshots.empty()) {
      part.state.last_run = contents.listing.snapshots.back().header.captured_at;
    }
    std::vector<Mark> marks = MarksOf(contents);
    part.report = std::move(contents.rows.report);
    const std::lock_guard<std::mutex> lock(mutex_);
    rows_.Add(store.host, std::move(contents.rows.rows), std::move(contents.rows.previous_rows));
    for (std::string& user : contents.known_users) known_users_.push_back(std::move(user));
    for (std::string& damage : contents.damage) damage_.push_back(std::move(damage));
    for (Mark& mark : marks) {
      const std::string& other =
          marks_.try_emplace(std::move(mark.text), store.directory).first->second;
      if (other == store.directory) continue;
      const auto [first, second] = std::minmax(other, store.directory);
      copies_.insert({first, second, mark.is_of_file});
    }
    parts_.push_back(std::move(part));
    intervals_.push_back(interval);
  }

  void Fail(const HostStore& store, const absl::Status& status) {
    const std::lock_guard<std::mutex> lock(mutex_);
    failures_.try_emplace(store.directory, status);
  }

  absl::StatusOr<StoresReport> Finish(const Period& period, absl::Time now) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [directory, status] : failures_) {
      if (absl::IsInvalidArgument(status) || parts_.empty()) return status;
    }
    if (!copies_.empty()) return CountsTwice(*copies_.begin());
    std::vector<HostPace> paces;
    for (size_t i = 0; i < parts_.size(); ++i) paces.push_back({&parts_[i].state, intervals_[i]});
    MarkLate(paces, period.end, now);
    StoresReport result;
    JoinHosts(std::move(parts_), period, now, result.report);
    rows_.Finish(result.report);
    for (Unmatched& unmatched : result.report.unmatched) {
      unmatched.is_in_store = unmatched.kind != Unmatched::Kind::kCommand &&
                              std::find(known_users_.begin(), known_users_.end(),
                                        unmatched.asked) != known_users_.end();
    }
    std::sort(damage_.begin(), damage_.end());
    result.damage = std::move(damage_);
    for (const auto& [directory, status] : failures_) {
      result.damage.emplace_back(status.message());
      result.report.unread.emplace_back(status.message());
      result.report.has_unreadable = true;
    }
    return result;
  }

 private:
  // Of what follows. Not absl::Mutex, whose library ThreadSanitizer does not see.
  std::mutex mutex_;
  HostRows rows_;
  std::vector<HostReport> parts_;
  std::vector<absl::Duration> intervals_;
  std::vector<std::string> known_users_;
  std::vector<std::string> damage_;
  std::map<std::string, absl::Status> failures_;
  // Which store has a mark, and stores that have the same one.
  absl::flat_hash_map<std::string, std::string> marks_;
  std::set<Copy> copies_;
};

}  // namespace

std::vector<HostStore> NameHosts(const std::vector<std::string>& directories, size_t threads,
                                 std::vector<std::string>& problems) {
  std::vector<absl::StatusOr<std::string>> recorded(directories.size());
  acct::ForEachInParallel(directories.size(), threads, [&](size_t i) {
    const absl::StatusOr<std::optional<SnapshotHeader>> newest =
        SnapshotStore(directories[i]).NewestHeader();
    if (!newest.ok()) {
      recorded[i] = newest.status();
    } else {
      recorded[i] = newest->has_value() ? (*newest)->host : std::string();
    }
  });
  std::vector<HostStore> stores;
  for (size_t i = 0; i < directories.size(); ++i) {
    if (!recorded[i].ok()) {
      problems.emplace_back(recorded[i].status().message());
      continue;
    }
    stores.push_back({.directory = directories[i],
                      .host = recorded[i]->empty() ? FolderName(directories[i]) : *recorded[i]});
  }
  // A folder's name may be the name of another host.
  for (const auto& name_of :
       {std::function<std::string(const std::string&)>(FolderName),
        std::function<std::string(const std::string&)>([](const auto& path) { return path; })}) {
    std::map<std::string, size_t> count;
    for (const HostStore& store : stores) ++count[store.host];
    for (HostStore& store : stores) {
      if (count[store.host] == 1) continue;
      if (store.recorded.empty()) store.recorded = store.host;
      store.host = name_of(store.directory);
    }
  }
  for (HostStore& store : stores) {
    if (store.recorded == store.host) store.recorded.clear();
  }
  return stores;
}

absl::StatusOr<StoresReport> ReportFromStores(const std::vector<HostStore>& stores,
                                              const Period& period, absl::TimeZone zone,
                                              const StoreOptions& from,
                                              const ReportOptions& options, size_t threads) {
  Reading reading(options);
  acct::ForEachInParallel(stores.size(), threads, [&](size_t i) {
    absl::StatusOr<StoreContents> contents =
        ReadStore(SnapshotStore(stores[i].directory), period, zone, from, options);
    if (!contents.ok()) return reading.Fail(stores[i], contents.status());
    SetCapacity(contents->listing, period, from.after_run, zone, contents->rows.report);
    reading.Add(stores[i], *std::move(contents));
  });
  return reading.Finish(period, from.now);
}

void MarkLate(const std::vector<HostPace>& hosts, absl::Time until, absl::Time now) {
  constexpr absl::Duration kClockDifference = absl::Hours(1);
  constexpr absl::Duration kLeast = absl::Hours(2);
  constexpr int kIntervals = 3;
  absl::Time newest = absl::InfinitePast();
  for (const HostPace& host : hosts) {
    const absl::Time last = host.state->last_run.value_or(absl::InfinitePast());
    host.state->is_ahead = last > now + kClockDifference;
    newest = std::max(newest, host.state->is_ahead ? now : last);
  }
  const absl::Time reference = std::min({newest, until, now});
  for (const HostPace& host : hosts) {
    const absl::Time last = host.state->last_run.value_or(absl::InfinitePast());
    host.state->is_late = last <= reference - std::max(kLeast, kIntervals * host.interval);
  }
}

}  // namespace cpuagg::aggregate
