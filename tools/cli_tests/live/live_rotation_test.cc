// The kernel's own accounting, rotated by the usual programs. Users work, `cpuagg collect` runs at
// random times and is sometimes killed, and savelog or logrotate runs in between or at the same
// time. In the end the store must equal GNU sa's sums over all generations for every user. Needs
// root; otherwise prints that and skips.

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <ostream>
#include <random>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/accounting.h"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using nlohmann::json;
using testing::AccountingNamespace;
using testing::Accton;
using testing::AddTotalsOfSa;
using testing::Finished;
using testing::Program;
using testing::ReportOfStore;
using testing::RowOf;
using testing::RunProgram;
using testing::StartedProgram;
using testing::Totals;
using testing::TotalsOfReport;

// How a system rotates its accounting file.
struct Scheme {
  const char* name;
  // savelog's options, or logrotate's lines.
  const char* savelog = nullptr;
  const char* logrotate = nullptr;
  bool is_dated = false;
  bool copies_and_truncates = false;

  friend void PrintTo(const Scheme& scheme, std::ostream* out) { *out << scheme.name; }
};

// All rotations are kept, so that nothing is lost.
constexpr int kKept = 60;

constexpr uid_t kBurningUser = 54322;

class LiveRotationTest : public testing::CliTest,
                         public ::testing::WithParamInterface<std::tuple<Scheme, unsigned>> {
 protected:
  LiveRotationTest() { pacct_ = dir_.Path("account/pacct"); }

  // Why the kernel's accounting cannot be turned on here; empty if it is on.
  std::string TurnAccountingOn() {
    for (const char* const directory : {"account", "jobs"}) {
      std::filesystem::create_directory(dir_.Path(directory));
    }
    dir_.Write("account/pacct", "");
    return namespace_.TurnAccountingOn(pacct_);
  }

  // Starts users who run short programs until StopJobs().
  void StartJobs() {
    constexpr char kScript[] =
        "while [ -e work ]; do\n"
        "  /bin/true; /bin/sleep 0.05\n"
        "  (i=0; while [ $i -lt 4000 ]; do i=$((i+1)); done)\n"
        "done";
    dir_.Write("jobs/work", "");
    for (const uid_t user : {0u, 1001u, 54321u, 2147483648u, 4294967293u}) {
      jobs_.push_back(std::make_unique<StartedProgram>(Program{
          .argv = {"/bin/sh", "-c", kScript}, .directory = dir_.Path("jobs"), .user = user}));
    }
  }

  void StopJobs() {
    std::filesystem::remove(dir_.Path("jobs/work"));
    for (const auto& job : jobs_) {
      const Finished run = job->Wait();
      EXPECT_EQ(run.exit_code, 0) << run.err;
    }
    jobs_.clear();
  }

  // Processes started from now on have no record, and so must not be visible either: /proc is
  // always that of the namespace.
  void StartOutside() {
    namespace_.StartOutside();
    is_outside_ = true;
  }
  void StartInside() {
    namespace_.StartInside();
    is_outside_ = false;
  }

  Program Collect() const {
    Program collect = Cpuagg({"collect"});
    // The probe that it ends has no record either.
    if (is_outside_) collect.argv.insert(collect.argv.end(), {"--proc", "/proc"});
    return collect;
  }

  // Runs it to its end, or kills it within 15 ms, about its usual run time. If the file may be
  // truncated meanwhile, the collector may report that and leave everything to the next run.
  void Finish(StartedProgram& collect, bool is_killed, bool may_be_truncated = false) {
    if (is_killed) {
      Idle(15);
      collect.Kill();
    }
    const Finished run = collect.Wait();
    if (is_killed && run.signal == SIGKILL) {
      ++kills_;
      return;
    }
    if (may_be_truncated && run.exit_code == 1) {
      ++refusals_;
      EXPECT_TRUE(absl::EndsWith(run.err, "run again\n")) << run.err;
      return;
    }
    ++collects_;
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(run.err, "");
  }

  void CollectNow(bool is_killed = false) {
    StartedProgram collect(Collect());
    Finish(collect, is_killed);
  }

  // Like RHEL's /etc/logrotate.d/psacct, except for the scheme's own lines.
  void Configure() const {
    if (scheme_.logrotate == nullptr) return;
    std::string text = absl::StrCat(pacct_, " {\n  rotate ", kKept, "\n  ", scheme_.logrotate);
    if (!scheme_.copies_and_truncates) {
      absl::StrAppend(&text, "\n  create 0640 root adm\n  postrotate\n    /usr/sbin/accton ",
                      pacct_, " >/dev/null\n  endscript");
    }
    dir_.Write("logrotate.conf", text + "\n}\n");
  }

  Program Rotation() const {
    if (scheme_.logrotate != nullptr) {
      return {.argv = {"/usr/sbin/logrotate", "--force", "--state", dir_.Path("state"),
                       dir_.Path("logrotate.conf")}};
    }
    // Like Debian's /etc/cron.daily/acct, but without the second during which that leaves
    // accounting off.
    return {.argv = {
                "/bin/sh", "-c",
                absl::StrCat("savelog -g adm -m 0640 -u root -c ", kKept, " ", scheme_.savelog, " ",
                             pacct_, " >/dev/null && /usr/sbin/accton ", pacct_, " >/dev/null")}};
  }

  // Whether a rotation now would use the name of the previous one: logrotate's names have whole
  // seconds.
  bool NameIsTaken() const { return scheme_.is_dated && time(nullptr) == last_rotation_; }

  // Rotates and, if `collects`, collects at the same time; either may begin first.
  void Rotate(bool collects, bool is_killed) {
    while (NameIsTaken()) CollectNow(/*is_killed=*/random_() % 2 == 0);
    // What is written between copy and truncation is lost if it was not read by then, and sa cannot
    // show what cpuagg should. So no process ends in between, not even the collector, whose own
    // record would be affected.
    if (scheme_.copies_and_truncates) {
      StopJobs();
      StartOutside();
    }
    std::unique_ptr<StartedProgram> collect;
    const bool collects_first = collects && random_() % 2 == 0;
    if (collects_first) {
      collect = std::make_unique<StartedProgram>(Collect());
      Idle(15);
    }
    StartedProgram rotation(Rotation());
    if (collects && !collects_first) {
      Idle(15);
      collect = std::make_unique<StartedProgram>(Collect());
    }
    if (collects) Finish(*collect, is_killed, scheme_.copies_and_truncates);
    const Finished run = rotation.Wait();
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(run.err, "");
    ++rotations_;
    last_rotation_ = time(nullptr);
    if (scheme_.copies_and_truncates) {
      StartInside();
      StartJobs();
    }
    ReuseProcessIds();
  }

  // Lets process ids start again, from one of several places. No id is given twice within two
  // seconds: two records with the same id and the same time may be equal, and no machine runs
  // through all its ids so fast.
  void ReuseProcessIds() {
    constexpr size_t kPlaces = 12;
    constexpr int kIdsOfOne = 2500;
    const size_t place = static_cast<size_t>(rotations_) % kPlaces;
    places_left_.resize(kPlaces);
    places_left_[(place + kPlaces - 1) % kPlaces] = absl::Now();
    absl::SleepFor(places_left_[place] + absl::Seconds(2) - absl::Now());
    const std::string last_id = std::to_string(10 + kIdsOfOne * static_cast<int>(place));
    EXPECT_EQ(RunProgram(
                  {.argv = {"/bin/sh", "-c", "echo " + last_id + " >/proc/sys/kernel/ns_last_pid"}})
                  .exit_code,
              0);
  }

  // Waits for less than `milliseconds`.
  void Idle(unsigned milliseconds) {
    usleep(static_cast<useconds_t>(random_() % (milliseconds * 1000)));
  }

  // Keeps the generations and the store among the outputs that Bazel keeps of a failed test: no
  // second run has the same records.
  void KeepFiles() const {
    const char* const outputs = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR");
    if (outputs == nullptr) return;
    const std::filesystem::path kept =
        std::filesystem::path(outputs) / absl::StrCat(scheme_.name, std::get<unsigned>(GetParam()));
    std::error_code error;
    std::filesystem::create_directories(kept, error);
    for (const std::string& directory : {dir_.Path("account"), store_}) {
      std::filesystem::copy(directory, kept / std::filesystem::path(directory).filename(),
                            std::filesystem::copy_options::recursive, error);
      EXPECT_FALSE(error) << directory << ": " << error.message();
    }
  }

  // GNU sa's totals over all generations.
  Totals TotalsOfGenerations() const {
    Totals totals;
    for (const auto& entry : std::filesystem::directory_iterator(dir_.Path("account"))) {
      const std::string path = entry.path().string();
      if (!absl::EndsWith(path, ".gz")) {
        AddTotalsOfSa(path, totals);
        continue;
      }
      const Finished run = RunProgram({.argv = {"/bin/gunzip", "-c", path}});
      EXPECT_EQ(run.exit_code, 0) << run.err;
      AddTotalsOfSa(dir_.Write("plain", run.out), totals);
    }
    return totals;
  }

  const Scheme scheme_ = std::get<Scheme>(GetParam());
  std::mt19937 random_{std::get<unsigned>(GetParam())};
  const AccountingNamespace namespace_;
  std::vector<std::unique_ptr<StartedProgram>> jobs_;
  bool is_outside_ = false;
  time_t last_rotation_ = 0;
  std::vector<absl::Time> places_left_;  // when each was left; see ReuseProcessIds()
  int rotations_ = 0;
  int collects_ = 0;
  int kills_ = 0;
  int refusals_ = 0;
};

