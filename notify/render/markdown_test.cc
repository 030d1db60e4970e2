#include "notify/render/markdown.h"

#include <string>

#include "aggregate/report/report.h"
#include "gtest/gtest.h"
#include "notify/render/example_report.h"

namespace cpuagg::notify {
namespace {

using aggregate::Report;

TEST(MarkdownTest, ATableWithItsHeadAndNotes) {
  EXPECT_EQ(RenderMarkdown(Example()),
            "## CPU by user on lab01\n"
            "\n"
            "2027-01-15 08:00 – 09:00 UTC, from pacct\n"
            "\n"
            "| USER             |   CPU TIME | SHARE |  USER TIME | SYSTEM TIME | PROCESSES |  "
            "MEAN TIME |    LARGEST |\n"
            "| ---------------- | ---------: | ----: | ---------: | ----------: | --------: | "
            "---------: | ---------: |\n"
            "| alice            | 1:00:00.07 |   97% | 1:00:00.00 |  0:00:00.07 |     1,234 | "
            "0:00:02.92 | 0:30:00.00 |\n"
            "| carolinelongname | 0:01:40.07 |    3% | 0:01:40.00 |  0:00:00.07 |     1,234 | "
            "0:00:00.08 | 0:00:50.00 |\n"
            "| 1005             | 0:00:00.08 |   <1% | 0:00:00.01 |  0:00:00.07 |     1,234 | "
            "0:00:00.00 | 0:00:00.00 |\n"
            "| + 1 other        | 0:00:00.07 |   <1% | 0:00:00.00 |  0:00:00.07 |     1,234 | "
            "0:00:00.00 | 0:00:00.00 |\n"
            "| total            | 1:01:40.29 |  100% | 1:01:40.01 |  0:00:00.28 |     4,936 | "
            "0:00:00.75 | 0:30:00.00 |\n"
            "\n"
            "- Left out: 1 user with 0:00:05.07 of CPU time (ignored, or without an account).\n"
            "- Gap: 2027-01-15 08:00 – 09:00 UTC: the file is gone.\n"
            "- Damage: pacct: 133 bytes of 645 could not be read and are not counted.\n");
}

TEST(MarkdownTest, WithoutRowsItSaysSoAndWhy) {
  Report report;
  report.host = "lab01";
  report.source = "pacct";
  EXPECT_EQ(RenderMarkdown(report),
            "## CPU by user on lab01\n\nall time, from pacct\n\nNo CPU usage.\n\n"
            "- There are no records in pacct.\n");
}

TEST(MarkdownTest, ANameIsShownAsItIs) {
  struct Case {
    const char* name;
    const char* source;
  };
  const Case cases[] = {
      {"alice", "alice"},
      {"www-data", "www-data"},
      {"a_b_c*d*", "a\\_b\\_c\\*d\\*"},
      {"a|b", "a\\|b"},
      {"a\\|b", "a\\\\\\|b"},
      {"`rm`", "\\`rm\\`"},
      {"[x](http://y)", "\\[x\\](http\\://y)"},
      {"www.example.org", "www\\.example.org"},
      {"<b>&amp;", "&lt;b&gt;&amp;amp;"},
      {"~~x~~ #1 $y$ @z", "\\~\\~x\\~\\~ \\#1 \\$y\\$ \\@z"},
      {"a\nb", "a\\\\nb"},
      {"\x1b[2J", "\\\\x1b\\[2J"},
      {"a\xe2\x80\xae", "a\\\\u202e"},
      {"\xff", "\\\\xff"},
      {"王", "王"},
  };
  for (const Case& c : cases) EXPECT_EQ(MarkdownText(c.name), c.source);
}

TEST(MarkdownTest, NamesAreEscapedWhereverTheyAre) {
  Report report;
  report.host = "<h|\n";
  report.source = "<s|\n";
  report.unread = {"<f|\n"};
  FillRows({Row(1, "<u|\n", 1), Row(2, "bob", 1)}, {.sort = aggregate::SortOrder::kName}, report);
  report.only_commands = {"<c|\n"};
  const std::string text = RenderMarkdown(report);
  EXPECT_NE(text.find("## CPU by user (only command &lt;c\\|\\\\n) on &lt;h\\|\\\\n\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(", from &lt;s\\|\\\\n, sorted by name\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\n| &lt;u\\|\\\\n |"), std::string::npos) << text;
  EXPECT_NE(text.find("\n- Not read: &lt;f\\|\\\\n.\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace cpuagg::notify
