#include "notify/outbox/report_id.h"

#include <deque>
#include <string>

#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "notify/outbox/outbox.h"

namespace cpuagg::notify {
namespace {

const absl::Time kNow =
    absl::FromCivil(absl::CivilSecond(2026, 11, 23, 0, 45), absl::UTCTimeZone());

class ReportIdTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(outbox_.Lock(absl::ZeroDuration()).ok()); }

  const acct::testing::TempDir dir_;
  const Outbox outbox_{dir_.Path("outbox")};
};

TEST_F(ReportIdTest, HasHostTimeAndFourRandomDigits) {
  const auto random = [] { return 0xabcd3f2au; };
  EXPECT_EQ(NewReportId(outbox_, "lab01", kNow, random), "lab01-20261123T004500Z-3f2a");
}

TEST_F(ReportIdTest, IsAFileNameWhateverTheHostIsCalled) {
  const auto random = [] { return 1u; };
  const std::string rest = "-20261123T004500Z-0001";
  EXPECT_EQ(NewReportId(outbox_, "../a b/\xc3\xa4\n", kNow, random), "-.-a-b----" + rest);
  EXPECT_EQ(NewReportId(outbox_, std::string(100, 'x'), kNow, random), std::string(32, 'x') + rest);
  EXPECT_EQ(NewReportId(outbox_, "", kNow, random), rest);
}

TEST_F(ReportIdTest, IsNotThatOfAReportThatWaits) {
  std::deque<uint32_t> numbers = {7, 7, 8};
  const auto random = [&] {
    const uint32_t number = numbers.front();
    numbers.pop_front();
    return number;
  };
  const std::string first = NewReportId(outbox_, "lab01", kNow, random);
  ASSERT_TRUE(outbox_.Add({.id = first}).ok());
  EXPECT_EQ(NewReportId(outbox_, "lab01", kNow, random), "lab01-20261123T004500Z-0008");
}

}  // namespace
}  // namespace cpuagg::notify
