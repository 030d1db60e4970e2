#include "tools/check/findings/rendering.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace cpuagg::tools::check {
namespace {

Finding Make(Level level, const std::string& subject = "store", const std::string& text = "text") {
  return {.id = "store", .level = level, .subject = subject, .text = text};
}

TEST(RenderingTest, StatusesAreThoseOfMonitoringPlugins) {
  EXPECT_EQ(ExitStatusOf(Level::kOk), 0);
  EXPECT_EQ(ExitStatusOf(Level::kNote), 0);
  EXPECT_EQ(ExitStatusOf(Level::kWarning), 1);
  EXPECT_EQ(ExitStatusOf(Level::kCritical), 2);
  EXPECT_EQ(ExitStatusOf(Level::kUnknown), 3);
}

TEST(RenderingTest, CriticalIsWorseThanUnknownAndThatThanAWarning) {
  EXPECT_EQ(WorstOf({Make(Level::kUnknown), Make(Level::kCritical), Make(Level::kOk)}),
            Level::kCritical);
  EXPECT_EQ(WorstOf({Make(Level::kWarning), Make(Level::kUnknown)}), Level::kUnknown);
  EXPECT_EQ(WorstOf({Make(Level::kNote), Make(Level::kOk)}), Level::kNote);
}

TEST(RenderingTest, WhatHasLookedAtNothingKnowsNothing) {
  EXPECT_EQ(WorstOf({}), Level::kUnknown);
  EXPECT_EQ(RenderText({}, {}), "UNKNOWN - nothing could be checked\n");
}

TEST(RenderingTest, TheSummaryIsTheWorstFindingAndHowManyMore) {
  EXPECT_EQ(RenderText({Make(Level::kOk), Make(Level::kNote)}, {.only_problems = true}),
            "OK - 1 thing in order, 1 not applicable or not checked\n");
  const std::string text = RenderText(
      {Make(Level::kWarning, "a"), Make(Level::kCritical, "b"), Make(Level::kCritical, "c")}, {});
  EXPECT_TRUE(absl::StartsWith(text, "CRITICAL - b: text (and 2 more)\n")) << text;
}

TEST(RenderingTest, EachLineIsFollowedByWhatMendsIt) {
  Finding finding = Make(Level::kCritical);
  finding.mends = {"chown -R cpuagg: /var/lib/cpuagg"};
  finding.advice = {"or ask Anna"};
  EXPECT_EQ(RenderText({finding}, {}),
            "CRITICAL - store: text\nX  store: text\n    $ chown -R cpuagg: /var/lib/cpuagg\n"
            "    -> or ask Anna\n");
  EXPECT_EQ(RenderText({finding}, {.has_utf8 = true}),
            "CRITICAL - store: text\n✘ store: text\n    $ chown -R cpuagg: /var/lib/cpuagg\n"
            "    → or ask Anna\n");
  EXPECT_EQ(RenderText({Make(Level::kOk)}, {.has_color = true}),
            "OK - 1 thing in order\n\x1b[32mok\x1b[0m store: text\n");
}

TEST(RenderingTest, NumbersComeBehindTheOnlyBar) {
  Finding finding = Make(Level::kWarning, "a|b", "c | d");
  finding.numbers = {{"store_bytes", 12, "B"}, {"last_record_age", 3, "s"}};
  EXPECT_EQ(RenderText({finding}, {.has_numbers = true}),
            "WARNING - a/b: c / d | store_bytes=12B last_record_age=3s\n!  a/b: c / d\n");
}

TEST(RenderingTest, TokensAndControlCharactersAreNotShown) {
  const std::string token = "123456789:AAEabcdefghijklmnopqrstuvwxyz012345678";
  Finding finding = Make(Level::kWarning, "\x1b[2J", "is " + token);
  finding.mends = {"echo " + token};
  finding.advice = {"forget " + token};
  for (const std::string& text : {RenderText({finding}, {}), RenderJson({finding})}) {
    EXPECT_FALSE(absl::StrContains(text, "AAEabcdefgh")) << text;
    EXPECT_FALSE(absl::StrContains(text, "\x1b")) << text;
  }
}

TEST(RenderingTest, JsonHasEverything) {
  Finding finding = Make(Level::kUnknown);
  finding.mends = {"a", "b"};
  finding.advice = {"c"};
  finding.numbers = {{"store_bytes", 12, "B"}};
  EXPECT_EQ(nlohmann::json::parse(RenderJson({finding})),
            nlohmann::json::parse(R"({"schema": 1, "level": "unknown", "exit_status": 3,
              "summary": "UNKNOWN - store: text", "findings": [{"id": "store", "level": "unknown",
              "subject": "store", "text": "text", "mends": ["a", "b", "c"],
              "commands": ["a", "b"],
              "numbers": {"store_bytes": 12}}]})"));
}

}  // namespace
}  // namespace cpuagg::tools::check
