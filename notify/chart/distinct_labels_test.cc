#include "notify/chart/distinct_labels.h"

#include <cstddef>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> InColumns(size_t columns, const std::vector<std::string>& labels) {
  return DistinctLabels(
      labels, [&](size_t, const std::string& text) { return DisplayWidth(text) <= columns; });
}

TEST(DistinctLabelsTest, WhatFitsIsLeftAsItIs) {
  EXPECT_THAT(InColumns(10, {"alice", "bob", "bob"}), ElementsAre("alice", "bob", "bob"));
}

TEST(DistinctLabelsTest, WhatIsCutKeepsBothEnds) {
  EXPECT_THAT(InColumns(9, {"alice-of-the-lab", "bob"}), ElementsAre("alic…-lab", "bob"));
}

TEST(DistinctLabelsTest, WhatWouldLookTheSameIsNumbered) {
  EXPECT_THAT(InColumns(12, {"build-agent-001-runner", "alice", "build-agent-002-runner"}),
              ElementsAre("buil…ner (1)", "alice", "buil…ner (2)"));
  // The same label is the same user, at another time.
  EXPECT_THAT(
      InColumns(12, {"build-agent-001-runner", "build-agent-002-runner", "build-agent-001-runner"}),
      ElementsAre("buil…ner (1)", "buil…ner (2)", "buil…ner (1)"));
}

TEST(DistinctLabelsTest, EachLabelHasItsOwnRoom) {
  const std::vector<std::string> labels = DistinctLabels(
      {"a-rather-long-name", "a-rather-long-name"},
      [](size_t i, const std::string& text) { return DisplayWidth(text) <= (i == 0 ? 7u : 100u); });
  EXPECT_THAT(labels, ElementsAre("a-r…ame", "a-rather-long-name"));
}

TEST(DistinctLabelsTest, WithoutRoomOneCharacterIsLeft) {
  EXPECT_THAT(DistinctLabels({"alice"}, [](size_t, const std::string&) { return false; }),
              ElementsAre("…"));
}

}  // namespace
}  // namespace cpuagg::notify
