#include "aggregate/tally/within_period.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include "absl/time/time.h"
#include "acct/record/layout.h"
#include "acct/record/record_v3_view.h"
#include "acct/scan/record_reader.h"
#include "acct/testing/memory_source.h"
#include "acct/testing/record_builder.h"
#include "aggregate/usage/period.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::RecordBuilder;

// Counts records, and how many of them came in rows.
struct RowCounter {
  uint64_t records = 0;
  uint64_t in_rows = 0;
  uint64_t user_ticks = 0;

  template <typename Record>
  void Add(const Record& record, uint64_t) {
    ++records;
    user_ticks += record.user_ticks();
  }
  size_t AddRegular(const uint8_t* begin, const uint8_t* end, uint64_t offset) {
    const uint8_t* at = begin;
    for (; at < end && acct::RecordV3View(at).IsFollowedByRegular(); at += acct::kRecordBytes) {
      Add(acct::RecordV3View(at), offset);
      ++in_rows;
    }
    return static_cast<size_t>(at - begin);
  }
  RowCounter Fresh() const { return {}; }
  void Merge(RowCounter other) {
    records += other.records;
    in_rows += other.in_rows;
    user_ticks += other.user_ticks;
  }
};

struct EndTotals {
  int64_t first_end = std::numeric_limits<int64_t>::max();
  int64_t last_end = std::numeric_limits<int64_t>::min();
};

WithinPeriod<RowCounter> ReadWithinPeriod(const std::string& file, const Period& period) {
  acct::testing::MemorySource source({reinterpret_cast<const uint8_t*>(file.data()), file.size()});
  WithinPeriod<RowCounter> within{.period = HundredthsOf(period), .accumulator = {}};
  EXPECT_TRUE(acct::ReadRecords(source, {}, within).ok());
  return within;
}

Period SecondsBetween(int64_t begin, int64_t end) {
  return {absl::FromUnixSeconds(begin), absl::FromUnixSeconds(end)};
}

TEST(WithinPeriodTest, HundredthsAreThoseOfWholeSecondsRoundedUp) {
  const Hundredths whole = HundredthsOf(SecondsBetween(1000, 2000));
  EXPECT_EQ(whole.begin, 100'000);
  EXPECT_EQ(whole.end, 200'000);
  const Hundredths half = HundredthsOf(
      {absl::FromUnixMillis(999'500), absl::FromUnixSeconds(2000) + absl::Nanoseconds(1)});
  EXPECT_EQ(half.begin, 100'000);
  EXPECT_EQ(half.end, 200'100);
  const Hundredths all = HundredthsOf(Period());
  EXPECT_TRUE(all.Contain(0));
  EXPECT_TRUE(all.Contain(int64_t{1} << 50));
  EXPECT_TRUE(HundredthsOf({absl::InfinitePast(), absl::FromUnixSeconds(-5)}).Contain(-501));
}

// Rows of all lengths, in which ends go up and down, with damage and records without a clock.
TEST(WithinPeriodTest, TakesWhatEndedInsideAsASimpleLoopDoes) {
  std::mt19937 random(29);
  constexpr int64_t kPeriodBegin = 1'700'000'000;
  for (int round = 0; round < 40; ++round) {
    std::string file;
    uint64_t records = 0;
    uint64_t user_ticks = 0;
    Ends ends;
    bool is_inside = false;
    for (int i = 0; i < 3000; ++i) {
      if (random() % (round % 2 == 0 ? 200 : 3) == 0) is_inside = !is_inside;
      const int64_t offset = static_cast<int64_t>(random() % 1000);
      RecordBuilder record;
      record
          .BeginTime(static_cast<uint32_t>(is_inside ? kPeriodBegin + offset
                                                     : kPeriodBegin - 2000 + offset))
          .Elapsed(static_cast<float>(random() % 100))
          .Pid(7)
          .UserTime(static_cast<uint16_t>(i));
      if (random() % 500 == 0) record.BeginTime(5);
      const std::string bytes = record.Bytes();
      const acct::RecordV3View view(reinterpret_cast<const uint8_t*>(bytes.data()));
      const int64_t end = view.end_hundredths();
      ends.Add(end);
      if (end >= kPeriodBegin * 100 && end < (kPeriodBegin + 1000) * 100) {
        ++records;
        user_ticks += view.user_ticks();
      }
      file += bytes;
      if (random() % 700 == 0) file += std::string(acct::kRecordBytes, '\xff');
    }
    const WithinPeriod<RowCounter> within =
        ReadWithinPeriod(file, SecondsBetween(kPeriodBegin, kPeriodBegin + 1000));
    ASSERT_EQ(within.accumulator.records, records) << round;
    EXPECT_EQ(within.accumulator.user_ticks, user_ticks);
    EXPECT_GT(within.accumulator.in_rows, records / 2);
    EXPECT_EQ(within.ends.first, ends.first);
    EXPECT_EQ(within.ends.last, ends.last);
  }
}

TEST(WithinPeriodTest, EndsAreAddedInSeconds) {
  EndTotals totals;
  Ends().AddTo(totals);
  EXPECT_EQ(totals.first_end, EndTotals().first_end);
  EXPECT_EQ(totals.last_end, EndTotals().last_end);
  Ends ends;
  ends.Add(500);  // a clock that was never set
  ends.AddTo(totals);
  EXPECT_EQ(totals.first_end, EndTotals().first_end);
  EXPECT_EQ(totals.last_end, 5);
  ends.Add(170'000'000'099);
  ends.AddTo(totals);
  EXPECT_EQ(totals.first_end, 1'700'000'000);
  EXPECT_EQ(totals.last_end, 1'700'000'000);
}

}  // namespace
}  // namespace cpuagg::aggregate
