#include "acct/record/record_block.h"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "acct/record/avx2.h"
#include "acct/record/layout.h"
#include "acct/record/record_block_avx2.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/record_view.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::RecordBuilder;

class RecordBlockTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!kHasBlocks) GTEST_SKIP() << "on this machine, nothing uses blocks";
  }

  // With AVX2, too, if the processor has it.
  static bool IsOrdinary(const std::string& block, BlockTimes& times) {
    const auto* const bytes = reinterpret_cast<const uint8_t*>(block.data());
    const bool is_ordinary = IsOrdinaryBlock(bytes, times);
#if defined(__x86_64__)
    BlockTimes same;
    if (HasAvx2()) {
      EXPECT_EQ(IsOrdinaryBlockAvx2(bytes, same), is_ordinary);
      if (is_ordinary) {
        EXPECT_EQ(same.first_begin, times.first_begin);
        EXPECT_EQ(same.last_end, times.last_end);
      }
    }
#endif
    return is_ordinary;
  }

  // A block in which each record is different.
  static std::string Block() {
    std::string block;
    for (uint32_t i = 0; i < kBlockRecords; ++i) {
      block += RecordBuilder()
                   .Uid(i)
                   .BeginTime(1'700'000'000 + i)
                   .Elapsed(static_cast<float>(100 * i))
                   .UserTime(static_cast<uint16_t>(i))
                   .Bytes();
    }
    return block;
  }
};

TEST_F(RecordBlockTest, KnowsTheFirstBeginAndTheLastEnd) {
  for (size_t early = 0; early < kBlockRecords; ++early) {
    const size_t late = kBlockRecords - 1 - early;
    std::string block = Block();
    block.replace(early * kRecordBytes, kRecordBytes,
                  RecordBuilder().BeginTime(1'600'000'000).Elapsed(0).Bytes());
    // 2^26 - 4, the largest float below 2^26.
    block.replace(late * kRecordBytes, kRecordBytes,
                  RecordBuilder().BeginTime(4'000'000'000).Elapsed(67'108'860).Bytes());
    BlockTimes times;
    ASSERT_TRUE(IsOrdinary(block, times)) << early;
    EXPECT_EQ(times.first_begin, 1'600'000'000u);
    EXPECT_EQ(times.last_end, 4'000'000'000 * 100 + 67'108'860);
  }
}

TEST_F(RecordBlockTest, OneRecordOutOfTheOrdinaryIsEnough) {
  const std::string odd[] = {
      RecordBuilder().VersionByte(2).Bytes(),
      RecordBuilder().Flags(0x40).Bytes(),
      RecordBuilder().ExitCode(0x10000).Bytes(),
      RecordBuilder().BeginTime(kEarliestBegin - 1).Bytes(),
      RecordBuilder().Elapsed(67'108'864).Bytes(),
      RecordBuilder().Elapsed(-1).Bytes(),
      RecordBuilder().UserTime(0xa000).Bytes(),
      RecordBuilder().MajorFaults(0xffff).Bytes(),
      RecordBuilder().Command("").Bytes(),
      RecordBuilder().Command("\x1f").Bytes(),
      RecordBuilder().Command(std::string("a\0b", 3)).Bytes(),
      RecordBuilder().Command("sixteen letters.").Bytes(),
  };
  for (const std::string& record : odd) {
    for (size_t i = 0; i < kBlockRecords; ++i) {
      std::string block = Block();
      block.replace(i * kRecordBytes, kRecordBytes, record);
      BlockTimes times;
      EXPECT_FALSE(IsOrdinary(block, times)) << (&record - odd) << " at " << i;
    }
  }
}

TEST_F(RecordBlockTest, FieldsUpToTheLimitAreOrdinary) {
  for (const RecordBuilder& record :
       {RecordBuilder().UserTime(0x9fff), RecordBuilder().BeginTime(kEarliestBegin),
        RecordBuilder().Command("fifteen letters"), RecordBuilder().Flags(0x3f),
        RecordBuilder().ExitCode(0xffff), RecordBuilder().Command(" ")}) {
    std::string block = Block();
    block.replace(5 * kRecordBytes, kRecordBytes, record.Bytes());
    BlockTimes times;
    EXPECT_TRUE(IsOrdinary(block, times));
  }
}

// Changes single bytes, and compares with the check of single records.
TEST_F(RecordBlockTest, WhatIsNotRegularIsNotOrdinary) {
  std::mt19937 random(3);
  int regular = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string block = Block();
    block[random() % block.size()] = static_cast<char>(random() % 4 == 0 ? 0 : random());
    bool are_regular = true;
    for (size_t at = 0; at < block.size(); at += kRecordBytes) {
      const RecordV3View record(reinterpret_cast<const uint8_t*>(block.data()) + at);
      are_regular = are_regular && record.IsRegular();
    }
    BlockTimes times;
    const bool is_ordinary = IsOrdinary(block, times);
    ASSERT_TRUE(are_regular || !is_ordinary) << i;
    regular += is_ordinary ? 1 : 0;
  }
  EXPECT_GT(regular, 10'000);
}

}  // namespace
}  // namespace cpuagg::acct
