// `cpuagg collect` and `cpuagg report` on a store with damaged snapshots: their records
// are read again if they still exist. Otherwise the reports have a gap.

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "tools/cli_tests/store/store_cli.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::ReadFile;
using nlohmann::json;
using testing::Finished;

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
    Collect();
    Work(1000);
    Collect();
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
    Collect();
    Work(1000);
    Collect();
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

    const Finished collect = RunCollect();
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
  EXPECT_EQ(RunCollect({"--store", other}).exit_code, 0);
  for (const auto& entry : std::filesystem::directory_iterator(other + "/snapshots")) {
    ExpectReadAgain(name_, ReadFile(entry.path()), lost_, "it holds run 1, not what its name says");
  }
}
TEST_F(DamagedSnapshotTest, OneWhoseRecordsAreGone) {
  // Complete, read, and rotated away.
  std::filesystem::rename(dir_.Path("pacct"), dir_.Path("pacct.1"));
  Work(1000);
  Collect();
  std::filesystem::remove(dir_.Path("pacct.1"));
  Work(1000);
  Collect();
  ExpectAGap(name_, WithFlippedBit(bytes_, 30), lost_, "its checksum is wrong");
}
TEST_F(DamagedSnapshotTest, AMergedOne) {
  now_ += absl::Hours(24);
  Work(4);
  Collect();
  now_ += absl::Hours(24 * 4);
  Work(5);
  Collect();
  const std::string merged = "20261001T123000Z-000001-000003.pb";
  ASSERT_EQ(Names(), (Strings{merged, "20261002T124500Z-000004.pb", "20261006T124500Z-000005.pb"}));
  ExpectEverythingOnce();
  const std::string bytes = ReadFile(PathOf(merged));
  WriteSnapshot(merged, WithFlippedBit(bytes, bytes.size() / 2));
  const Finished report = Report();
  EXPECT_EQ(report.exit_code, 3);
  EXPECT_TRUE(absl::StrContains(report.out, "Gap: until 2026-10-01 12:30 UTC: " + PathOf(merged)))
      << report.out;
  const Finished collect = RunCollect();
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
  Collect();
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
    Finished run = RunCollect();
    EXPECT_EQ(run.exit_code, 3);
    EXPECT_EQ(run.err, problems);
    EXPECT_EQ(Report().exit_code, 3);
    for (const std::string& name : Names()) {
      if (absl::EndsWith(name, ".damaged")) std::filesystem::remove(PathOf(name));
    }
    ExpectEverythingOnce();
    // The numbers go on.
    for (int more = 0; more < 2; ++more) {
      now_ += absl::Minutes(15);
      Work(1000);
      Collect();
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
  const Finished run = RunCollect();
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
  Collect();
  Work(1000);
  Collect();
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
  for (const Finished& run : {RunCollect(), Report(), Report({"--period=since-last"}),
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

}  // namespace
}  // namespace cpuagg::tools
