// CollectorFixture: a store, an accounting file of synthetic records, and helpers for tests of
// collect runs.

#ifndef CPUAGG_AGGREGATE_TESTING_COLLECTOR_FIXTURE_H_
#define CPUAGG_AGGREGATE_TESTING_COLLECTOR_FIXTURE_H_

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/kernel/accounting_probe.h"
#include "acct/kernel/cpu_times.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/collect/collector.h"
#include "aggregate/collect/consistent_listing.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/report.h"
#include "aggregate/store/compaction.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/store/store_report.h"
#include "aggregate/testing/crashing_files.h"
#include "aggregate/usage/period.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate::testing {

// `content`, compressed with gzip.
std::string Gzipped(const std::string& content);

// A store, an accounting file, and a collector that runs every hour.
class CollectorFixture : public ::testing::Test {
 protected:
  std::string Pacct() const { return dir_.Path("pacct"); }

  // A record that differs from all others.
  std::string Record(uint32_t uid, uint16_t ticks = 1) {
    return acct::testing::RecordBuilder().Uid(uid).UserTime(ticks).BeginTime(next_begin_++).Bytes();
  }

  // `count` such records.
  std::string Records(int count, uint32_t uid = 1) {
    std::string records;
    for (int i = 0; i < count; ++i) records += Record(uid);
    return records;
  }

  // Rotates: renames the file. Its successor exists as soon as it is written.
  void Rotate(const std::string& name = "pacct.0") { Rename("pacct", name); }
  void Rename(const std::string& from, const std::string& to) {
    ASSERT_EQ(std::rename(dir_.Path(from).c_str(), dir_.Path(to).c_str()), 0);
  }
  void Remove(const std::string& name) { ASSERT_TRUE(std::filesystem::remove(dir_.Path(name))); }

  absl::StatusOr<CollectResult> TryCollect() {
    now_ += absl::Hours(1);
    return Collect(store_, names_,
                   {.files = {.path = Pacct(), .other_folders = other_folders_},
                    .host = "lab",
                    .now = now_,
                    .retention = retention_,
                    .lock_timeout = absl::ZeroDuration(),
                    .booted_at = booted_at_,
                    .read_processes = read_processes_,
                    .read_cpu_times = read_cpu_times_,
                    .probe = probe_,
                    .is_written_to = is_written_to_});
  }

  CollectResult CollectNow() {
    absl::StatusOr<CollectResult> result = TryCollect();
    EXPECT_TRUE(result.ok()) << result.status();
    return *std::move(result);
  }

  Report AllOf() const {
    absl::StatusOr<StoreReport> report =
        ReportFromStore(store_, Period(), absl::UTCTimeZone(), {}, {});
    EXPECT_TRUE(report.ok()) << report.status();
    return std::move(report->report);
  }

  // uid -> processes, over the whole store.
  std::map<uint32_t, uint64_t> Stored() const {
    std::map<uint32_t, uint64_t> processes;
    const Report report = AllOf();
    for (const ReportRow& row : report.rows) {
      processes[row.uid.value()] += row.usage.processes;
    }
    return processes;
  }

  StoreListing List() const {
    absl::StatusOr<StoreListing> listing = store_.List();
    EXPECT_TRUE(listing.ok()) << listing.status();
    return *std::move(listing);
  }
  size_t SnapshotCount() const { return List().snapshots.size(); }

  // The number of processes of all users.
  uint64_t Total() const { return AllOf().totals.processes; }

  using Processes = std::map<uint32_t, uint64_t>;

  acct::testing::TempDir dir_;
  CrashingFiles files_{dir_.Path("trash")};  // does not wait for the disk
  SnapshotStore store_{dir_.Path("store"), files_};
  PasswdFileDirectory names_{"alice:x:1:1::/:\n"};
  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  std::vector<std::string> other_folders_;
  Retention retention_;
  std::optional<absl::Time> booted_at_;
  ProcessReader read_processes_ = nullptr;
  std::function<absl::StatusOr<acct::CpuTimes>()> read_cpu_times_ = nullptr;
  std::function<absl::StatusOr<acct::AccountingProbe>()> probe_ = nullptr;
  std::function<bool()> is_written_to_ = nullptr;
  uint32_t next_begin_ = 1'700'000'000;
};

}  // namespace cpuagg::aggregate::testing

#endif  // CPUAGG_AGGREGATE_TESTING_COLLECTOR_FIXTURE_H_
