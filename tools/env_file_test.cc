#include "tools/env_file.h"

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"

namespace cpuagg::tools {
namespace {

TEST(EnvFileTest, ReadsEveryWayOfWritingAValue) {
  const absl::StatusOr<EnvEntries> entries = ParseEnvFile(
      "# comment\n"
      "\n"
      "A=1\n"
      "  B = two words \n"
      "C=\"quoted # not a comment\"  # comment\n"
      "D='single'\n"
      "export E=exported\n"
      "F=\n"
      "G=a#b # comment\n"
      "H=a=b\r\n"
      "I=last",
      "f");
  ASSERT_TRUE(entries.ok()) << entries.status();
  EXPECT_EQ(*entries, (EnvEntries{{"A", "1"},
                                  {"B", "two words"},
                                  {"C", "quoted # not a comment"},
                                  {"D", "single"},
                                  {"E", "exported"},
                                  {"F", ""},
                                  {"G", "a#b"},
                                  {"H", "a=b"},
                                  {"I", "last"}}));
}

TEST(EnvFileTest, ALineThatIsNoEntryIsNamedButNotShown) {
  for (const char* line :
       {"SECRET", "SE CRET=1", "=SECRET", "1A=SECRET", "A=\"SECRET", "A='SECRET' more"}) {
    const absl::Status status = ParseEnvFile(std::string("OK=1\n") + line, "dir/file").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << line;
    EXPECT_NE(status.message().find("dir/file:2"), std::string::npos) << status;
    EXPECT_EQ(status.message().find("SECRET"), std::string::npos) << status;
  }
}

}  // namespace
}  // namespace cpuagg::tools
