// `cpuagg collect` and `cpuagg report` with a store over weeks: damaged snapshots, changing names,
// commands, merging and expiry. The clock that the program sees is set.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "tools/testing/csv.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::ReadFile;
using acct::testing::RecordBuilder;
using acct::testing::TempDir;
using nlohmann::json;
using testing::CsvRows;
using testing::Finished;
using testing::ParseCsv;
using testing::Program;
using testing::RunProgram;
using testing::StartedProgram;

class StoreCliTest : public ::testing::Test {
 protected:
  using Strings = std::vector<std::string>;
  // uid -> processes.
  using Processes = std::map<uint32_t, uint64_t>;

  // The sanitizers must be loaded before preloaded libraries, but also work if they are not.
  static void SetUpTestSuite() { setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1); }

  // Appends a process that ends now.
  void Work(uint32_t uid, const std::string& command = "make", uint16_t hundredths = 100) {
    WorkAt(now_, uid, command, hundredths);
  }
  void WorkAt(absl::Time end, uint32_t uid, const std::string& command = "make",
              uint16_t hundredths = 100) {
    dir_.Append("pacct", RecordBuilder()
                             .Uid(uid)
                             .BeginTime(static_cast<uint32_t>(absl::ToUnixSeconds(end)) - 1)
                             .Elapsed(100)
                             .UserTime(hundredths)
                             .Command(command)
                             .Bytes());
    ++written_[uid];
  }

  Program Cpuagg(Strings argv, Strings environment = {}) const {
    argv.insert(argv.begin(), "tools/cpuagg");
    Strings all = {"TZ=UTC",
                   "CPUAGG_HOST_NAME=lab01",
                   "CPUAGG_STORE=" + store_,
                   "CPUAGG_ACCOUNTING_FILE=" + dir_.Path("pacct"),
                   "LD_PRELOAD=tools/testing/libshifted_clock.so",
                   absl::StrCat("CLOCK_SHIFT=", absl::ToInt64Nanoseconds(now_ - absl::Now()))};
    all.insert(all.end(), environment.begin(), environment.end());
    return {.argv = std::move(argv), .environment = std::move(all)};
  }
  Finished Run(Strings argv, Strings environment = {}) const {
    return RunProgram(Cpuagg(std::move(argv), std::move(environment)));
  }
  Finished Collect(const Strings& flags = {}) const {
    Strings argv = {"collect", "--no-running", "--passwd", passwd_};
    argv.insert(argv.end(), flags.begin(), flags.end());
    return Run(std::move(argv));
  }
  // A collect run without warnings.
  void CollectQuietly(const Strings& flags = {}) const {
    const Finished run = Collect(flags);
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_EQ(run.err, "");
  }
  Finished Report(const Strings& flags = {}) const {
    Strings argv = {"report"};
    argv.insert(argv.end(), flags.begin(), flags.end());
    return Run(std::move(argv));
  }
  json JsonReport(Strings flags = {}, int exit_code = 0) const {
    flags.emplace_back("--format=json");
    const Finished run = Report(flags);
    EXPECT_EQ(run.exit_code, exit_code) << run.err;
    if (exit_code == 0) {
      EXPECT_EQ(run.err, "");
    }
    return json::parse(run.out);
  }
  static Processes ProcessesOf(const json& report) {
    Processes processes;
    for (const json& row : report["rows"]) {
      processes[row["uid"].get<uint32_t>()] += row["processes"].get<uint64_t>();
    }
    return processes;
  }
  // uid, name ("-" for none) and processes of each row.
  Strings Users(Strings flags = {}) const {
    flags.emplace_back("--sort=uid");
    const json report = JsonReport(flags);
    Strings users;
    for (const json& row : report["rows"]) {
      users.push_back(absl::StrCat(row["uid"].get<uint32_t>(), " ",
                                   row["user"].is_null() ? "-" : row["user"].get<std::string>(),
                                   " ", row["processes"].get<uint64_t>()));
    }
    return users;
  }

  // The names in snapshots/, in order of time and runs.
  Strings Names() const {
    Strings names;
    for (const auto& entry : std::filesystem::directory_iterator(store_ + "/snapshots")) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  std::string PathOf(const std::string& name) const { return store_ + "/snapshots/" + name; }
  void WriteSnapshot(const std::string& name, const std::string& bytes) const {
    dir_.Write("store/snapshots/" + name, bytes);
  }

  // Three runs at noon; each finds a user of its own and one that all have.
  void CollectThreeRuns() {
    for (uint32_t run = 1; run <= 3; ++run) {
      Work(1000);
      Work(run);
      CollectQuietly();
      now_ += absl::Minutes(15);
    }
    ASSERT_EQ(Names(), (Strings{"20261001T120000Z-000001.pb", "20261001T121500Z-000002.pb",
                                "20261001T123000Z-000003.pb"}));
  }

  // Replaces a snapshot, which is not the newest, by `bytes`. Its content is then missing, and the
  // next run reads it again.
  void ExpectReadAgain(const std::string& name, const std::string& bytes, const Processes& lost,
                       const std::string& how) {
    SCOPED_TRACE(absl::StrCat(name, " ", how));
    const std::string path = PathOf(name);
    const Processes written = written_;
    ExpectMissing(name, bytes, lost, how,
                  "cpuagg: what runs 2 to 3 held, of which snapshots were damaged or missing, has "
                  "been read again\n");
    written_ = written;
    const json report = JsonReport({}, 3);
    EXPECT_EQ(ProcessesOf(report), written_);
    EXPECT_EQ(report["gaps"], json::array());
    EXPECT_EQ(Report().err, "cpuagg: " + path +
                                ".damaged: damaged, and set aside; what it held has been read "
                                "again, and the file can be removed\n");
    CollectQuietly();
    Work(1000);
    CollectQuietly();
    std::filesystem::remove(path + ".damaged");
    ExpectEverythingOnce();
  }
  // The same if the records no longer exist: it is a gap.
  void ExpectAGap(const std::string& name, const std::string& bytes, const Processes& lost,
                  const std::string& how) {
    SCOPED_TRACE(absl::StrCat(name, " ", how));
    const std::string path = PathOf(name);
    ExpectMissing(name, bytes, lost, how);
    ExpectGapThatNames(path + ".damaged:", 3);
    EXPECT_TRUE(absl::StrContains(Report().out, path + ".damaged: damaged, and set aside; "));
    CollectQuietly();
    Work(1000);
    CollectQuietly();
    ExpectGapThatNames(path + ".damaged:", 3);
  }
  void ExpectMissing(const std::string& name, const std::string& bytes, const Processes& lost,
                     const std::string& how, const std::string& more = "") {
    const std::string path = PathOf(name);
    WriteSnapshot(name, bytes);
    for (const auto& [uid, processes] : lost) {
      if ((written_[uid] -= processes) == 0) written_.erase(uid);
    }
    const std::string problem = absl::StrCat("cpuagg: ", path, ": damaged snapshot (", how, ")");
    const Finished table = Report();
    EXPECT_EQ(table.exit_code, 3);
    EXPECT_EQ(table.err, problem + "\n");
    EXPECT_TRUE(absl::StrContains(table.out, "\nGap: 2026-")) << table.out;
    EXPECT_TRUE(absl::StrContains(table.out, path)) << table.out;
    ExpectGapThatNames(path + ":", 3);

    const Finished collect = Collect();
    EXPECT_EQ(collect.exit_code, 3);
    EXPECT_EQ(collect.err, problem + "; it is set aside as *.damaged\n" + more);
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_EQ(ReadFile(path + ".damaged"), bytes);
  }
  void ExpectGapThatNames(const std::string& path, int exit_code) const {
    const json report = JsonReport({}, exit_code);
    EXPECT_EQ(ProcessesOf(report), written_);
    ASSERT_EQ(report["gaps"].size(), 1u);
    EXPECT_TRUE(absl::StartsWith(report["gaps"][0]["reason"].get<std::string>(), path))
        << report["gaps"];
  }
  void ExpectEverythingOnce() const {
    const json report = JsonReport();
    EXPECT_EQ(ProcessesOf(report), written_);
    EXPECT_EQ(report["gaps"], json::array());
  }

  const TempDir dir_;
  const std::string store_ = dir_.Path("store");
  const std::string passwd_ = dir_.Write("passwd", "alice:x:1000:1000::/:/bin/sh\n");
  // The clock of the program.
  absl::Time now_ = absl::FromCivil(absl::CivilHour(2026, 10, 1, 12), absl::UTCTimeZone());
  Processes written_;
};

