#include "tools/check/accounting/generation_checks.h"

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "tools/system/identity.h"

namespace cpuagg::tools::check {
namespace {

using acct::testing::RecordBuilder;
using acct::testing::TempDir;

TEST(GenerationsTest, TheSchemeAndHowFarTheyReachIsSaid) {
  const TempDir dir;
  const std::string newer = RecordBuilder().BeginTime(1'700'100'000).Bytes();
  const std::string older = RecordBuilder().BeginTime(1'700'000'000).Bytes();
  const std::string path = dir.Write("pacct", newer);
  dir.Write("pacct.0", older);
  Findings findings;
  CheckGenerations({.path = path}, absl::UTCTimeZone(), findings);
  ASSERT_EQ(findings.Get().size(), 1u);
  EXPECT_EQ(findings.Get()[0].level, Level::kOk);
  EXPECT_EQ(findings.Get()[0].text,
            "1 rotated, by number from 0 (savelog); they reach back to 2023-11-14 22:13");
}

TEST(GenerationsTest, AFolderThatIsNotThereIsNotMovedAway) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", RecordBuilder().Bytes());
  Findings findings;
  CheckGenerations({.path = path, .other_folders = {dir.Path("nope")}}, absl::UTCTimeZone(),
                   findings);
  ASSERT_EQ(findings.Get().size(), 2u);
  const Finding finding = findings.Get()[1];
  EXPECT_EQ(finding.text, dir.Path("nope/") + ": no such folder; it is not read");
  EXPECT_TRUE(finding.mends.empty());
  EXPECT_EQ(finding.advice, std::vector<std::string>{"make the folder " + dir.Path("nope/") +
                                                     ", or correct ROTATED_DIR or --rotated-dir"});
}

TEST(GenerationsTest, WhatIsNoAccountingFileIsMovedAway) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", RecordBuilder().Bytes());
  std::filesystem::create_symlink("nowhere", dir.Path("pacct.1"));
  Findings findings;
  CheckGenerations({.path = path}, absl::UTCTimeZone(), findings);
  ASSERT_EQ(findings.Get().size(), 2u);
  EXPECT_EQ(findings.Get()[1].mends.size(), 1u);
  EXPECT_TRUE(findings.Get()[1].advice.empty());
}

// Needs root, outside of a sandbox, to check another user's access.
TEST(ReadableTest, APersonCalledCpuaggIsNotMadeAReaderOfLogs) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", "");
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  Identity collector = {.name = "cpuagg", .user = 1000, .groups = {1000}};
  const Finding finding = CheckReadable(path, collector, false, false);
  if (finding.level == Level::kNote) GTEST_SKIP() << finding.text;
  EXPECT_EQ(finding.level, Level::kCritical);
  EXPECT_TRUE(finding.mends.empty());
  ASSERT_EQ(finding.advice.size(), 1u);
  EXPECT_NE(finding.advice[0].find("usermod --login"), std::string::npos);
  collector.user = 999;
  EXPECT_EQ(CheckReadable(path, collector, false, false).mends.size(), 1u);
}

}  // namespace
}  // namespace cpuagg::tools::check
