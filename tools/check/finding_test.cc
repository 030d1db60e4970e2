#include "tools/check/finding.h"

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace cpuagg::tools::check {
namespace {

TEST(FindingTest, TheCommandOfAnErrorBecomesTheMend) {
  for (const char* message :
       {"/a: others may write; run chmod o= /a", "/a: others may write; chmod o= /a",
        "/a: others may write; move it, or run chmod o= /a"}) {
    const Finding finding =
        FindingOfError("id", Level::kWarning, "subject", absl::FailedPreconditionError(message));
    EXPECT_EQ(finding.text, "/a: others may write") << message;
    ASSERT_EQ(finding.mends.size(), 1u) << message;
    EXPECT_EQ(finding.mends[0], "chmod o= /a");
  }
}

TEST(FindingTest, AnErrorWithoutACommandIsKeptWhole) {
  const Finding finding =
      FindingOfError("id", Level::kCritical, "subject", absl::NotFoundError("a; is b"));
  EXPECT_EQ(finding.text, "a; is b");
  EXPECT_TRUE(finding.mends.empty());
  EXPECT_EQ(finding.level, Level::kCritical);
}

TEST(FindingTest, WordsForAShellAreQuotedWhereTheyHaveToBe) {
  EXPECT_EQ(ShellWord("/var/lib/cpuagg"), "/var/lib/cpuagg");
  EXPECT_EQ(ShellWord(""), "''");
  EXPECT_EQ(ShellWord("a b;c"), "'a b;c'");
  EXPECT_EQ(ShellWord("it's"), "'it'\\''s'");
  EXPECT_EQ(ShellWord("$HOME"), "'$HOME'");
}

}  // namespace
}  // namespace cpuagg::tools::check
