#include "acct/read_plan.h"

#include <optional>
#include <string>
#include <vector>

#include "acct/cursor.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {

static std::ostream& operator<<(std::ostream& os, const Segment& segment) {
  return os << segment.generation << ": [" << segment.begin << ", "
            << (segment.end.has_value() ? std::to_string(*segment.end) : "end") << ")";
}

namespace {

constexpr std::nullopt_t kNew = std::nullopt;

struct Case {
  const char* name;
  std::vector<uint64_t> offsets;  // of the cursors, newest first
  std::vector<KnownGeneration> generations;
  std::vector<Segment> segments;
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
      {"a file that was cut shorter goes on from its new end",
       {640},
       {{128, 0}},
       {{0, 128, 128}},
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
  const std::vector<Cursor> gone = {{.offset = 640, .is_gone = true}, {.offset = 320}};
  EXPECT_FALSE(PlanReading(gone, {{320, 1}}).has_gap);
  EXPECT_FALSE(PlanReading({gone[0]}, {{320, kNew}}).has_gap);
  EXPECT_TRUE(PlanReading(gone, {{640, 0}}).has_gap);
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    std::vector<Cursor> cursors;
    for (const uint64_t offset : c.offsets) cursors.push_back({.offset = offset});
    const ReadPlan plan = PlanReading(cursors, c.generations);
    EXPECT_EQ(plan.segments, c.segments);
    EXPECT_EQ(plan.has_gap, c.has_gap);
  }
}

}  // namespace
}  // namespace cpuagg::acct