TEST_P(LiveRotationTest, EveryUsersCpuIsWhatGnuSaSaysOfAllGenerations) {
  SCOPED_TRACE(absl::StrCat("seed ", std::get<unsigned>(GetParam())));
  if (const std::string problem = TurnAccountingOn(); !problem.empty()) GTEST_SKIP() << problem;
  Configure();
  StartJobs();
  // Mostly asleep, and without children: what else runs needs the processors too.
  auto burner = std::make_unique<StartedProgram>(
      Program{.argv = {"/usr/bin/perl", "-e",
                       "for (;;) { for (1 .. 50_000) {} select undef, undef, undef, 0.02 }"},
              .user = kBurningUser});

  enum Step { kIdle, kCollect, kRotate, kRotateAndCollect };
  std::vector<Step> steps;
  for (const auto& [step, count] :
       {std::pair(kIdle, 12), {kCollect, 24}, {kRotate, 6}, {kRotateAndCollect, 14}}) {
    steps.insert(steps.end(), count, step);
  }
  std::shuffle(steps.begin(), steps.end(), random_);
  bool was_seen_running = false;
  for (size_t i = 0; i < steps.size(); ++i) {
    const bool is_killed = random_() % 2 == 0;
    switch (steps[i]) {
      case kIdle:
        Idle(100);
        break;
      case kCollect:
        CollectNow(is_killed);
        break;
      case kRotate:
        Rotate(/*collects=*/false, is_killed);
        break;
      case kRotateAndCollect:
        Rotate(/*collects=*/true, is_killed);
        break;
    }
    if (burner == nullptr) continue;
    // At first nothing has been collected.
    const bool has_store = std::filesystem::exists(store_ + "/snapshots");
    if (const json row = has_store ? RowOf(kBurningUser, ReportOfStore(store_)) : json();
        !row.is_null()) {
      was_seen_running = true;
      EXPECT_EQ(row["processes"], 0);
      EXPECT_GT(row["running_cpu_seconds"], 0.0);
      EXPECT_EQ(row["running_cpu_seconds"], row["cpu_seconds"]);
    }
    if (i < steps.size() * 2 / 3) continue;
    EXPECT_GE(rotations_, 3);
    burner->Kill();
    EXPECT_EQ(burner->Wait().signal, SIGKILL);
    burner = nullptr;
    CollectNow();
    const json row = RowOf(kBurningUser, ReportOfStore(store_));
    ASSERT_FALSE(row.is_null());
    EXPECT_EQ(row["running_cpu_seconds"], 0.0);
    const std::string name = std::to_string(kBurningUser);
    EXPECT_EQ(TotalsOfReport({{"rows", {row}}}), (Totals{{name, TotalsOfGenerations()[name]}}));
  }
  EXPECT_TRUE(was_seen_running);

  StopJobs();
  EXPECT_EQ(Accton("off").exit_code, 0);
  StartOutside();
  CollectNow();
  CollectNow();
  const json report = ReportOfStore(store_);
  const Totals expected = TotalsOfGenerations();
  EXPECT_EQ(TotalsOfReport(report), expected);
  if (HasFailure()) KeepFiles();
  EXPECT_EQ(expected.size(), 6u);
  for (const json& row : report["rows"]) EXPECT_EQ(row["running_cpu_seconds"], 0.0) << row;
  EXPECT_EQ(report["gaps"], json::array());
  EXPECT_EQ(report["input"]["skipped_bytes"], 0);
  for (const auto& entry : std::filesystem::directory_iterator(store_ + "/snapshots")) {
    EXPECT_FALSE(absl::StartsWith(entry.path().filename().string(), ".unfinished-"));
  }
  RecordProperty("records", report["totals"]["processes"].dump());
  RecordProperty("rotations", rotations_);
  RecordProperty("collects", collects_);
  RecordProperty("kills", kills_);
  RecordProperty("refusals", refusals_);
}

