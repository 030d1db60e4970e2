#include "notify/lines/id_table.h"

#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>

#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

TEST(IdTableTest, AValueIsMadeOnceForEachId) {
  IdTable<std::string> table;
  std::map<uint32_t, int> made;
  std::mt19937 random(3);
  for (int i = 0; i < 100'000; ++i) {
    // Consecutive ids, ids with the same low bits, and random ones.
    auto id = static_cast<uint32_t>(random());
    if (i % 3 == 0) id = 1000 + id % 200;
    if (i % 3 == 1) id = id % 64 << 26;
    const auto make = [&] {
      ++made[id];
      return std::to_string(id);
    };
    ASSERT_EQ(table.Get(id, make), std::to_string(id));
  }
  for (const auto& [id, times] : made) ASSERT_EQ(times, 1) << id;
}

TEST(IdTableTest, TheSmallestAndTheLargestIdAreIdsLikeOthers) {
  IdTable<int> table;
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(table.Get(0, [] { return 7; }), 7);
    EXPECT_EQ(table.Get(std::numeric_limits<uint32_t>::max(), [] { return 8; }), 8);
  }
}

TEST(IdTableTest, ValuesStayWhereTheyAre) {
  IdTable<uint32_t> table;
  uint32_t& first = table.Get(1, [] { return 1u; });
  for (uint32_t id = 2; id < 10'000; ++id) {
    table.Get(id, [&] { return id; });
  }
  first = 42;
  EXPECT_EQ(table.Get(1, [] { return 0u; }), 42);
}

}  // namespace
}  // namespace cpuagg::notify
