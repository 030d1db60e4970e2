#include "tools/check/generation_checks.h"

#include <string>

#include "absl/time/time.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

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

}  // namespace
}  // namespace cpuagg::tools::check
