#include "tools/config/env_file.h"

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
  struct Case {
    std::string line;
    const char* says;
  };
  constexpr char kNoEntry[] = "is not KEY=value, with the value plain or in quotes";
  constexpr char kReplaced[] =
      "has ${ or $(, and cpuagg does not expand values: write the value itself, or put it into "
      "single "
      "quotes to keep it as it is written";
  for (const Case& c : {
           Case{"SECRET", kNoEntry},
           Case{"SE CRET=1", kNoEntry},
           Case{"=SECRET", kNoEntry},
           Case{"1A=SECRET", kNoEntry},
           Case{"A: SECRET", kNoEntry},
           Case{"exportA SECRET", kNoEntry},
           Case{"A=\"SECRET",
                "A begins with a quote that is not closed on this line: a value is one line"},
           Case{"A='SECRET\nB=SECRET'",
                "A begins with a quote that is not closed on this line: a value is one line"},
           Case{"A='SECRET' more", "A has something after the closing quote"},
           Case{"A='SECRET'#more", "A has something after the closing quote"},
           Case{"A=\"SECRET\"#more", "A has something after the closing quote"},
           Case{"A=\"SECRET\\\" more\"",
                "A has a backslash before a quote: put the value into single quotes instead"},
           Case{"A=SECRET\\", "A ends with a backslash: a value is one line"},
           Case{std::string("A=SEC\0RET", 9), "has a NUL byte"},
           Case{"A=SEC\rRET", "has a control character"},
           Case{"A=SEC\x1b[2JRET", "has a control character"},
       }) {
    const absl::Status status = ParseEnvFile("OK=1\n" + c.line, "dir/file").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.line;
    EXPECT_EQ(status.message(), std::string("dir/file:2: ") + c.says);
  }
  for (const char* line : {"A=${X}", "A=a$(b)", "A=\"${X}\""}) {
    EXPECT_EQ(ParseEnvFile(line, "f").status().message(), std::string("f:1: A ") + kReplaced);
  }
}

TEST(EnvFileTest, WhatIsMeantAsItStandsStaysSo) {
  EXPECT_EQ(*ParseEnvFile("A='${X} \\'\nB=pa$word#1\nC=\"a\\b\"\nD=x\"y'z\nE=\"it's # one\"\n"
                          "F=`id` $X;y it's a\\b\nG='a' # c",
                          "f"),
            (EnvEntries{{"A", "${X} \\"},
                        {"B", "pa$word#1"},
                        {"C", "a\\b"},
                        {"D", "x\"y'z"},
                        {"E", "it's # one"},
                        {"F", "`id` $X;y it's a\\b"},
                        {"G", "a"}}));
}

TEST(EnvFileTest, AByteOrderMarkIsSkippedAndAnotherEncodingIsSaid) {
  EXPECT_EQ(*ParseEnvFile("\xef\xbb\xbf"
                          "A=1\r\n",
                          "f"),
            (EnvEntries{{"A", "1"}}));
  for (const std::string& content : {std::string("\xff\xfe"
                                                 "A\0=\0",
                                                 6),
                                     std::string("\xfe\xff\0A\0=", 6)}) {
    EXPECT_EQ(ParseEnvFile(content, "f").status().message(), "f: is UTF-16; save it as UTF-8");
  }
}

TEST(EnvFileTest, AKeyIsFoundWhateverElseIsThere) {
  EXPECT_TRUE(SetsKey("nonsense\n export BOT_TOKEN = x", "BOT_TOKEN"));
  EXPECT_TRUE(
      SetsKey("\xef\xbb\xbf"
              "BOT_TOKEN=\"x",
              "BOT_TOKEN"));
  for (const char* content : {"", "BOT_TOKEN", "#BOT_TOKEN=x", "MY_BOT_TOKEN=x", "BOT_TOKENS=x",
                              "A=BOT_TOKEN=x", "exportBOT_TOKEN=x"}) {
    EXPECT_FALSE(SetsKey(content, "BOT_TOKEN")) << content;
  }
}

}  // namespace
}  // namespace cpuagg::tools