std::string WithFlippedBit(std::string bytes, size_t offset) {
  bytes[offset] = static_cast<char>(bytes[offset] ^ 4);
  return bytes;
}

class DamagedSnapshotTest : public StoreCliTest {
 protected:
  void SetUp() override {
    CollectThreeRuns();
    bytes_ = ReadFile(PathOf(name_));
  }

  const std::string name_ = "20261001T121500Z-000002.pb";
  const Processes lost_ = {{2, 1}, {1000, 1}};
  std::string bytes_;
};

TEST_F(DamagedSnapshotTest, CutShortInItsHeader) {
  ExpectReadAgain(name_, bytes_.substr(0, 40), lost_, "it is cut short");
}
TEST_F(DamagedSnapshotTest, CutShortInItsBody) {
  ExpectReadAgain(name_, bytes_.substr(0, bytes_.size() - 1), lost_, "it is cut short or changed");
}
TEST_F(DamagedSnapshotTest, Empty) { ExpectReadAgain(name_, "", lost_, "it is empty"); }
TEST_F(DamagedSnapshotTest, SomethingElse) {
  ExpectReadAgain(name_, "What is this?\n", lost_, "not a protobuf of this format");
}
TEST_F(DamagedSnapshotTest, ABitOfItsVersion) {
  ExpectReadAgain(name_, WithFlippedBit(bytes_, 1), lost_, "its version is wrong");
}
TEST_F(DamagedSnapshotTest, ABitOfItsHeader) {
  ExpectReadAgain(name_, WithFlippedBit(bytes_, 30), lost_, "its checksum is wrong");
}
TEST_F(DamagedSnapshotTest, ABitOfItsBody) {
  ExpectReadAgain(name_, WithFlippedBit(bytes_, bytes_.size() - 1), lost_, "its checksum is wrong");
}
TEST_F(DamagedSnapshotTest, AnotherOneOfTheStore) {
  ExpectReadAgain(name_, ReadFile(PathOf(Names()[0])), lost_,
                  "it holds run 1, not what its name says");
}
TEST_F(DamagedSnapshotTest, OneOfAnotherStore) {
  const std::string other = dir_.Path("other");
  EXPECT_EQ(Collect({"--store", other}).exit_code, 0);
  for (const auto& entry : std::filesystem::directory_iterator(other + "/snapshots")) {
    ExpectReadAgain(name_, ReadFile(entry.path()), lost_, "it holds run 1, not what its name says");
  }
}

