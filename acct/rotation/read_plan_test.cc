#include "acct/rotation/read_plan.h"

#include <optional>
#include <string>
#include <vector>

#include "acct/rotation/cursor.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {

static std::ostream& operator<<(std::ostream& os, const UnreadRange& range) {
  return os << range.generation << ": [" << range.begin << ", "
            << (range.end.has_value() ? std::to_string(*range.end) : "end") << ")";
}

namespace {

constexpr std::nullopt_t kNew = std::nullopt;

struct Case {
  const char* name;
  std::vector<uint64_t> offsets;  // of the cursors, newest first
  std::vector<KnownGeneration> generations;
  std::vector<UnreadRange> ranges;
  bool has_gap;
};

TEST(ReadPlanTest, NamesWhatIsUnreadOldestFirst) {
  const Case cases[] = {
      {"a first run reads all there is",
       {},
       {{640, kNew}, {320, kNew}},
       {{1, 0, 320}, {0, 0, 640}},
       false},
      {"the file has grown", {640}, {{960, 0}}, {{0, 640, 960}}, false},
      {"nothing has happened", {640}, {{640, 0}}, {{0, 640, 640}}, false},
      {"rotated: the rest of the old file, then the new one",
       {640},
       {{128, kNew}, {960, 0}},
       {{1, 640, 960}, {0, 0, 128}},
       false},
      {"rotated, and nothing in the new file yet",
       {640},
       {{0, kNew}, {704, 0}},
       {{1, 640, 704}, {0, 0, 0}},
       false},
      {"a late record in a file that was left",
       {128, 640},
       {{192, 0}, {704, 1}},
       {{1, 640, 704}, {0, 128, 192}},
       false},
      {"whatever is not known is read, wherever it stands",
       {640},
       {{960, 0}, {6400, kNew}},
       {{1, 0, 6400}, {0, 640, 960}},
       false},
      {"several rotations since: what was compressed meanwhile is read on to its end",
       {640},
       {{64, kNew}, {128, kNew}, {std::nullopt, 0}},
       {{2, 640, std::nullopt}, {1, 0, 128}, {0, 0, 64}},
       false},
      {"what holds nothing new is not read, and known all the same",
       {640, 320},
       {{960, 0}, {std::nullopt, 1, true}, {640, 0, true}},
       {{0, 640, 960}},
       false},
      {"a file that was cut off goes on where it is new, and what it lost is a gap",
       {640},
       {{.size = 960, .cursor = 0, .resumes_at = 128}},
       {{0, 128, 960}},
       true},
      {"a copy has what was cut off",
       {640},
       {{.size = 960, .cursor = 0, .resumes_at = 128}, {704, 0}},
       {{1, 640, 704}, {0, 128, 960}},
       false},
      {"truncated in place: the old generation is known, the last one is gone",
       {128, 640},
       {{64, kNew}, {640, 1}},
       {{1, 640, 640}, {0, 0, 64}},
       true},
      {"all that was known is gone",
       {128, 640},
       {{64, kNew}, {320, kNew}},
       {{1, 0, 320}, {0, 0, 64}},
       true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    std::vector<Cursor> cursors;
    for (const uint64_t offset : c.offsets) {
      cursors.push_back({.offset = offset, .may_grow = cursors.empty()});
    }
    const ReadPlan plan = PlanReading(cursors, c.generations);
    EXPECT_EQ(plan.ranges, c.ranges);
    EXPECT_EQ(!plan.missing.empty(), c.has_gap);
  }
}

TEST(ReadPlanTest, WhatMightStillGrowAndIsGoneIsAGap) {
  const Cursor growing = {.offset = 640, .may_grow = true};
  const Cursor complete = {.offset = 320};
  const Cursor gone = {.offset = 640, .may_grow = true, .is_gone = true};
  EXPECT_FALSE(PlanReading({growing, complete}, {{320, 1}}).missing.empty());
  EXPECT_FALSE(PlanReading({complete, growing}, {{320, 0}}).missing.empty());
  EXPECT_TRUE(PlanReading({growing, complete}, {{640, 0}}).missing.empty());
  EXPECT_TRUE(PlanReading({gone, complete}, {{320, 1}}).missing.empty());
  // Rotations without new records remove complete files and empty files.
  EXPECT_TRUE(PlanReading({complete}, {{0, kNew}}).missing.empty());
  EXPECT_TRUE(PlanReading({{.offset = 640}}, {{std::nullopt, 0, true}}).missing.empty());
  // What was read last has been compressed, and its successor is empty.
  EXPECT_TRUE(PlanReading({growing}, {{0, kNew}, {std::nullopt, 0, true}}).missing.empty());
  EXPECT_TRUE(PlanReading({growing}, {{std::nullopt, 0, true}}).missing.empty());
}

// After a file was copied, read and truncated, only the copy is left. It is remembered, since a
// longer copy may come.
TEST(ReadPlanTest, WhatWasReadFurtherThanItsCopyGoesIsNoGapAndRemembered) {
  const std::vector<Cursor> cursors = {{.offset = 640, .may_grow = true}};
  KnownGeneration copy{.size = 320, .holds_nothing_new = true};
  EXPECT_FALSE(PlanReading(cursors, {copy}).missing.empty());
  copy.ends_before = {0};
  EXPECT_TRUE(PlanReading(cursors, {copy}).missing.empty());
  const std::vector<Cursor> next = NextCursors(cursors, {copy}, {std::nullopt});
  ASSERT_EQ(next.size(), 1u);
  EXPECT_TRUE(next[0].is_gone);
}

// It may have had records, and been removed together with them.
TEST(ReadPlanTest, AnEmptyGenerationIsGoneWithTheOneBeforeIt) {
  const Cursor empty = {.may_grow = true};
  const Cursor complete = {.offset = 320};
  const Cursor gone = {.offset = 640, .is_gone = true};
  EXPECT_FALSE(PlanReading({empty, complete}, {{320, kNew}}).missing.empty());
  EXPECT_TRUE(PlanReading({empty, complete}, {{64, kNew}, {320, 1}}).missing.empty());
  EXPECT_TRUE(PlanReading({empty, complete}, {{64, 0}}).missing.empty());
  EXPECT_TRUE(PlanReading({empty}, {{64, kNew}}).missing.empty());
  EXPECT_TRUE(PlanReading({empty, gone}, {{64, kNew}}).missing.empty());
}

TEST(ReadPlanTest, TheKernelWritesToAGenerationUntilItsSuccessorHasRecords) {
  constexpr GenerationState kCurrent = {.is_current = true, .has_records = true};
  constexpr GenerationState kEmptyCurrent = {.is_current = true};
  constexpr GenerationState kNewCurrent = {.is_current = true, .is_fresh = true};
  constexpr GenerationState kOld = {.has_records = true};
  constexpr GenerationState kGrown = {.has_records = true, .has_grown = true};
  constexpr GenerationState kEmpty = {};
  const struct {
    const char* name;
    std::vector<GenerationState> generations;
    std::vector<bool> may_grow;
  } cases[] = {
      {"nothing", {}, {}},
      {"the file and an old one", {kCurrent, kOld}, {true, false}},
      {"renamed, and no successor yet", {kOld, kOld}, {true, false}},
      {"renamed, and a successor that was just made",
       {kNewCurrent, kOld, kOld},
       {true, true, false}},
      {"a successor that has been empty for a while", {kEmptyCurrent, kOld}, {true, false}},
      {"accounting goes on in a file that was renamed",
       {kEmptyCurrent, kEmpty, kGrown, kOld},
       {true, false, true, false}},
      {"idle rotations", {kNewCurrent, kEmpty, kOld}, {true, true, false}},
      {"accton's record, behind the successor's first", {kCurrent, kGrown}, {true, false}},
  };
  for (const auto& c : cases) EXPECT_EQ(MayGrow(c.generations), c.may_grow) << c.name;
}

TEST(ReadPlanTest, EveryGenerationThatIsThereIsRemembered) {
  constexpr size_t kGenerations = 5 * kMostGoneRemembered;
  std::vector<Cursor> cursors;
  std::vector<KnownGeneration> known;
  std::vector<std::optional<Cursor>> reached(kGenerations);
  for (size_t i = 0; i < kGenerations; ++i) {
    cursors.push_back({.offset = 64 + i});
    known.push_back({.cursor = i, .holds_nothing_new = true});
  }
  EXPECT_EQ(NextCursors(cursors, known, reached), cursors);
}

TEST(ReadPlanTest, OfThoseThatAreGoneTheLastOnesAreRemembered) {
  std::vector<Cursor> cursors = {{.offset = 64}, {.offset = 0}, {.offset = 128}};
  for (size_t i = 0; i < kMostGoneRemembered + 5; ++i) {
    cursors.push_back({.offset = 1000 + i, .is_gone = true});
  }
  const std::vector<Cursor> next = NextCursors(cursors, {{64, 0}}, {std::nullopt});
  ASSERT_EQ(next.size(), 1 + kMostGoneRemembered);
  EXPECT_EQ(next[0].offset, 64u);
  EXPECT_FALSE(next[0].is_gone);
  EXPECT_EQ(next[1].offset, 128u);
  EXPECT_TRUE(next[1].is_gone);
  EXPECT_EQ(next[2].offset, 1000u);
}

TEST(ReadPlanTest, WhatComesBackIsThereAgain) {
  const std::vector<Cursor> cursors = {{.offset = 64, .is_gone = true}};
  const std::vector<Cursor> next = NextCursors(cursors, {{64, 0}}, {Cursor{.offset = 128}});
  EXPECT_EQ(next, (std::vector<Cursor>{{.offset = 128}}));
  // It is as it was when it went, and so was not read.
  EXPECT_EQ(NextCursors(cursors, {{64, 0, /*holds_nothing_new=*/true}}, {std::nullopt}),
            (std::vector<Cursor>{{.offset = 64}}));
}

// The file was truncated in place.
TEST(ReadPlanTest, OfWhatWasCutOffAndHoldsNothingOnlyThePastIsRemembered) {
  const std::vector<Cursor> next =
      NextCursors({{.offset = 640}}, {{.size = 30, .cursor = 0, .resumes_at = 30}}, {std::nullopt});
  EXPECT_EQ(next, (std::vector<Cursor>{{.offset = 640, .is_gone = true}}));
}

TEST(ReadPlanTest, WhereAFileHadBeenBeforeItWasCutOffIsRemembered) {
  const std::vector<Cursor> cursors = {{.offset = 640}};
  for (const uint64_t now : {320, 640, 960}) {
    const std::vector<Cursor> next = NextCursors(
        cursors, {{.size = now, .cursor = 0, .resumes_at = 128}}, {Cursor{.offset = now}});
    EXPECT_EQ(next, (std::vector<Cursor>{{.offset = now}, {.offset = 640, .is_gone = true}}));
  }
}

}  // namespace
}  // namespace cpuagg::acct
