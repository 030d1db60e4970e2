#include "tools/installation/steps/settings_edit.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tools/config/env_file.h"

namespace cpuagg::tools {
namespace {

std::string Set(const std::string& text, const std::string& key, const std::string& value) {
  const absl::StatusOr<std::string> edited = WithSetting(text, key, value, "cpuagg.env");
  EXPECT_TRUE(edited.ok()) << edited.status();
  return edited.value_or("");
}

TEST(SettingsEditTest, OnlyTheValueOfTheLineThatCountsIsReplaced) {
  const struct {
    std::string before;
    std::string after;
  } cases[] = {
      {"CHAT_ID=1\n", "CHAT_ID=42\n"},
      {"# chats\nCHAT_ID=1\n\nSTORE=/s\n", "# chats\nCHAT_ID=42\n\nSTORE=/s\n"},
      {"CHAT_ID = 1  # Alice\n", "CHAT_ID = 42  # Alice\n"},
      {"export CHAT_ID=\"1, 2\" # both\n", "export CHAT_ID=42 # both\n"},
      {"CHAT_ID='1'\r\nSTORE=/s\r\n", "CHAT_ID=42\r\nSTORE=/s\r\n"},
      {"CHAT_ID=# none yet\n", "CHAT_ID=42 # none yet\n"},
      {"CHAT_ID=\n", "CHAT_ID=42\n"},
      {"  CHAT_ID=1", "  CHAT_ID=42"},
      {"CPUAGG_CHAT_ID=1\n", "CPUAGG_CHAT_ID=42\n"},
      {"CHAT_ID=1\nCHAT_ID=2\n", "CHAT_ID=1\nCHAT_ID=42\n"},
      {"\xef\xbb\xbf"
       "CHAT_ID=1\n",
       "\xef\xbb\xbf"
       "CHAT_ID=42\n"},
      {"CHAT_ID=1#2\n", "CHAT_ID=42\n"},
  };
  for (const auto& c : cases) EXPECT_EQ(Set(c.before, "CHAT_ID", "42"), c.after);
}

TEST(SettingsEditTest, ANewKeyStandsBehindItsExampleOrAtTheEnd) {
  EXPECT_EQ(Set("", "CHAT_ID", "42"), "CHAT_ID=42\n");
  EXPECT_EQ(Set("STORE=/s\n", "CHAT_ID", "42"), "STORE=/s\nCHAT_ID=42\n");
  EXPECT_EQ(Set("STORE=/s", "CHAT_ID", "42"), "STORE=/s\nCHAT_ID=42\n");
  EXPECT_EQ(Set("# where to:\n#CHAT_ID=-100\n\n# STORE=/s\n", "CHAT_ID", "42"),
            "# where to:\n#CHAT_ID=-100\nCHAT_ID=42\n\n# STORE=/s\n");
  EXPECT_EQ(Set("# CHAT_ID = -100\nSTORE=/s\n", "CHAT_ID", "42"),
            "# CHAT_ID = -100\nCHAT_ID=42\nSTORE=/s\n");
}

TEST(SettingsEditTest, AnyValueOfOneLineIsReadAsItWasWritten) {
  for (const char* value : {"plain", "", " blanks ", "a # b", "#begin", "p#w", "'quoted'", "\"q\"",
                            "it's", "a\\", "${X}", "$(x)", "-1001/7, @lab", "http://u:p%23w@h:1"}) {
    const std::string text = Set("STORE=/s\nHOST_NAME=x # y\n", "HOST_NAME", value);
    const absl::StatusOr<EnvEntries> entries = ParseEnvFile(text, "file");
    ASSERT_TRUE(entries.ok()) << text;
    EXPECT_EQ(*entries, (EnvEntries{{"STORE", "/s"}, {"HOST_NAME", value}})) << text;
  }
}

TEST(SettingsEditTest, WhatCannotBeWrittenIsRefusedAndNotShown) {
  for (const char* value : {"a\nb", "a\"'#b c'\"", "'it's \"${x}\"", "a\tb\x01"}) {
    const absl::StatusOr<std::string> edited =
        WithSetting("A_KEY=1\n", "HOST_NAME", value, "cpuagg.env");
    if (edited.ok()) {
      const absl::StatusOr<EnvEntries> entries = ParseEnvFile(*edited, "file");
      ASSERT_TRUE(entries.ok());
      EXPECT_EQ(entries->back().second, value);
      continue;
    }
    EXPECT_EQ(edited.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(edited.status().message(),
              "HOST_NAME: the value cannot be written into one line of cpuagg.env; write it there "
              "by hand");
  }
  EXPECT_FALSE(WithSetting("", "HOST_NAME", "a\nb", "cpuagg.env").ok());
  EXPECT_FALSE(WithSetting("no setting\n", "HOST_NAME", "a", "cpuagg.env").ok());
}

TEST(SettingsEditTest, EachValueOfAKeyIsFoundAndNotTheLastAlone) {
  const auto values = ValuesOf("BOT_TOKEN=A\nCPUAGG_BOT_TOKEN='B' # x\nKEEP=1\n", "BOT_TOKEN", "f");
  ASSERT_TRUE(values.ok());
  EXPECT_EQ(*values, (std::vector<std::string>{"A", "B"}));
  EXPECT_FALSE(ValuesOf("no setting\n", "BOT_TOKEN", "f").ok());
}

TEST(SettingsEditTest, ASettingThatIsTakenOutLeavesAWordWhereItWas) {
  EXPECT_EQ(WithoutSetting("# a\nBOT_TOKEN=1:A # x\nexport BOT_TOKEN='1:B'\nCHAT_ID=1\n",
                           "BOT_TOKEN", "# moved"),
            "# a\n# moved # x\n# moved\nCHAT_ID=1\n");
  EXPECT_EQ(WithoutSetting("BOT_TOKEN_FILE=/f\n#BOT_TOKEN=1\n", "BOT_TOKEN", "# moved"),
            "BOT_TOKEN_FILE=/f\n#BOT_TOKEN=1\n");
}

}  // namespace
}  // namespace cpuagg::tools