TEST_F(DamagedSnapshotTest, OneWhoseRecordsAreGone) {
  // Complete, read, and rotated away.
  std::filesystem::rename(dir_.Path("pacct"), dir_.Path("pacct.1"));
  Work(1000);
  CollectQuietly();
  std::filesystem::remove(dir_.Path("pacct.1"));
  Work(1000);
  CollectQuietly();
  ExpectAGap(name_, WithFlippedBit(bytes_, 30), lost_, "its checksum is wrong");
}

TEST_F(DamagedSnapshotTest, AMergedOne) {
  now_ += absl::Hours(24);
  Work(4);
  CollectQuietly();
  now_ += absl::Hours(24 * 4);
  Work(5);
  CollectQuietly();
  const std::string merged = "20261001T123000Z-000001-000003.pb";
  ASSERT_EQ(Names(), (Strings{merged, "20261002T124500Z-000004.pb", "20261006T124500Z-000005.pb"}));
  ExpectEverythingOnce();
  const std::string bytes = ReadFile(PathOf(merged));
  WriteSnapshot(merged, WithFlippedBit(bytes, bytes.size() / 2));
  const Finished report = Report();
  EXPECT_EQ(report.exit_code, 3);
  EXPECT_TRUE(absl::StrContains(report.out, "Gap: until 2026-10-01 12:30 UTC: " + PathOf(merged)))
      << report.out;
  const Finished collect = Collect();
  EXPECT_EQ(collect.exit_code, 3);
  EXPECT_TRUE(absl::StrContains(collect.err, merged)) << collect.err;
  written_ = {{4, 1}, {5, 1}};
  ExpectGapThatNames(PathOf(merged) + ".damaged:", 3);
  // The original comes back from a backup, so there is no gap any more.
  WriteSnapshot(merged, bytes);
  EXPECT_EQ(Report().exit_code, 3);
  std::filesystem::remove(PathOf(merged) + ".damaged");
  written_ = {{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {1000, 3}};
  ExpectEverythingOnce();
  CollectQuietly();
}

TEST_F(StoreCliTest, WhatTheNewestSnapshotsHeldIsReadAgain) {
  CollectThreeRuns();
  for (size_t damaged = 1; damaged <= 3; ++damaged) {
    SCOPED_TRACE(damaged);
    const Strings names = Names();
    std::string problems;
    for (const std::string& name : Strings(names.end() - static_cast<int>(damaged), names.end())) {
      WriteSnapshot(name, "damaged");
      absl::StrAppend(&problems, "cpuagg: ", PathOf(name),
                      ": damaged snapshot (not a protobuf of this format); it is set aside as "
                      "*.damaged\n");
    }
    const Finished report = Report();
    EXPECT_EQ(report.exit_code, 3);
    EXPECT_TRUE(absl::StrContains(report.out, "\nGap: ")) << report.out;
    now_ += absl::Minutes(15);
    Finished run = Collect();
    EXPECT_EQ(run.exit_code, 3);
    EXPECT_EQ(run.err, problems);
    EXPECT_EQ(Report().exit_code, 3);
    for (const std::string& name : Names()) {
      if (absl::EndsWith(name, ".damaged")) std::filesystem::remove(PathOf(name));
    }
    ExpectEverythingOnce();
    // The numbers continue.
    for (int more = 0; more < 2; ++more) {
      now_ += absl::Minutes(15);
      Work(1000);
      CollectQuietly();
      ExpectEverythingOnce();
    }
  }
  EXPECT_EQ(Names().back(), "20261001T150000Z-000012.pb");
}

TEST_F(StoreCliTest, WhenAllSnapshotsAreDamagedWhatIsStillThereIsReadAgain) {
  CollectThreeRuns();
  for (const std::string& name : Names()) WriteSnapshot(name, "damaged");
  const Finished report = Report();
  EXPECT_EQ(report.exit_code, 3);
  EXPECT_TRUE(absl::StrContains(report.out, "No CPU usage.\n")) << report.out;
  const Finished run = Collect();
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_TRUE(absl::EndsWith(
      run.err,
      "cpuagg: gap: until 2026-10-01 12:45 UTC: no snapshot of the store could be read; usage that "
      "is no longer in the accounting file and its rotated generations is not counted\n"))
      << run.err;
  EXPECT_EQ(Names().back(), "20261001T124500Z-000001-000004.pb");
  // What was rotated away earlier is unknown.
  const json after = JsonReport({}, 3);
  EXPECT_EQ(ProcessesOf(after), written_);
  EXPECT_EQ(after["gaps"].size(), 1u);
  CollectQuietly();
  Work(1000);
  CollectQuietly();
  EXPECT_EQ(ProcessesOf(JsonReport({}, 3)), written_);
}

TEST_F(StoreCliTest, AStoreOfANewerVersionIsRefusedAndLeftAlone) {
  CollectThreeRuns();
  WriteSnapshot("20261001T121500Z-000002.pb", "damaged");
  const std::string newer = "20261001T124500Z-000004.pb";
  WriteSnapshot(newer, "\x08\x09 of a later cpuagg");
  std::map<std::string, std::string> before;
  for (const std::string& name : Names()) before[name] = ReadFile(PathOf(name));
  Work(1000);
  for (const Finished& run : {Collect(), Report(), Report({"--period=since-last"}),
                              Run({"send", "--dry-run"}), Run({"run", "--dry-run"})}) {
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(run.err, absl::StrCat("cpuagg: ", PathOf(newer),
                                    ": has format version 9, and this cpuagg knows only 2; use the "
                                    "version of cpuagg that wrote it, or a newer one\n"));
  }
  std::map<std::string, std::string> after;
  for (const std::string& name : Names()) after[name] = ReadFile(PathOf(name));
  EXPECT_EQ(after, before);
}

TEST_F(StoreCliTest, UsersAreToldApartByTheNamesThatTheyHad) {
  const auto collect = [&](const std::string& accounts) {
    dir_.Write("passwd", accounts);
    for (const uint32_t uid : {1001, 1002, 1003}) Work(uid);
    CollectQuietly();
  };
  collect("alice:x:1001:1::/:/bin/sh\nbob:x:1002:1::/:/bin/sh\n");
  EXPECT_EQ(Users(), (Strings{"1001 alice 1", "1002 bob 1", "1003 - 1"}));
  // Renamed, and deleted before the last process has ended.
  collect("alicia:x:1001:1::/:/bin/sh\n");
  EXPECT_EQ(Users(), (Strings{"1001 alice 1", "1001 alicia 1", "1002 bob 2", "1003 - 2"}));
  // The id is reused.
  collect("alicia:x:1001:1::/:/bin/sh\ncarol:x:1002:1::/:/bin/sh\n");
  EXPECT_EQ(Users(),
            (Strings{"1001 alice 1", "1001 alicia 2", "1002 bob 2", "1002 carol 1", "1003 - 3"}));
  collect("");
  const Strings all = {"1001 alice 1", "1001 alicia 3", "1002 bob 2", "1002 carol 2", "1003 - 4"};
  EXPECT_EQ(Users(), all);
  EXPECT_EQ(Users({"--user=alice"}), Strings{"1001 alice 1"});
  EXPECT_EQ(Users({"--user=bob,alicia"}), (Strings{"1001 alicia 3", "1002 bob 2"}));
  EXPECT_EQ(Users({"--user=1002"}), (Strings{"1002 bob 2", "1002 carol 2"}));
  EXPECT_EQ(Users({"--ignore-user=alicia,carol,1003"}), (Strings{"1001 alice 1", "1002 bob 2"}));

  const std::string names =
      dir_.Write("today", "zoe:x:1001:1::/:/bin/sh\nyann:x:1003:1::/:/bin/sh\n");
  EXPECT_EQ(Users({"--passwd", names}), (Strings{"1001 zoe 4", "1002 - 4", "1003 yann 4"}));
  EXPECT_EQ(Users({"--passwd", names, "--user=zoe"}), Strings{"1001 zoe 4"});
  EXPECT_EQ(Users({"--passwd", names, "--user=alice"}), Strings{});

  // Merging changes none of this.
  now_ += absl::Hours(24 * 5);
  Work(1003);
  CollectQuietly();
  ASSERT_EQ(Names().size(), 2u);
  now_ -= absl::Hours(24 * 5);
  EXPECT_EQ(Users({"--until=now"}), all);
}

TEST_F(StoreCliTest, OfEachUserTenCommandsAreKnownAndTheOthersTogether) {
  for (uint16_t i = 1; i <= 15; ++i) Work(1000, absl::StrCat("tool", i), i);
  Work(2, "make", 3);
  Work(2, "others", 4);
  CollectQuietly();
  const json users = JsonReport();
  for (const std::string by : {"command", "user,command", "command,user"}) {
    SCOPED_TRACE(by);
    const json commands = JsonReport({"--by", by});
    EXPECT_EQ(commands["totals"]["cpu_seconds"], users["totals"]["cpu_seconds"]);
    EXPECT_EQ(commands["totals"]["processes"], users["totals"]["processes"]);
    std::map<std::string, uint64_t> processes;
    for (const json& row : commands["rows"]) {
      const json& command = row["command"];
      processes[command.is_null() ? "(null)" : command.get<std::string>()] +=
          row["processes"].get<uint64_t>();
    }
    std::map<std::string, uint64_t> expected = {{"(null)", 5}, {"make", 1}, {"others", 1}};
    for (int i = 6; i <= 15; ++i) expected[absl::StrCat("tool", i)] = 1;
    EXPECT_EQ(processes, expected);
  }
  const std::string table = Report({"--by=command"}).out;
  EXPECT_TRUE(absl::StrContains(table, "\n(others)  ")) << table;
  const CsvRows csv = ParseCsv(Report({"--by=user,command", "--format=csv", "--user=1000"}).out);
  ASSERT_EQ(csv.size(), 11u);
  // Each of tool1 to tool5 is no larger than a known command, but together they are.
  EXPECT_EQ(csv[0].at("command"), "");
  EXPECT_EQ(csv[0].at("processes"), "5");
  EXPECT_EQ(csv[0].at("cpu_seconds"), "0.15");
  EXPECT_EQ(csv[1].at("command"), "tool15");

  const json chosen = JsonReport({"--by=user,command", "--command=mak*", "--command=tool1?"});
  EXPECT_EQ(chosen["rows"].size(), 7u);
  EXPECT_EQ(chosen["totals"]["processes"], 7);
  EXPECT_EQ(JsonReport({"--command=mak*"})["rows"].size(), 1u);
}

TEST_F(StoreCliTest, WhatAStoreDoesNotKeepIsAskedOfTheFiles) {
  Work(1000);
  CollectQuietly();
  for (const std::string by : {"group", "tty", "user,tty", "hour,group"}) {
    SCOPED_TRACE(by);
    const Finished run = Report({"--by", by});
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(run.err,
              "cpuagg: --by: the store knows users, commands, hours and days; name the accounting "
              "files to ask them for groups or terminals\n");
    EXPECT_EQ(Report({"--by", by, dir_.Path("pacct")}).exit_code, 0);
  }
}

TEST_F(StoreCliTest, WhatIsNoNumberOfDaysIsRefused) {
  Work(1000);
  for (const std::string value : {"0", "-1", "abc", "1h", "d", "36501", "99999999999d"}) {
    const std::string says = absl::StrCat(
        ": '", value, "' is not a number of days from 1 to 36500; write 400d, 60w or 2y\n");
    for (const std::string flag : {"--keep", "--keep-hours"}) {
      const Finished run = Collect({flag, value});
      EXPECT_EQ(run.exit_code, 2);
      EXPECT_EQ(run.err, absl::StrCat("cpuagg: ", flag, says));
    }
    for (const std::string key : {"KEEP", "KEEP_HOURS"}) {
      const Finished run =
          Run({"collect", "--no-running"}, {absl::StrCat("CPUAGG_", key, "=", value)});
      EXPECT_EQ(run.exit_code, 2);
      EXPECT_EQ(run.err, absl::StrCat("cpuagg: CPUAGG_", key, " in the environment", says));
    }
  }
  EXPECT_EQ(Collect({"--keep", ""}).exit_code, 2);
  EXPECT_EQ(Run({"collect", "--no-running"}, {"CPUAGG_KEEP="}).exit_code, 2);
  EXPECT_FALSE(std::filesystem::exists(store_));
  // The flag has priority over the key.
  EXPECT_EQ(Run({"collect", "--no-running", "--keep=30d", "--keep-hours=2w"},
                {"CPUAGG_KEEP=0", "CPUAGG_KEEP_HOURS=0"})
                .exit_code,
            0);
}

TEST_F(StoreCliTest, HoursBecomeDaysAndWhatIsTooOldIsForgotten) {
  // The beginning of each row of --by hour.
  const auto hours = [&] {
    const json report = JsonReport({"--by=hour"});
    Strings begins;
    for (const json& row : report["rows"]) {
      begins.push_back(row["hour"].get<std::string>().substr(0, 16));
    }
    return begins;
  };
  WorkAt(now_ - absl::Hours(24 * 50), 1000);
  Work(1000);
  CollectQuietly();
  EXPECT_EQ(hours(), (Strings{"2026-08-12T00:00", "2026-10-01T12:00"}));
  now_ += absl::Hours(24 * 20);
  Work(1000);
  CollectQuietly();
  EXPECT_EQ(hours(), (Strings{"2026-08-12T00:00", "2026-10-01T12:00", "2026-10-21T12:00"}));
  // The hours of October are kept until October has been over for that long.
  now_ += absl::Hours(24 * 50);
  Work(1000);
  CollectQuietly();
  Work(1000);
  CollectQuietly();
  EXPECT_EQ(hours(), (Strings{"2026-08-12T00:00", "2026-10-01T00:00", "2026-10-21T00:00",
                              "2026-12-10T12:00"}));
  ExpectEverythingOnce();
  // In a crontab, that may mean anything.
  EXPECT_EQ(Run({"collect", "--no-running"}, {"KEEP=30d"}).err, "");
  ExpectEverythingOnce();
  EXPECT_EQ(Run({"collect", "--no-running"}, {"CPUAGG_KEEP=30d"}).err, "");
  EXPECT_EQ(hours(), Strings{"2026-12-10T12:00"});
  written_ = {{1000, 2}};
  ExpectEverythingOnce();
  // Expired data is not read again.
  CollectQuietly();
  Work(1000);
  CollectQuietly({"--keep=30d"});
  ExpectEverythingOnce();
}

TEST_F(StoreCliTest, WhatIsNewSinceTheLastReportCountsOnceWhenItIsMerged) {
  auto server = notify::testing::FakeBotApi::Start(
      {.token = "123456789:AAE-this-is-the-secret", .known_chats = {"42"}});
  ASSERT_TRUE(server.ok()) << server.status();
  const auto send = [&] {
    const Finished run = Run({"send"}, {"CPUAGG_REPORT_PERIOD=since-last", "CPUAGG_SEND_AS=text",
                                        "CHAT_ID=42", "BOT_TOKEN=123456789:AAE-this-is-the-secret",
                                        "CPUAGG_TELEGRAM_API_URL=" + (*server)->base_url()});
    EXPECT_EQ(run.exit_code, 0) << run.err;
  };
  const auto since_last = [&] { return ProcessesOf(JsonReport({"--period=since-last"})); };
  const auto collect = [&](uint32_t uid) {
    now_ += absl::Minutes(15);
    Work(uid);
    CollectQuietly();
  };
  collect(1);
  collect(2);
  send();
  EXPECT_EQ(since_last(), Processes{});
  collect(3);
  collect(4);
  EXPECT_EQ(since_last(), (Processes{{3, 1}, {4, 1}}));
  now_ += absl::Hours(24 * 3);
  collect(5);
  EXPECT_EQ(Names(), (Strings{"20261001T123000Z-000001-000002.pb",
                              "20261001T130000Z-000003-000004.pb", "20261004T131500Z-000005.pb"}));
  EXPECT_EQ(since_last(), (Processes{{3, 1}, {4, 1}, {5, 1}}));
  now_ += absl::Hours(24 * 70);
  collect(6);
  collect(7);
  EXPECT_EQ(since_last(), (Processes{{3, 1}, {4, 1}, {5, 1}, {6, 1}, {7, 1}}));
  send();
  EXPECT_EQ(since_last(), Processes{});
  now_ += absl::Hours(24 * 70);
  collect(8);
  collect(9);
  EXPECT_EQ(since_last(), (Processes{{8, 1}, {9, 1}}));
  ExpectEverythingOnce();
}

TEST_F(StoreCliTest, ReportsOfAStoreThatIsBeingMergedSayAllThatWasCollected) {
  Work(1000);
  CollectQuietly();
  // Reports of one second, each on its own line.
  Program reports = Cpuagg({"report", "--by=day", "--format=csv"});
  reports.argv.insert(
      reports.argv.begin(),
      {"/bin/sh", "-c", "while [ ! -e \"$0\" ]; do \"$@\" || echo \"exit code $?\"; done",
       dir_.Path("done")});
  StartedProgram first(reports);
  StartedProgram second(reports);
  uint64_t collected = 1;
  for (const absl::Time end = absl::Now() + absl::Seconds(1); absl::Now() < end;) {
    // Three runs a day, which are merged two days later.
    now_ += absl::Hours(8);
    Work(1000);
    ++collected;
    CollectQuietly();
  }
  dir_.Write("done", "");
  for (StartedProgram* const program : {&first, &second}) {
    const Finished run = program->Wait();
    // /proc is not read here, and each report says so.
    for (const absl::string_view line : absl::StrSplit(run.err, '\n', absl::SkipEmpty())) {
      EXPECT_EQ(line, "cpuagg: Not all processes that still run are included.");
    }
    EXPECT_FALSE(absl::StrContains(run.out, "exit code")) << run.out;
    // The number never decreases from one report to the next.
    uint64_t most = 1;
    uint64_t sum = 0;
    for (const absl::string_view line : absl::StrSplit(run.out, '\n', absl::SkipEmpty())) {
      const std::vector<std::string> cells = absl::StrSplit(line, ',');
      uint64_t processes;
      if (absl::SimpleAtoi(cells[1], &processes)) {
        sum += processes;
        continue;
      }
      EXPECT_TRUE(sum == 0 || sum >= most) << sum << " after " << most;
      most = std::max(most, std::exchange(sum, 0));
    }
    EXPECT_LE(most, collected);
  }
  ExpectEverythingOnce();
}

}  // namespace
}  // namespace cpuagg::tools
