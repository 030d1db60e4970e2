// Measures a store with a year of hourly runs, on a machine with 500 users who are never idle: its
// size, and the time for a report of a month and for a run that finds nothing new.

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "acct/io/atomic_file.h"
#include "acct/kernel/process_table.h"
#include "acct/record/units.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/collect/collector.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/report.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/compaction.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/store/store_report.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "benchmark/benchmark.h"
#include "benchmarks/made_store.h"

namespace cpuagg::aggregate {
namespace {

constexpr int kUsers = 500;
constexpr int kCommands = 15;

CommandBits Command(int number) {
  const std::string name = absl::StrCat("command-", number);
  return CommandBitsOf(absl::string_view(name));
}

class Year {
 public:
  Year() {
    Unsynced files;
    const SnapshotStore store(directory(), files);
    Check(store.MakeDirectories());
    std::vector<std::string> set_aside;
    Snapshot snapshot;
    for (int user = 0; user < kUsers; ++user) {
      snapshot.header.accounts.push_back(
          {acct::Uid(1000 + static_cast<uint32_t>(user)), absl::StrCat("user", user)});
    }
    snapshot.cursors.resize(8, {.offset = 1 << 20,
                                .head = std::string(acct::Cursor::kMarkBytes, 'h'),
                                .tail = std::string(acct::Cursor::kMarkBytes, 't')});
    snapshot.running.boot_id = "boot";
    snapshot.running.processes.resize(2000);
    uint64_t run = 0;
    for (absl::Time now = EndOfMadeStore() - 365 * absl::Hours(24); now <= EndOfMadeStore();
         now += absl::Hours(1)) {
      ++run;
      FillRows(absl::ToUnixSeconds(now - absl::Hours(1)), snapshot);
      snapshot.header.runs = {run, run};
      snapshot.header.captured_at = now;
      snapshot.header.counts_running = true;
      Check(store.Publish(snapshot));
      const absl::StatusOr<StoreListing> listing = store.List();
      Check(listing.status());
      Check(Compact(store, *listing, now, absl::UTCTimeZone(), {}, set_aside));
    }
  }

  std::string directory() const { return dir_.Path("store"); }

  double mebibytes() const {
    const absl::StatusOr<StoreListing> listing = SnapshotStore(directory()).List();
    Check(listing.status());
    uint64_t bytes = 0;
    for (const StoredSnapshot& stored : listing->snapshots) bytes += stored.bytes;
    return static_cast<double>(bytes) / (1 << 20);
  }

 private:
  void FillRows(int64_t begin, Snapshot& snapshot) {
    snapshot.users.clear();
    snapshot.commands.clear();
    for (uint32_t user = 0; user < kUsers; ++user) {
      snapshot.users.push_back({.begin = begin, .end = begin + 3600, .account = user});
      for (int command = 0; command < kCommands; ++command) {
        const uint64_t processes = 1 + random_() % 100;
        const Usage usage = {.processes = processes,
                             .ticks = {.user = random_() % 36'000,
                                       .system = random_() % 3'600,
                                       .elapsed = random_() % 360'000,
                                       .largest_cpu = random_() % 36'000},
                             .memory_kib = processes * (random_() % 1'000'000),
                             .minor_faults = processes * (random_() % 10'000),
                             .major_faults = random_() % 10,
                             .largest_memory_kib = random_() % 4'000'000};
        snapshot.commands.push_back({.begin = begin,
                                     .end = begin + 3600,
                                     .account = user,
                                     .command = Command(command),
                                     .usage = usage});
        snapshot.users.back().usage += usage;
      }
    }
    snapshot.commands = TopCommands(std::move(snapshot.commands));
  }

  acct::testing::TempDir dir_;
  std::mt19937_64 random_;
};

const Year& TheYear() {
  static const Year year;
  return year;
}

void ReportBy(benchmark::State& state, const Grouping& by, absl::Duration length) {
  const SnapshotStore store(TheYear().directory());
  const Period period = {.begin = EndOfMadeStore() - length};
  for (auto _ : state) {
    const absl::StatusOr<StoreReport> report =
        ReportFromStore(store, period, absl::UTCTimeZone(), {}, {.by = by});
    Check(report.status());
    benchmark::DoNotOptimize(report->report.totals);
  }
  state.counters["store MiB"] = TheYear().mebibytes();
}
void BM_MonthByUser(benchmark::State& state) {
  ReportBy(state, {Dimension::kUser}, 31 * absl::Hours(24));
}
BENCHMARK(BM_MonthByUser)->Unit(benchmark::kMillisecond);
void BM_MonthByUserAndCommand(benchmark::State& state) {
  ReportBy(state, {Dimension::kUser, Dimension::kCommand}, 31 * absl::Hours(24));
}
BENCHMARK(BM_MonthByUserAndCommand)->Unit(benchmark::kMillisecond);
void BM_YearByUserAndDay(benchmark::State& state) {
  ReportBy(state, {Dimension::kUser, Dimension::kDay}, 365 * absl::Hours(24));
}
BENCHMARK(BM_YearByUserAndDay)->Unit(benchmark::kMillisecond);

// The latest snapshot, of an hour: users and their commands, cursors and running processes.
void BM_SnapshotRead(benchmark::State& state) {
  const SnapshotStore store(TheYear().directory());
  const absl::StatusOr<StoreListing> listing = store.List();
  Check(listing.status());
  for (auto _ : state) {
    const absl::StatusOr<Snapshot> snapshot = store.Load(listing->snapshots.back());
    Check(snapshot.status());
    if (snapshot->users.size() != kUsers) state.SkipWithError("wrong result");
  }
  state.SetItemsProcessed(state.iterations() * kUsers);
}
BENCHMARK(BM_SnapshotRead)->Unit(benchmark::kMillisecond);

// With the running processes of this machine, none of which has used anything meanwhile.
void BM_CollectNothingNew(benchmark::State& state) {
  const acct::testing::TempDir dir;
  const std::string path = dir.Write("pacct", acct::testing::RecordBuilder().Bytes());
  const SnapshotStore store(TheYear().directory());
  PasswdFileDirectory names{""};
  const absl::StatusOr<acct::ProcessTable> processes = acct::ReadProcessTable("/proc");
  Check(processes.status());
  const CollectOptions options = {
      .files = {.path = path}, .host = "lab", .now = EndOfMadeStore(), .read_processes = [&] {
        Check(acct::ReadProcessTable("/proc").status());
        return absl::StatusOr<acct::ProcessTable>(processes);
      }};
  Check(Collect(store, names, options).status());
  for (auto _ : state) {
    const absl::StatusOr<CollectResult> result = Collect(store, names, options);
    Check(result.status());
    if (result->records != 0) state.SkipWithError("something was new");
  }
}
BENCHMARK(BM_CollectNothingNew)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cpuagg::aggregate

BENCHMARK_MAIN();
