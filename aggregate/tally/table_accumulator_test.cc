#include "aggregate/tally/table_accumulator.h"

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "acct/record/byte_order.h"
#include "acct/record/layout.h"
#include "acct/record/record_view.h"
#include "acct/record/units.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/record_reader.h"
#include "acct/testing/memory_source.h"
#include "acct/testing/record_builder.h"
#include "aggregate/usage/period.h"
#include "aggregate/usage/usage.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::RecordBuilder;

struct UidOf {
  template <typename Record>
  acct::Uid operator()(const Record& record) const {
    return record.uid();
  }
};

// With the instructions of AVX2 if the processor has them, and without them.
using Accumulators = ::testing::Types<TableAccumulator<acct::Uid, UidOf, true>,
                                      TableAccumulator<acct::Uid, UidOf, false>>;

// What a simple loop finds.
struct Expected {
  std::map<acct::Uid, Usage> users = {};
  TimeSpan span = {};
  uint64_t invalid_elapsed = 0;

  explicit Expected(const std::vector<std::string>& records) {
    for (const std::string& bytes : records) {
      const acct::RecordView view(reinterpret_cast<const uint8_t*>(bytes.data()), acct::kVersion3,
                                  acct::ByteOrder::kLittle);
      users[view.uid()].Add(view, view.elapsed_ticks());
      span.Cover(view.begin_time(), view.end_hundredths() / 100);
      if (!view.has_valid_elapsed()) ++invalid_elapsed;
    }
  }
};

template <typename Accumulator>
class TableAccumulatorTest : public ::testing::Test {
 protected:
  void Check(const std::vector<std::string>& records) {
    std::string file;
    for (const std::string& record : records) file += record;
    const Expected expected(records);
    for (const size_t threads : {1u, 2u}) {
      SCOPED_TRACE(threads);
      acct::testing::MemorySource source(
          {reinterpret_cast<const uint8_t*>(file.data()), file.size()});
      Accumulator accumulator{.key_of = UidOf()};
      const absl::StatusOr<acct::ByteAccount> account =
          acct::ReadRecords(source, {.threads = threads}, accumulator);
      ASSERT_TRUE(account.ok()) << account.status();
      EXPECT_EQ(account->records, records.size());
      TimeSpan span;
      accumulator.summary.AddTo(span);
      EXPECT_EQ(span.first_begin, expected.span.first_begin);
      EXPECT_EQ(span.last_end, expected.span.last_end);
      EXPECT_EQ(accumulator.summary.invalid_elapsed, expected.invalid_elapsed);
      const std::map<acct::Uid, Usage> users(accumulator.usage.begin(), accumulator.usage.end());
      EXPECT_TRUE(users == expected.users);
    }
  }
};
TYPED_TEST_SUITE(TableAccumulatorTest, Accumulators);

