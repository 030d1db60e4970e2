#include "aggregate/tally/fast_usage_table.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>

#include "acct/record/record_v3_view.h"
#include "acct/record/record_view.h"
#include "acct/record/units.h"
#include "acct/testing/record_builder.h"
#include "aggregate/tally/compact_usage.h"
#include "aggregate/tally/table_key.h"
#include "aggregate/usage/usage.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Uid;
using acct::testing::RecordBuilder;
using UserMap = std::map<Uid, Usage>;

acct::RecordV3View ViewOf(const std::string& bytes) {
  return acct::RecordV3View(reinterpret_cast<const uint8_t*>(bytes.data()));
}

UserMap MapOf(const FastUserTable& table) { return UserMap(table.begin(), table.end()); }

// Compares with the standard's map, which has a completely different structure.
TEST(FastUsageTableTest, HoldsWhatAMapHolds) {
  std::mt19937 random(5);
  for (const uint32_t distinct : {1u, 2u, 256u, 257u, 4096u, 4097u, 100'000u}) {
    FastUserTable table;
    UserMap map;
    for (int i = 0; i < 200'000; ++i) {
      const Uid uid(static_cast<uint32_t>(random()) % distinct * 2654435761u);
      // Some have so much that 32 bits do not hold it for long.
      const std::string bytes =
          RecordBuilder().UserTime(static_cast<uint16_t>(random())).Memory(7).Bytes();
      table.Add(uid, ViewOf(bytes));
      map[uid].Add(ViewOf(bytes), ViewOf(bytes).elapsed_ticks());
    }
    ASSERT_EQ(table.size(), map.size());
    EXPECT_TRUE(MapOf(table) == map);
    for (const auto& [uid, usage] : map) ASSERT_EQ(table.Find(uid), usage);
    EXPECT_FALSE(table.Find(Uid(1)).has_value());
  }
}

TEST(FastUsageTableTest, RecordsOfEveryKindAreAddedUp) {
  FastUserTable table;
  const std::string bytes = RecordBuilder().UserTime(3).Bytes();
  const acct::RecordView odd = ViewOf(bytes).view();
  table.Add(Uid(1), ViewOf(bytes));
  table.Add(Uid(1), odd);
  table.Add(Uid(1), ViewOf(bytes));
  EXPECT_EQ(table.Find(Uid(1))->processes, 3u);
  EXPECT_EQ(table.Find(Uid(1))->ticks.user, 9u);
}

TEST(FastUsageTableTest, ExtremeKeysAreKeysLikeAnyOther) {
  FastUserTable table;
  const std::string bytes = RecordBuilder().Bytes();
  for (const uint32_t uid : {0u, 1u, 0x7fffffffu, 0x80000000u, 0xffffffffu}) {
    table.Add(Uid(uid), ViewOf(bytes));
  }
  EXPECT_EQ(table.size(), 5u);
  EXPECT_EQ(table.Find(Uid(0xffffffff))->processes, 1u);

  FastGroupTable groups;
  groups.Add({.uid = Uid(1), .begin = -3600}, ViewOf(bytes));
  groups.Add({.uid = Uid(1), .begin = 3600}, ViewOf(bytes));
  groups.Add({.uid = Uid(1), .begin = -3600}, ViewOf(bytes));
  EXPECT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups.Find({.uid = Uid(1), .begin = -3600})->processes, 2u);
}

TEST(FastUsageTableTest, FullEntriesMoveToAUsage) {
  FastUserTable table;
  const std::string bytes = RecordBuilder().UserTime(7).Bytes();
  FastUserTable::Entry& full = table[Uid(1)];
  full.usage.sums[CompactUsage::kUser] = CompactUsage::kLimit + 5;
  full.usage.sums[CompactUsage::kIo] = 3;
  FastUserTable::Entry* const entries[] = {&full, &full};
  table.Widen(entries, 2);
  EXPECT_FALSE(full.usage.IsFull());
  table.Add(Uid(1), ViewOf(bytes));
  EXPECT_EQ(table.Find(Uid(1))->ticks.user, CompactUsage::kLimit + 12);
  EXPECT_EQ(table.Find(Uid(1))->io, 3u);
}