std::string NameOf(const ::testing::TestParamInfo<std::tuple<Scheme, unsigned>>& test) {
  return absl::StrCat(std::get<Scheme>(test.param).name, "Seed", std::get<unsigned>(test.param));
}

INSTANTIATE_TEST_SUITE_P(
    Schemes, LiveRotationTest,
    ::testing::Combine(::testing::Values(Scheme{.name = "Savelog", .savelog = ""},
                                         Scheme{.name = "SavelogUncompressed", .savelog = "-l"},
                                         Scheme{.name = "Numbered", .logrotate = "nocompress"},
                                         Scheme{.name = "Compressed", .logrotate = "compress"},
                                         Scheme{.name = "Delayed",
                                                .logrotate = "compress\n  delaycompress"},
                                         Scheme{.name = "CopyTruncate",
                                                .logrotate = "copytruncate",
                                                .copies_and_truncates = true}),
                       ::testing::Values(20261124u, 4711u)),
    NameOf);

// Each rotation takes a second.
INSTANTIATE_TEST_SUITE_P(DatedScheme, LiveRotationTest,
                         ::testing::Combine(::testing::Values(Scheme{
                                                .name = "Dated",
                                                .logrotate = "dateext\n  dateformat -%Y%m%d-%s",
                                                .is_dated = true}),
                                            ::testing::Values(20261124u)),
                         NameOf);

}  // namespace
}  // namespace cpuagg::tools
