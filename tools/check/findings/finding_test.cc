#include "tools/check/findings/finding.h"

#include <string>
#include <vector>

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

TEST(FindingTest, ASemicolonInAPathIsNoEndOfTheCommandBeforeIt) {
  const Finding finding = FindingOfError(
      "id", Level::kWarning, "subject",
      absl::FailedPreconditionError("/a; chmod x/it's: others may write; run chmod o= "
                                    "'/a; chmod x/it'\\''s'"));
  EXPECT_EQ(finding.mends, std::vector<std::string>{"chmod o= '/a; chmod x/it'\\''s'"});
  EXPECT_EQ(finding.text, "/a; chmod x/it's: others may write");
}

TEST(FindingTest, AnErrorWithoutACommandIsKeptWhole) {
  const Finding finding =
      FindingOfError("id", Level::kCritical, "subject", absl::NotFoundError("a; is b"));
  EXPECT_EQ(finding.text, "a; is b");
  EXPECT_TRUE(finding.mends.empty());
  EXPECT_EQ(finding.level, Level::kCritical);
}

}  // namespace
}  // namespace cpuagg::tools::check
