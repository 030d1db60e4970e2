#include "acct/read_plan.h"

#include <optional>
#include <vector>

#include "acct/cursor.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {

static std::ostream& operator<<(std::ostream& os, const Segment& segment) {
  return os << segment.generation << ": [" << segment.begin << ", " << segment.end << ")";
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
      {"a generation older than the known ones was there before",
       {640},
       {{960, 0}, {6400, kNew}},
       {{0, 640, 960}},
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
    for (const uint64_t offset : c.offsets) cursors.push_back({.offset = offset});
    const ReadPlan plan = PlanReading(cursors, c.generations);
    EXPECT_EQ(plan.segments, c.segments);
    EXPECT_EQ(plan.has_gap, c.has_gap);
  }
}

}  // namespace
}  // namespace cpuagg::acct
