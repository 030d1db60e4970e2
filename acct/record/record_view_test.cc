#include "acct/record/record_view.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include "acct/record/plausibility.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/units.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::RecordBuilder;

absl::Span<const uint8_t> BytesOf(const std::string& bytes) {
  return {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
}

RecordBuilder Full(int version, RecordBuilder::Order order) {
  return RecordBuilder(version, order)
      .Flags(0x11)
      .Tty(0x8803)
      .ExitCode(0x0109)
      .Uid(54321)
      .Gid(1234)
      .Pid(777'777)
      .ParentPid(4242)
      .BeginTime(4'000'000'000u)
      .Elapsed(250)
      .UserTime(1)
      .SystemTime(0x2002)
      .Memory(3)
      .Io(4)
      .Blocks(5)
      .MinorFaults(6)
      .MajorFaults(7)
      .Swaps(8)
      .Command("fifteen bytes a");
}

TEST(RecordViewTest, EveryFieldOfEveryVersionIsReadFromItsPlace) {
  for (int version = 0; version <= 3; ++version) {
    for (const auto order : {RecordBuilder::kLittleEndian, RecordBuilder::kBigEndian}) {
      SCOPED_TRACE(version * 10 + order);
      const std::string bytes = Full(version, order).Bytes();
      const std::optional<RecordView> found =
          RecordAt(BytesOf(bytes), {.big_endian_version0 = order == RecordBuilder::kBigEndian});
      ASSERT_TRUE(found.has_value());
      const RecordView& record = *found;
      EXPECT_TRUE(IsRegular(record));
      EXPECT_EQ(record.version(), version);
      EXPECT_EQ(record.byte_order(),
                order == RecordBuilder::kBigEndian ? ByteOrder::kBig : ByteOrder::kLittle);
      EXPECT_EQ(record.flags(), 0x11);
      EXPECT_EQ(record.tty(), 0x8803);
      EXPECT_EQ(record.exit_code(), 0x0109u);
      EXPECT_EQ(record.uid(), Uid(54321));
      EXPECT_EQ(record.gid(), Gid(1234));
      EXPECT_EQ(record.pid(), version == 3 ? std::optional(777'777u) : std::nullopt);
      EXPECT_EQ(record.ppid(), version == 3 ? std::optional(4242u) : std::nullopt);
      EXPECT_EQ(record.begin_time(), 4'000'000'000u);
      EXPECT_EQ(record.rate(), 100u);
      EXPECT_EQ(record.elapsed_ticks(), 250u);
      EXPECT_EQ(record.end_hundredths(), 400'000'000'250);
      EXPECT_EQ(record.user_ticks(), 1u);
      EXPECT_EQ(record.system_ticks(), 16u);
      EXPECT_EQ(record.memory_kib(), 3u);
      EXPECT_EQ(record.io(), 4u);
      EXPECT_EQ(record.blocks(), 5u);
      EXPECT_EQ(record.minor_faults(), 6u);
      EXPECT_EQ(record.major_faults(), 7u);
      EXPECT_EQ(record.swaps(), 8u);
      EXPECT_EQ(std::string(record.raw_command().begin(), record.raw_command().end()),
                std::string("fifteen bytes a\0", 16));
    }
  }
}

TEST(RecordViewTest, IdsOf32BitsAreInEveryVersionButTheFirst) {
  for (int version = 1; version <= 3; ++version) {
    SCOPED_TRACE(version);
    const std::string bytes = RecordBuilder(version).Uid(4294967293u).Gid(2147483648u).Bytes();
    EXPECT_EQ(RecordAt(BytesOf(bytes), {})->uid(), Uid(4294967293u));
    EXPECT_EQ(RecordAt(BytesOf(bytes), {})->gid(), Gid(2147483648u));
  }
  // Version 0 with 32-bit ids whose low bits agree with the 16-bit ones, as its last writers had
  // them.
  std::string wide = RecordBuilder(0).Uid(4464).Gid(5).Bytes();
  wide.replace(56, 8, std::string("\x70\x11\x01\0\x05\0\0\0", 8));
  EXPECT_EQ(RecordAt(BytesOf(wide), {})->uid(), Uid(70000));
  EXPECT_TRUE(IsPlausible(*RecordAt(BytesOf(wide), {})));
  wide[56] = 9;
  EXPECT_EQ(RecordAt(BytesOf(wide), {})->uid(), Uid(4464));
  EXPECT_FALSE(IsPlausible(*RecordAt(BytesOf(wide), {})));
  // One of the two that disagrees makes both 16-bit ids.
  wide.replace(56, 8, std::string("\x70\x11\x01\0\x06\0\0\0", 8));
  EXPECT_EQ(RecordAt(BytesOf(wide), {})->uid(), Uid(4464));
  EXPECT_EQ(RecordAt(BytesOf(wide), {})->gid(), Gid(5));
}

TEST(RecordViewTest, TheEndIsInHundredthsWhateverTheRate) {
  const std::string record = RecordBuilder(2).Rate(1024).BeginTime(1000).Elapsed(1536).Bytes();
  EXPECT_EQ(RecordAt(BytesOf(record), {})->end_hundredths(), 100'150);
}

TEST(RecordViewTest, TheRateIsTheRecordsOwnOrTheDefault) {
  const auto rate_of = [](const RecordBuilder& builder, uint32_t fallback) {
    return RecordAt(BytesOf(builder.Bytes()), {.default_rate = fallback})->rate();
  };
  EXPECT_EQ(rate_of(RecordBuilder(2).Rate(1024), 100), 1024u);
  EXPECT_EQ(rate_of(RecordBuilder(2).Rate(65535), 100), 65535u);
  EXPECT_EQ(rate_of(RecordBuilder(2).Rate(0), 100), 100u);
  EXPECT_EQ(rate_of(RecordBuilder(2).Rate(0), 1024), 1024u);
  EXPECT_EQ(rate_of(RecordBuilder(1), 1024), 1024u);
  EXPECT_EQ(rate_of(RecordBuilder(0), 1024), 1024u);
  EXPECT_EQ(rate_of(RecordBuilder(3), 1024), 100u);
}

TEST(RecordViewTest, TheLongerElapsedTimeCounts) {
  for (int version = 1; version <= 2; ++version) {
    const std::string both = RecordBuilder(version).Elapsed(7).LongElapsed(777).Bytes();
    EXPECT_EQ(RecordAt(BytesOf(both), {})->elapsed_ticks(), 777u);
    // Exponent 1 and mantissa 3: the bit that is not stored is bit 19.
    const std::string exponent = RecordBuilder(version).LongElapsed(0x80003).Bytes();
    EXPECT_EQ(RecordAt(BytesOf(exponent), {})->elapsed_ticks(), 0x80003u);
    const std::string largest = RecordBuilder(version).LongElapsed(0xffffff).Bytes();
    EXPECT_EQ(RecordAt(BytesOf(largest), {})->raw_elapsed(), std::ldexp(0xfffff, 30));
    EXPECT_FALSE(RecordAt(BytesOf(largest), {})->has_valid_elapsed());
    EXPECT_EQ(RecordAt(BytesOf(largest), {})->elapsed_ticks(), 0u);
  }
}

TEST(RecordViewTest, VersionsWithoutADefinitionAndTooFewBytesAreNoRecords) {
  for (int version_byte = 0; version_byte < 256; ++version_byte) {
    const std::string bytes =
        RecordBuilder().VersionByte(static_cast<uint8_t>(version_byte)).Bytes();
    EXPECT_EQ(RecordAt(BytesOf(bytes), {}).has_value(), (version_byte & 0x7f) <= 3);
  }
  EXPECT_FALSE(RecordAt(BytesOf(RecordBuilder().Bytes()).subspan(0, 63), {}).has_value());
  EXPECT_FALSE(RecordAt({}, {}).has_value());
  EXPECT_TRUE(RecordAt(BytesOf(RecordBuilder(1).Bytes()), {}).has_value());
}

// The fast view and the general view agree in everything, for nearly regular records.
TEST(RecordViewTest, BothWaysToReadVersion3Agree) {
  std::mt19937 random(5);
  int regular = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string bytes = Full(3, RecordBuilder::kLittleEndian).Bytes();
    for (uint32_t changes = random() % 4; changes > 0; --changes) {
      bytes[random() % 64] = static_cast<char>(random() % 2 == 0 ? 0 : random());
    }
    bytes[kVersionOffset] = 3;
    const RecordV3View fast(BytesOf(bytes).data());
    const RecordView plain = *RecordAt(BytesOf(bytes), {});
    ASSERT_EQ(fast.IsRegular(), IsRegular(plain)) << round;
    regular += fast.IsRegular() ? 1 : 0;
    ASSERT_EQ(fast.version(), plain.version());
    ASSERT_EQ(fast.byte_order(), plain.byte_order());
    ASSERT_EQ(fast.flags(), plain.flags());
    ASSERT_EQ(fast.uid(), plain.uid());
    ASSERT_EQ(fast.gid(), plain.gid());
    ASSERT_EQ(fast.tty(), plain.tty());
    ASSERT_EQ(fast.exit_code(), plain.exit_code());
    ASSERT_EQ(fast.pid(), plain.pid());
    ASSERT_EQ(fast.ppid(), plain.ppid());
    ASSERT_EQ(fast.begin_time(), plain.begin_time());
    ASSERT_EQ(fast.rate(), plain.rate());
    ASSERT_EQ(std::bit_cast<uint64_t>(fast.raw_elapsed()),
              std::bit_cast<uint64_t>(plain.raw_elapsed()));
    ASSERT_EQ(fast.has_valid_elapsed(), plain.has_valid_elapsed());
    ASSERT_EQ(fast.elapsed_ticks(), plain.elapsed_ticks());
    ASSERT_EQ(fast.end_hundredths(), plain.end_hundredths());
    ASSERT_EQ(fast.user_ticks(), plain.user_ticks());
    ASSERT_EQ(fast.system_ticks(), plain.system_ticks());
    ASSERT_EQ(fast.memory_kib(), plain.memory_kib());
    ASSERT_EQ(fast.io(), plain.io());
    ASSERT_EQ(fast.blocks(), plain.blocks());
    ASSERT_EQ(fast.minor_faults(), plain.minor_faults());
    ASSERT_EQ(fast.major_faults(), plain.major_faults());
    ASSERT_EQ(fast.swaps(), plain.swaps());
    ASSERT_EQ(fast.raw_command(), plain.raw_command());
  }
  EXPECT_GT(regular, 20'000);
  EXPECT_LT(regular, 180'000);
}

TEST(RecordViewTest, ElapsedThatIsNoTimeIsZeroAndSaysSo) {
  struct Case {
    float raw;
    bool valid;
    uint64_t ticks;
  };
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const Case cases[] = {
      {0, true, 0},
      {1.9F, true, 1},
      {std::numeric_limits<float>::denorm_min(), true, 0},
      {1e11F, true, static_cast<uint64_t>(1e11F)},
      {std::numeric_limits<float>::quiet_NaN(), false, 0},
      {-std::numeric_limits<float>::quiet_NaN(), false, 0},
      {kInfinity, false, 0},
      {-kInfinity, false, 0},
      {-5, false, 0},
      {-0.0F, false, 0},
      {std::numeric_limits<float>::max(), false, 0},
      {static_cast<float>(kElapsedLimit), false, 0},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.raw);
    const std::string little = RecordBuilder().Elapsed(c.raw).Bytes();
    EXPECT_EQ(RecordV3View(BytesOf(little).data()).has_valid_elapsed(), c.valid);
    EXPECT_EQ(RecordV3View(BytesOf(little).data()).elapsed_ticks(), c.ticks);
    const std::string big = RecordBuilder(3, RecordBuilder::kBigEndian).Elapsed(c.raw).Bytes();
    EXPECT_EQ(RecordAt(BytesOf(big), {})->has_valid_elapsed(), c.valid);
    EXPECT_EQ(RecordAt(BytesOf(big), {})->elapsed_ticks(), c.ticks);
  }
}

}  // namespace
}  // namespace cpuagg::acct
