#include "aggregate/tally/usage_table.h"

#include <cstdint>
#include <map>
#include <random>

#include "acct/record/units.h"
#include "aggregate/usage/usage.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Uid;
using UserTable = UsageTable<Uid>;

// Compares with the standard's map, which has a completely different structure.
TEST(UsageTableTest, HoldsWhatAMapHolds) {
  std::mt19937 random(5);
  for (const uint32_t distinct : {1u, 2u, 200u, 256u, 257u, 100'000u}) {
    UserTable table;
    std::map<uint32_t, uint64_t> map;
    for (int i = 0; i < 200'000; ++i) {
      const uint32_t uid = static_cast<uint32_t>(random()) % distinct * 2654435761u;
      table[Uid(uid)] += Usage{.processes = 1};
      ++map[uid];
    }
    ASSERT_EQ(table.size(), map.size());
    for (const auto& [uid, processes] : map) {
      const auto found = table.find(Uid(uid));
      ASSERT_NE(found, table.end());
      ASSERT_EQ(found->second.processes, processes);
    }
    EXPECT_FALSE(table.contains(Uid(1)));
  }
}

TEST(UsageTableTest, ExtremeKeysAreKeysLikeAnyOther) {
  UserTable table;
  for (const uint32_t uid : {0u, 1u, 0x7fffffffu, 0x80000000u, 0xffffffffu}) {
    table[Uid(uid)].processes = uid;
  }
  EXPECT_EQ(table.size(), 5u);
  EXPECT_EQ(table.find(Uid(0xffffffffu))->second.processes, 0xffffffffu);

  UserBucketTable buckets;
  buckets[{Uid(1), -3600}].processes = 1;
  buckets[{Uid(1), 3600}].processes = 2;
  buckets[{Uid(0), -3600}].processes = 3;
  EXPECT_EQ(buckets.size(), 3u);
  EXPECT_EQ((buckets.find({Uid(1), -3600})->second.processes), 1u);
}

TEST(UsageTableTest, MergingAddsUp) {
  UserTable a;
  UserTable b;
  a[Uid(1)].processes = 1;
  a[Uid(2)].processes = 2;
  b[Uid(3)].processes = 30;
  b[Uid(2)].processes = 20;
  UserTable sum;
  sum[Uid(3)].processes = 30;
  sum[Uid(2)].processes = 22;
  sum[Uid(1)].processes = 1;
  a += b;
  EXPECT_TRUE(a == sum);
  EXPECT_FALSE(a == b);
  b[Uid(1)];
  EXPECT_FALSE(a == b);
}

}  // namespace
}  // namespace cpuagg::aggregate
