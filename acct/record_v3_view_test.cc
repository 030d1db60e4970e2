#include "acct/record_v3_view.h"

#include <cstdint>
#include <limits>
#include <string>

#include "acct/testing/record_builder.h"
#include "acct/units.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::RecordBuilder;

RecordV3View View(const RecordBuilder& builder) {
  return RecordV3View(reinterpret_cast<const uint8_t*>(builder.Bytes().data()));
}

TEST(RecordV3ViewTest, EveryFieldIsReadFromItsPlace) {
  const RecordBuilder builder = RecordBuilder()
                                    .Flags(0x11)
                                    .Uid(4294967293u)
                                    .BeginTime(4'000'000'000u)
                                    .Elapsed(250)
                                    .UserTime(1)
                                    .SystemTime(0x2002)
                                    .Memory(3)
                                    .Io(4)
                                    .MinorFaults(5)
                                    .MajorFaults(6)
                                    .Command("sixteen bytes ab");
  const RecordV3View record = View(builder);
  EXPECT_EQ(record.flags(), 0x11);
  EXPECT_EQ(record.uid(), Uid(4294967293u));
  EXPECT_EQ(record.begin_time(), 4'000'000'000u);
  EXPECT_EQ(record.elapsed(), Ticks(250));
  EXPECT_EQ(record.end_time(), 4'000'000'002);
  EXPECT_EQ(record.user_time(), Ticks(1));
  EXPECT_EQ(record.system_time(), Ticks(16));
  EXPECT_EQ(record.memory_kib(), 3u);
  EXPECT_EQ(record.io(), 4u);
  EXPECT_EQ(record.minor_faults(), 5u);
  EXPECT_EQ(record.major_faults(), 6u);
  EXPECT_EQ(std::string(record.raw_command().begin(), record.raw_command().end()),
            "sixteen bytes ab");
}

TEST(RecordV3ViewTest, ElapsedThatIsNoTimeIsZeroAndSaysSo) {
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
      {kInfinity, false, 0},
      {-kInfinity, false, 0},
      {-5, false, 0},
      {std::numeric_limits<float>::max(), false, 0},
      {static_cast<float>(kElapsedLimit), false, 0},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.raw);
    const RecordBuilder builder = RecordBuilder().Elapsed(c.raw);
    EXPECT_EQ(View(builder).has_valid_elapsed(), c.valid);
    EXPECT_EQ(View(builder).elapsed(), Ticks(c.ticks));
  }
}

}  // namespace
}  // namespace cpuagg::acct
