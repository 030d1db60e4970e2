#include "tools/config/command_line.h"

#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"

namespace cpuagg::tools {
namespace {

// The problem of the command line "cpuagg `arguments`"; OK if there is none.
absl::Status Problem(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "cpuagg");
  return ParseCommandLine(static_cast<int>(arguments.size()), arguments.data()).status();
}

TEST(CommandLineTest, AFlagWithOneValueMayBeGivenOnlyOnce) {
  EXPECT_EQ(Problem({"report", "--sort", "cpu", "--sort", "name"}).message(),
            "--sort: may be given only once; see cpuagg report --help");
  EXPECT_EQ(Problem({"report", "--top", "3", "--top", "4"}).message(),
            "--top: may be given only once; see cpuagg report --help");
  EXPECT_EQ(Problem({"records", "--format", "csv", "--format", "json"}).message(),
            "--format: may be given only once; see cpuagg records --help");
  EXPECT_TRUE(Problem({"report", "--by", "user", "--by", "command"}).ok());
}

TEST(CommandLineTest, SaTakesOneOfItsTwoForms) {
  EXPECT_EQ(Problem({"sa", "pacct"}).message(), "sa: needs either -u or -m");
  EXPECT_EQ(Problem({"sa", "-u", "-m", "pacct"}).message(), "sa: takes -u or -m, not both");
  EXPECT_EQ(Problem({"sa", "-um", "pacct"}).message(), "sa: takes -u or -m, not both");
  EXPECT_TRUE(Problem({"sa", "-m", "pacct"}).ok());
}

}  // namespace
}  // namespace cpuagg::tools
