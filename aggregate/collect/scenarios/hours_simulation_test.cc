// The hours in which CPU time was used, played at random: a machine with two processors, on which
// jobs work steadily, and a collector that comes after minutes or days. Whenever it comes, the
// store must have for each user and hour what was used then, and what an hour had by the run after
// it must not change any more.

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/kernel/process_table.h"
#include "acct/record/units.h"
#include "acct/testing/histories.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/collect/collector.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/testing/crashing_files.h"
#include "aggregate/testing/ledger_checks.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Uid;
using acct::testing::Draws;
using acct::testing::Failures;
using acct::testing::PlayHistories;
using acct::testing::RecordBuilder;

constexpr int64_t kHour = 3600;
constexpr int64_t kTicks = int64_t{acct::kTicksPerSecond};
// How long jobs run is a multiple of this, so that a comp_t has exactly what they used.
constexpr int64_t kUnit = 1024;
constexpr int64_t kProcessors = 2;
constexpr int64_t kFirstRun = 1'800'000'000;

struct HoursStep {
  enum class What {
    kPass,   // `amount` seconds
    kBegin,  // a job on a processor that is free, for `amount` units
    kCollect,
  } what;
  int64_t amount = 0;
  uint32_t uid = 0;

  friend std::ostream& operator<<(std::ostream& out, const HoursStep& step) {
    switch (step.what) {
      case What::kPass:
        return out << step.amount << " s pass";
      case What::kBegin:
        return out << "a job of " << step.uid << " begins, for " << step.amount * kUnit << " s";
      case What::kCollect:
        return out << "collect";
    }
    return out;
  }
};

std::vector<HoursStep> HoursSteps(uint64_t seed) {
  using What = HoursStep::What;
  Draws draws(seed);
  std::vector<HoursStep> steps;
  for (int i = 0; i < 60; ++i) {
    const uint32_t longest_pass = draws.Below(4) == 0 ? 30 * kHour : 2 * kHour;
    steps.push_back({.what = What::kPass, .amount = draws.Below(longest_pass)});
    if (draws.Below(2) == 0) {
      const uint32_t longest = draws.Below(3) == 0 ? 100 : 10;
      steps.push_back(
          {.what = What::kBegin, .amount = 1 + draws.Below(longest), .uid = 1000 + draws.Below(3)});
    }
    if (draws.Below(3) == 0) steps.push_back({.what = What::kCollect});
  }
  return steps;
}

uint16_t CompOf(int64_t ticks) {
  uint16_t exponent = 0;
  for (; ticks > 0x1fff; ticks /= 8) {
    EXPECT_EQ(ticks % 8, 0);
    ++exponent;
  }
  return static_cast<uint16_t>(exponent << 13 | ticks);
}

class Machine {
 public:
  // The first run needs something to publish.
  Machine() {
    dir_.Write("pacct", RecordBuilder()
                            .BeginTime(static_cast<uint32_t>(kFirstRun))
                            .UserTime(0)
                            .SystemTime(0)
                            .Bytes());
  }

  void Play(const std::vector<HoursStep>& steps, const Failures& failures) {
    // The first run cannot know when earlier time was used.
    CollectAndCheck();
    for (const HoursStep& step : steps) {
      Do(step);
      if (failures.any()) return;
    }
  }

 private:
  using What = HoursStep::What;
  // Ticks by user and hour.
  using Hours = std::map<std::pair<uint32_t, int64_t>, int64_t>;

  struct Job {
    uint32_t pid;
    uint32_t uid;
    int64_t begin;
    int64_t end;
    bool has_record = false;
  };

  void Do(const HoursStep& step) {
    switch (step.what) {
      case What::kPass:
        now_ += step.amount;
        return WriteRecords();
      case What::kBegin: {
        const auto runs = [](const Job& job) { return !job.has_record; };
        if (std::count_if(jobs_.begin(), jobs_.end(), runs) == kProcessors) return;
        const auto pid = static_cast<uint32_t>(100 + jobs_.size());
        jobs_.push_back(
            {.pid = pid, .uid = step.uid, .begin = now_, .end = now_ + step.amount * kUnit});
        return;
      }
      case What::kCollect:
        return CollectAndCheck();
    }
  }

