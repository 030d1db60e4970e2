// Measures reports of 1,000 stores of a month, as a folder of them has: 50 users, hourly runs, days
// that are merged. Each is compared with a report of one of these stores: `x one / 1000` is the
// time of 1,000 stores divided by 1,000 times that of one, which is 1 on one processor and half on
// two.

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/io/atomic_file.h"
#include "acct/record/units.h"
#include "acct/rotation/cursor.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/report/report.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/compaction.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/store/store_report.h"
#include "aggregate/store/stores_report.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "benchmark/benchmark.h"
#include "benchmarks/made_store.h"

namespace cpuagg::aggregate {
namespace {

constexpr int kStores = 1000;
constexpr uint32_t kUsers = 50;
constexpr int kCommands = 15;
constexpr int kDays = 30;

class Fleet {
 public:
  Fleet() {
    MakeFirst();
    const SnapshotStore first(Directory(0));
    const absl::StatusOr<StoreListing> listing = first.List();
    Check(listing.status());
    std::vector<Snapshot> snapshots;
    for (const StoredSnapshot& stored : listing->snapshots) {
      bytes_ += stored.bytes;
      ++files_;
      absl::StatusOr<Snapshot> snapshot = first.Load(stored);
      Check(snapshot.status());
      snapshots.push_back(*std::move(snapshot));
    }
    for (int i = 1; i < kStores; ++i) {
      const SnapshotStore store(Directory(i), unsynced_);
      Check(store.MakeDirectories());
      for (Snapshot snapshot : snapshots) {
        Name(i, snapshot);
        for (UserRow& row : snapshot.users) row.usage.ticks.user += random_() % 1000;
        Check(store.Publish(snapshot));
      }
    }
    std::vector<std::string> directories;
    directories.reserve(kStores);
    for (int i = 0; i < kStores; ++i) directories.push_back(Directory(i));
    std::vector<std::string> problems;
    stores_ = NameHosts(directories, 2, problems);
  }

  std::string Directory(int i) const { return dir_.Path(absl::StrCat("host", i)); }
  const std::vector<HostStore>& stores() const { return stores_; }
  size_t files() const { return files_; }
  double kibibytes() const { return static_cast<double>(bytes_) / 1024; }

 private:
  static void Name(int i, Snapshot& snapshot) {
    snapshot.header.host = absl::StrCat("host", i);
    std::string head = snapshot.header.host;
    head.resize(acct::Cursor::kMarkBytes, '.');
    snapshot.cursors.assign(4, {.offset = 1 << 20, .head = head, .tail = head});
  }

  void MakeFirst() {
    const SnapshotStore store(Directory(0), unsynced_);
    Check(store.MakeDirectories());
    Snapshot snapshot;
    for (uint32_t user = 0; user < kUsers; ++user) {
      snapshot.header.accounts.push_back({acct::Uid(1000 + user), absl::StrCat("user", user)});
    }
    std::vector<std::string> set_aside;
    uint64_t run = 0;
    for (absl::Time now = EndOfMadeStore() - kDays * absl::Hours(24); now <= EndOfMadeStore();
         now += absl::Hours(1)) {
      ++run;
      FillRows(absl::ToUnixSeconds(now - absl::Hours(1)), snapshot);
      snapshot.header.runs = {run, run};
      snapshot.header.captured_at = now;
      Name(0, snapshot);
      Check(store.Publish(snapshot));
      const absl::StatusOr<StoreListing> listing = store.List();
      Check(listing.status());
      Check(Compact(store, *listing, now, absl::UTCTimeZone(), {}, set_aside));
    }
  }

  void FillRows(int64_t begin, Snapshot& snapshot) {
    snapshot.users.clear();
    snapshot.commands.clear();
    for (uint32_t user = 0; user < kUsers; ++user) {
      snapshot.users.push_back({.begin = begin, .end = begin + 3600, .account = user});
      for (int command = 0; command < kCommands; ++command) {
        const std::string name = absl::StrCat("command-", command);
        const Usage usage = {.processes = 1 + random_() % 100,
                             .ticks = {.user = random_() % 36'000, .system = random_() % 3'600}};
        snapshot.commands.push_back({.begin = begin,
                                     .end = begin + 3600,
                                     .account = user,
                                     .command = CommandBitsOf(absl::string_view(name)),
                                     .usage = usage});
        snapshot.users.back().usage += usage;
      }
    }
    snapshot.commands = TopCommands(std::move(snapshot.commands));
  }

  acct::testing::TempDir dir_;
  Unsynced unsynced_;
  std::mt19937_64 random_;
  std::vector<HostStore> stores_;
  size_t files_ = 0;
  uint64_t bytes_ = 0;
};

const Fleet& TheFleet() {
  static const Fleet fleet;
  return fleet;
}

double SecondsOfOne(const ReportOptions& options) {
  constexpr int kTries = 20;
  double least = 1e9;
  for (int i = 0; i < kTries; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    Check(ReportFromStore(SnapshotStore(TheFleet().Directory(i)), {}, absl::UTCTimeZone(), {},
                          options)
              .status());
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    least = std::min(least, seconds.count());
  }
  return least;
}

double PeakMebibytes() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

void ReportBy(benchmark::State& state, const Grouping& by) {
  const ReportOptions options = {.by = by, .top = 20};
  const double one = SecondsOfOne(options);
  double least = 1e9;
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    const absl::StatusOr<StoresReport> report =
        ReportFromStores(TheFleet().stores(), {}, absl::UTCTimeZone(), {.now = EndOfMadeStore()},
                         options, static_cast<size_t>(state.range(0)));
    Check(report.status());
    if (report->report.hosts.size() != kStores) state.SkipWithError("wrong result");
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    least = std::min(least, seconds.count());
  }
  state.counters["ms of one"] = one * 1000;
  state.counters["x one / 1000"] = least / one / kStores;
  state.counters["peak MiB"] = PeakMebibytes();
  state.counters["files of one"] = static_cast<double>(TheFleet().files());
  state.counters["KiB of one"] = TheFleet().kibibytes();
}

void BM_FleetByUser(benchmark::State& state) { ReportBy(state, {Dimension::kUser}); }
BENCHMARK(BM_FleetByUser)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
void BM_FleetByHost(benchmark::State& state) { ReportBy(state, {Dimension::kHost}); }
BENCHMARK(BM_FleetByHost)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
void BM_FleetByHostAndUser(benchmark::State& state) {
  ReportBy(state, {Dimension::kHost, Dimension::kUser});
}
BENCHMARK(BM_FleetByHostAndUser)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
void BM_FleetByUserAndHour(benchmark::State& state) {
  ReportBy(state, {Dimension::kUser, Dimension::kHour});
}
BENCHMARK(BM_FleetByUserAndHour)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace cpuagg::aggregate

BENCHMARK_MAIN();
