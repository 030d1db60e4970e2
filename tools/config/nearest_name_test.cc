#include "tools/config/nearest_name.h"

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace cpuagg::tools {
namespace {

using Names = std::vector<absl::string_view>;

const Names kCommands = {"report", "records", "sa", "collect", "send", "run", "check", "setup"};

TEST(NearestNameTest, AFewMistakesAreUnderstood) {
  struct Case {
    const char* text;
    const char* meant;
  };
  const Case cases[] = {{"raport", "report"},  {"reprot", "report"},    {"reportt", "report"},
                        {"repor", "report"},   {"Report", "report"},    {"record", "records"},
                        {"collct", "collect"}, {"ollectt", "collect"},  {"snd", "send"},
                        {"chekc", "check"},    {"rnu", "run"},          {"set-up", "setup"},
                        {"report", "report"},  {"reporting", "report"}, {"coll", "collect"}};
  for (const Case& c : cases) EXPECT_EQ(NearestName(c.text, kCommands), c.meant) << c.text;
  const Names units = {"hour", "day", "week", "month"};
  EXPECT_EQ(NearestName("daily", units), "day");
  EXPECT_EQ(NearestName("WEEKLY", units), "week");
}

TEST(NearestNameTest, WhatIsFarFromAllOfThemIsNone) {
  for (const char* text : {"", "x", "help", "xeqtrt", "summary", "sq", "rxn2", "what"}) {
    EXPECT_EQ(NearestName(text, kCommands), "") << text;
  }
  EXPECT_EQ(NearestName("report", {}), "");
  EXPECT_EQ(NearestName(std::string(100'000, 'r'), kCommands), "");
}

TEST(NearestNameTest, TheFirstOfThoseThatAreAsNearIsIt) {
  EXPECT_EQ(NearestName("last-xay", Names{"last-day", "last-hay"}), "last-day");
}

TEST(NearestNameTest, TheQuestionIsTheEndOfASentence) {
  EXPECT_EQ(DidYouMean("raport", kCommands), "; did you mean report?");
  EXPECT_EQ(DidYouMean("summary", kCommands), "");
}

}  // namespace
}  // namespace cpuagg::tools
