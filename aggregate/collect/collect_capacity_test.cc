// Tests that collect runs keep how much CPU time the machine had, and how much was busy.

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/kernel/cpu_times.h"
#include "acct/kernel/process_table.h"
#include "acct/record/units.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/collect/collector.h"
#include "aggregate/report/capacity.h"
#include "aggregate/testing/accounting_fixture.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

constexpr uint64_t kHour = 360'000;  // in ticks

class CollectCapacityTest : public testing::AccountingFixture {
 protected:
  CollectCapacityTest() {
    dir_.Write("pacct", "");
    ProbeAccounting();
    read_cpu_times_ = [this]() -> absl::StatusOr<acct::CpuTimes> {
      if (!is_readable_) return absl::FailedPreconditionError("/proc/stat: is odd");
      return acct::CpuTimes{.boot_id = boot_id_,
                            .uptime = static_cast<uint64_t>((now_ - booted_at_) / absl::Seconds(1)),
                            .processors = 2,
                            .busy = busy_,
                            .idle = idle_};
    };
  }

  // An hour in which one of the two processors is busy, and a run.
  CollectResult AnHourLater() {
    busy_ += kHour;
    idle_ += kHour;
    return CollectNow();
  }

  // The busy time of the whole store, in hours, and for how many hours it is known.
  uint64_t BusyHours() const {
    const std::optional<Capacity> capacity = AllOf().capacity;
    return capacity.has_value() ? capacity->busy.count() / kHour : 0;
  }
  std::optional<uint64_t> KnownHours() const {
    const std::optional<Capacity> capacity = AllOf().capacity;
    if (!capacity.has_value()) return std::nullopt;
    return capacity->known_seconds / 3600;
  }

  bool is_readable_ = true;
  std::string boot_id_ = "a";
  absl::Time booted_at_ = now_ - absl::Hours(100);
  uint64_t busy_ = 50 * kHour;
  uint64_t idle_ = 70 * kHour;
};

TEST_F(CollectCapacityTest, EachRunAfterTheFirstKeepsWhatTheMachineHad) {
  AnHourLater();
  EXPECT_EQ(KnownHours(), std::nullopt);
  for (uint64_t hours = 1; hours <= 3; ++hours) {
    EXPECT_EQ(AnHourLater().capacity_problem, "");
    EXPECT_EQ(KnownHours(), hours);
    EXPECT_EQ(BusyHours(), hours);
  }
  const Capacity capacity = *AllOf().capacity;
  EXPECT_EQ(capacity.total(), acct::Ticks(6 * kHour));
  EXPECT_EQ(capacity.processors, 2u);
}

TEST_F(CollectCapacityTest, ItIsNotKeptWithAFileThatMayBeAnotherMachines) {
  is_on_ = false;
  Work();
  AnHourLater();
  Work();
  AnHourLater();
  EXPECT_EQ(KnownHours(), std::nullopt);
  EXPECT_EQ(Total(), 2u);
  // A reader who names /proc vouches for it.
  read_processes_ = [] { return acct::ProcessTable{.boot_id = "a"}; };
  probe_ = nullptr;
  Work();
  AnHourLater();
  Work();
  AnHourLater();
  EXPECT_EQ(KnownHours(), 1u);
}

TEST_F(CollectCapacityTest, TheTimeWithoutAccountingIsKept) {
  AnHourLater();
  is_on_ = false;
  EXPECT_TRUE(AnHourLater().accounting.seems_off());
  EXPECT_EQ(KnownHours(), 1u);
  // A run that finds nothing new leaves this to the next one.
  AnHourLater();
  EXPECT_EQ(KnownHours(), 1u);
  is_on_ = true;
  AnHourLater();
  EXPECT_EQ(KnownHours(), 3u);
  EXPECT_EQ(BusyHours(), 3u);
}

TEST_F(CollectCapacityTest, ARunThatCannotReadThemLeavesThemToTheNext) {
  AnHourLater();
  is_readable_ = false;
  EXPECT_EQ(AnHourLater().capacity_problem, "/proc/stat: is odd");
  EXPECT_EQ(KnownHours(), std::nullopt);
  is_readable_ = true;
  EXPECT_EQ(AnHourLater().capacity_problem, "");
  EXPECT_EQ(KnownHours(), 2u);
  EXPECT_EQ(BusyHours(), 2u);
  read_cpu_times_ = nullptr;
  EXPECT_EQ(AnHourLater().capacity_problem, "");
  EXPECT_EQ(KnownHours(), 2u);
  EXPECT_EQ(AllOf().capacity->period_seconds / 3600, 3u);
}

TEST_F(CollectCapacityTest, AfterABootOnlyTheTimeSinceIsKnown) {
  AnHourLater();
  boot_id_ = "b";
  booted_at_ = now_ + absl::Minutes(30);
  busy_ = idle_ = 0;
  now_ += absl::Minutes(30);
  AnHourLater();
  EXPECT_EQ(KnownHours(), 1u);
  EXPECT_EQ(BusyHours(), 1u);
  EXPECT_EQ(AllOf().capacity->period_seconds, 5400u);
}

TEST_F(CollectCapacityTest, CountersThatGoBackBeginAgain) {
  AnHourLater();
  busy_ -= 2 * kHour;
  EXPECT_EQ(AnHourLater().capacity_problem, "the counters have gone back");
  EXPECT_EQ(KnownHours(), std::nullopt);
  AnHourLater();
  EXPECT_EQ(KnownHours(), 1u);
  EXPECT_EQ(BusyHours(), 1u);
}

TEST_F(CollectCapacityTest, WhatADamagedSnapshotHeldIsKeptByTheRunThatReadsItAgain) {
  for (int run = 0; run < 4; ++run) AnHourLater();
  EXPECT_EQ(BusyHours(), 3u);
  const std::string path = List().snapshots[2].path;
  std::string bytes = acct::testing::ReadFile(path);
  bytes.back() ^= 1;
  dir_.Write(path.substr(dir_.path().size() + 1), bytes);
  EXPECT_TRUE(AnHourLater().read_again.has_value());
  EXPECT_EQ(BusyHours(), 4u);
  EXPECT_EQ(KnownHours(), 4u);
}

TEST_F(CollectCapacityTest, ALostSnapshotIsTimeOfWhichNothingIsKnown) {
  for (int run = 0; run < 4; ++run) AnHourLater();
  Rename("store/snapshots/" + List().snapshots[2].path.substr(List().snapshots[2].path.rfind('/')),
         "lost");
  EXPECT_EQ(BusyHours(), 2u);
  EXPECT_EQ(KnownHours(), 2u);
  EXPECT_EQ(AllOf().capacity->period_seconds / 3600, 3u);
}

}  // namespace
}  // namespace cpuagg::aggregate