TEST(FastUsageTableTest, ABatchIsLocatedAsItsKeysAre) {
  std::mt19937 random(9);
  const std::string bytes = RecordBuilder().UserTime(1).Bytes();
  FastUserTable table;
  UserMap map;
  for (int i = 0; i < 5'000; ++i) {
    FastUserTable::Batch batch;
    while (batch.count < FastUserTable::Batch::kMostKeys) {
      // Many new keys, some of them twice in one batch.
      const Uid uid(static_cast<uint32_t>(random()) % static_cast<uint32_t>(10 + 20 * i));
      batch.keys[batch.count++] = uid;
      map[uid].Add(ViewOf(bytes), 0);
    }
    table.FetchSlots(batch);
    table.FetchEntries(batch);
    table.Locate(batch);
    for (size_t k = 0; k < batch.count; ++k) {
      ASSERT_EQ(table.At(batch.positions[k]).key, batch.keys[k]);
      ASSERT_TRUE(table.At(batch.positions[k]).usage.Add(ViewOf(bytes)));
    }
  }
  EXPECT_TRUE(MapOf(table) == map);
}

TEST(FastUsageTableTest, MergingAddsUp) {
  std::mt19937 random(3);
  for (const uint32_t distinct : {3u, 300u, 30'000u}) {
    FastUserTable tables[2];
    UserMap map;
    for (int i = 0; i < 100'000; ++i) {
      const Uid uid(static_cast<uint32_t>(random()) % distinct);
      const std::string bytes = RecordBuilder().SystemTime(static_cast<uint16_t>(random())).Bytes();
      tables[random() % 2].Add(uid, ViewOf(bytes));
      map[uid].Add(ViewOf(bytes), ViewOf(bytes).elapsed_ticks());
    }
    tables[0] += std::move(tables[1]);
    EXPECT_TRUE(MapOf(tables[0]) == map);
    tables[0] += FastUserTable();
    EXPECT_TRUE(MapOf(tables[0]) == map);
  }
}

TEST(FastUsageTableTest, LargeTablesAreOneWhenTheyAreMerged) {
  std::mt19937 random(23);
  UserMap map;
  const auto fill = [&](FastUserTable& table, uint32_t first, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
      // Some that 32 bits do not hold.
      const std::string bytes =
          RecordBuilder().UserTime(static_cast<uint16_t>(random())).Memory(3).Bytes();
      table.Add(Uid(first + i), ViewOf(bytes));
      map[Uid(first + i)].Add(ViewOf(bytes), 0);
    }
  };
  FastUserTable sum;
  fill(sum, 0, 100'000);
  FastUserTable others[4];
  fill(others[0], 50'000, 100'000);    // half of it exists already
  fill(others[1], 120'000, 100'000);   // partly by the one before
  fill(others[2], 1'000'000, 70'000);  // not at all
  fill(others[2], 0, 10);
  fill(others[3], 140'000, 1'000);  // a small one
  others[1] += std::move(others[2]);
  EXPECT_EQ(others[1].size(), 170'010u);
  for (FastUserTable* const other : {&others[0], &others[1], &others[3]}) sum += std::move(*other);
  ASSERT_EQ(sum.size(), map.size());
  EXPECT_TRUE(MapOf(sum) == map);
  for (const uint32_t uid : {0u, 60'000u, 130'000u, 140'500u, 219'999u, 1'069'999u}) {
    EXPECT_EQ(sum.Find(Uid(uid)), map[Uid(uid)]) << uid;
  }
  EXPECT_FALSE(sum.Find(Uid(220'000)).has_value());

  // It accepts records as before.
  fill(sum, 40'000, 200'000);
  ASSERT_EQ(sum.size(), map.size());
  EXPECT_TRUE(MapOf(sum) == map);
  FastUserTable all;
  fill(all, 5, 1);
  all.Add(sum, [](const Uid& uid) { return uid; });
  all += std::move(sum);
  EXPECT_EQ(all.size(), map.size());
  EXPECT_EQ(all.Find(Uid(1'000'000))->processes, 2u);
}

TEST(FastUsageTableTest, TablesOfTheSameAreEqualInWhateverOrder) {
  const std::string bytes = RecordBuilder().Bytes();
  FastUserTable a;
  FastUserTable b;
  for (const uint32_t uid : {1u, 2u}) a.Add(Uid(uid), ViewOf(bytes));
  for (const uint32_t uid : {2u, 1u}) b.Add(Uid(uid), ViewOf(bytes));
  EXPECT_TRUE(a == b);
  b.Add(Uid(1), ViewOf(bytes));
  EXPECT_FALSE(a == b);
  a.Add(Uid(3), ViewOf(bytes));
  EXPECT_FALSE(a == b);
}

}  // namespace
}  // namespace cpuagg::aggregate