  void WriteRecords() {
    for (Job& job : jobs_) {
      if (job.has_record || job.end > now_) continue;
      job.has_record = true;
      dir_.Append("pacct", RecordBuilder()
                               .Pid(job.pid)
                               .Uid(job.uid)
                               .Command("job")
                               .BeginTime(static_cast<uint32_t>(job.begin))
                               .Elapsed(static_cast<float>((job.end - job.begin) * kTicks))
                               .UserTime(CompOf((job.end - job.begin) * kTicks))
                               .SystemTime(0)
                               .Bytes());
    }
  }

  acct::ProcessTable Processes() const {
    acct::ProcessTable table{.boot_id = "boot", .boot_time = kBoot, .uptime = now_ - kBoot};
    for (const Job& job : jobs_) {
      if (job.has_record) continue;
      table.processes.push_back({.pid = job.pid,
                                 .start_ticks = static_cast<uint64_t>((job.begin - kBoot) * kTicks),
                                 .begin_time = job.begin,
                                 .uid = Uid(job.uid),
                                 .command = "job",
                                 .user_ticks = static_cast<uint64_t>((now_ - job.begin) * kTicks)});
    }
    return table;
  }

  void CollectAndCheck() {
    const absl::StatusOr<CollectResult> result =
        Collect(store_, names_,
                {.files = {.path = dir_.Path("pacct")},
                 .host = "lab",
                 .now = absl::FromUnixSeconds(now_),
                 .read_processes = [this] { return Processes(); }});
    ASSERT_TRUE(result.ok()) << result.status();
    testing::CheckCells(store_);
    const Hours counted = Counted();
    const Hours used = Used();
    for (const auto& [key, ticks] : used) CheckHour(key, ticks, counted);
    for (const auto& [key, ticks] : counted) {
      ASSERT_TRUE(used.contains(key)) << key.first << " has used nothing at " << key.second;
    }
    int64_t sum_counted = 0;
    int64_t sum_used = 0;
    for (const auto& [key, ticks] : counted) sum_counted += ticks;
    for (const auto& [key, ticks] : used) sum_used += ticks;
    ASSERT_EQ(sum_counted, sum_used);
    // What the run before has seen to its end.
    for (const auto& [key, ticks] : counted_before_) {
      if (key.second + kHour > last_run_) continue;
      ASSERT_TRUE(counted.contains(key));
      ASSERT_EQ(counted.at(key), ticks) << "changed after it was reported";
    }
    counted_before_ = counted;
    last_run_ = now_;
  }

  void CheckHour(const Hours::key_type& key, int64_t used, const Hours& counted) const {
    const auto found = counted.find(key);
    const int64_t ticks = found == counted.end() ? 0 : found->second;
    // Each part of a job is rounded down, and the next one is more by that.
    ASSERT_NEAR(static_cast<double>(ticks), static_cast<double>(used), 5)
        << key.first << " in the hour " << (key.second - kFirstRun) / kHour;
    ASSERT_LE(ticks, kProcessors * kHour * kTicks + 5);
  }

  Hours Counted() const {
    Hours hours;
    const Report report = testing::ReportBy(store_, {Dimension::kUser, Dimension::kHour});
    for (const ReportRow& row : report.rows) {
      hours[{row.uid.value(), row.begin}] +=
          static_cast<int64_t>(row.usage.cpu_time().ticks().count());
    }
    // Where only a process counts.
    std::erase_if(hours, [](const auto& hour) { return hour.second == 0; });
    return hours;
  }

  Hours Used() const {
    Hours hours;
    for (const Job& job : jobs_) {
      const int64_t end = std::min(job.end, now_);
      for (int64_t time = job.begin; time < end;) {
        const int64_t hour = time - time % kHour;
        const int64_t next = std::min(end, hour + kHour);
        hours[{job.uid, hour}] += (next - time) * kTicks;
        time = next;
      }
    }
    return hours;
  }

  static constexpr int64_t kBoot = kFirstRun - 1000;

  acct::testing::TempDir dir_;
  testing::CrashingFiles files_{dir_.Path("trash")};
  SnapshotStore store_{dir_.Path("store"), files_};
  PasswdFileDirectory names_{""};
  int64_t now_ = kFirstRun;
  int64_t last_run_ = 0;
  std::vector<Job> jobs_;
  Hours counted_before_;
};

TEST(HoursSimulationTest, EachHourHasWhatWasUsedInIt) {
  PlayHistories<HoursStep>(
      150, HoursSteps, [](uint64_t, const std::vector<HoursStep>& steps, const Failures& failures) {
        Machine().Play(steps, failures);
      });
}

}  // namespace
}  // namespace cpuagg::aggregate
