#include "tools/check/settings/configuration_mends.h"

#include <string>

#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::tools::check {
namespace {

TEST(ConfigurationMendsTest, OnlyTheLinesOfAKeyAreChanged) {
  EXPECT_EQ(SedOfKey("KEEP", "d", "/a b"),
            "sed -i --follow-symlinks -E "
            "'/^[[:space:]]*(export[[:space:]]+)?(CPUAGG_)?KEEP[[:space:]]*=/d' '/a b'");
}

TEST(ConfigurationMendsTest, AByteOrderMarkIsTakenOff) {
  const acct::testing::TempDir dir;
  const std::string path = dir.Write("env", "\xef\xbb\xbfKEEP=soon\n");
  EXPECT_EQ(SedOfKey("KEEP", "d", path),
            "LC_ALL=C sed -i --follow-symlinks -E '1s/^\\xef\\xbb\\xbf//;"
            "/^[[:space:]]*(export[[:space:]]+)?(CPUAGG_)?KEEP[[:space:]]*=/d' " +
                path);
}

TEST(ConfigurationMendsTest, AnUnknownKeyIsNeverRenamedByACommand) {
  const acct::testing::TempDir dir;
  const std::string path = dir.Write("env", "CPUAGG_CHAT_ID=1\n");
  const auto advice = [&](const std::string& warning) {
    Finding finding;
    AddMendOfWarning(path + warning, finding);
    EXPECT_TRUE(finding.mends.empty());
    return finding.advice.at(0);
  };
  EXPECT_EQ(advice(": unknown key FOO"),
            "remove the line of FOO in " + path + ", unless another program reads it there");
  EXPECT_EQ(advice(": unknown key KEP; did you mean KEEP?"),
            "write KEEP in place of KEP in " + path + ", if that is meant, or remove the line");
  EXPECT_EQ(advice(": unknown key CHAT_IDS; did you mean CHAT_ID?"),
            "remove the line of CHAT_IDS in " + path + ", since CHAT_ID is set as well");
}

}  // namespace
}  // namespace cpuagg::tools::check