// Records of `users` users. All users come first, so only the loops for known users see what
// follows them, and there the earliest begin and the latest end are, far from each other and from
// the end.
std::vector<std::string> History(uint32_t users, uint32_t records, uint16_t largest) {
  std::mt19937 random(5);
  std::vector<std::string> history;
  for (uint32_t i = 0; i < records; ++i) {
    const auto number = [&] { return static_cast<uint16_t>(random() % (largest + 1u)); };
    RecordBuilder record;
    record.Uid(i < users ? i : static_cast<uint32_t>(random() % users))
        .Pid(1000)
        .BeginTime(1'700'000'000 + i)
        .Elapsed(static_cast<float>(random() % 10'000))
        .UserTime(number())
        .SystemTime(number())
        .Memory(number())
        .Io(number())
        .MinorFaults(number())
        .MajorFaults(number());
    if (i == records / 2 + 70) record.BeginTime(1'600'000'000);
    if (i == records / 2 + 210) record.BeginTime(1'700'000'000 + 2 * records).Elapsed(150);
    history.push_back(record.Bytes());
  }
  return history;
}

TYPED_TEST(TableAccumulatorTest, FewUsersHaveWhatASimpleLoopFinds) {
  this->Check(History(50, 20'000, 0x2fff));
}

TYPED_TEST(TableAccumulatorTest, MoreUsersThanTheCachesHoldHaveWhatASimpleLoopFinds) {
  this->Check(History(5000, 40'000, 0x2fff));
}

// Sums reach 32 bits among ordinary records.
TYPED_TEST(TableAccumulatorTest, FullSumsMoveOn) { this->Check(History(5, 20'000, 0x9fff)); }

// A new user ends a block; the records in front of it have been added.
TYPED_TEST(TableAccumulatorTest, WhatIsInFrontOfANewUserCounts) {
  std::vector<std::string> history = History(50, 20'000, 0x1fff);
  for (uint32_t i = 0; i < 40; ++i) {
    const uint32_t place = 12'000 + 101 * i;
    // Each begins earlier and ends later than those before.
    history[place] = RecordBuilder().Uid(7).BeginTime(1'500'000'000 - i).Elapsed(0).Bytes();
    history[place + 1] =
        RecordBuilder().Uid(8).BeginTime(1'900'000'000 + i).Elapsed(100).UserTime(3).Bytes();
    history[place + 2] = RecordBuilder().Uid(100'000 + i).BeginTime(1'700'000'000).Bytes();
    this->Check({history.begin(), history.begin() + place + 90});
  }
}

// Adds one record after the other.
struct Plain {
  std::map<acct::Uid, Usage> users;

  template <typename Record>
  void Add(const Record& record, uint64_t) {
    users[record.uid()].Add(record, record.elapsed_ticks());
  }
  Plain Fresh() const { return {}; }
  void Merge(Plain other) {
    for (const auto& [uid, usage] : other.users) users[uid] += usage;
  }
};

// What is left of a torn record looks regular with the beginning of the next one, but nothing
// regular follows it: the user 65 looks like the command A. It may be the last one of a block.
TYPED_TEST(TableAccumulatorTest, ATornRecordDoesNotCountWhereverItIs) {
  constexpr size_t kTornBytes = 40;
  const std::vector<std::string> history = History(50, 400, 0x1fff);
  for (size_t before = 200; before < 240; ++before) {
    SCOPED_TRACE(before);
    std::string file;
    for (size_t i = 0; i < history.size(); ++i) {
      if (i == before) {
        file += RecordBuilder().Uid(5).UserTime(1000).Bytes().substr(0, kTornBytes);
        file += RecordBuilder().Uid(65).Pid(0).Bytes();
      }
      file += history[i];
    }
    const absl::Span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(file.data()),
                                          file.size());
    acct::testing::MemorySource plain_source(bytes);
    Plain plain;
    const absl::StatusOr<acct::ByteAccount> expected = acct::ReadRecords(plain_source, {}, plain);
    ASSERT_TRUE(expected.ok());
    ASSERT_EQ(expected->records, history.size() + 1);
    acct::testing::MemorySource source(bytes);
    TypeParam accumulator{.key_of = UidOf()};
    const absl::StatusOr<acct::ByteAccount> account = acct::ReadRecords(source, {}, accumulator);
    ASSERT_TRUE(account.ok());
    EXPECT_EQ(account->records, expected->records);
    const std::map<acct::Uid, Usage> users(accumulator.usage.begin(), accumulator.usage.end());
    EXPECT_TRUE(users == plain.users);
  }
}

// Sums need 64 bits, and the loops leave such records to others.
TYPED_TEST(TableAccumulatorTest, LargeNumbersAreSummedToo) {
  this->Check(History(50, 20'000, 0xffff));
  this->Check(History(5000, 20'000, 0xffff));
}

TYPED_TEST(TableAccumulatorTest, TimesThatNobodyCanHaveRunAreCounted) {
  for (const uint32_t users : {50u, 5000u}) {
    std::vector<std::string> history = History(users, 20'000, 0x1fff);
    for (const size_t i : {10'000u, 10'001u, 15'000u}) {
      history[i] = RecordBuilder().Uid(3).Elapsed(-1).Bytes();
    }
    this->Check(history);
  }
}

}  // namespace
}  // namespace cpuagg::aggregate
