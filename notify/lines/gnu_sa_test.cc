#include "notify/lines/gnu_sa.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/io/open_source.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/record_view.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/names/user_directory.h"
#include "gtest/gtest.h"
#include "notify/lines/sa_reading.h"

namespace cpuagg::notify {
namespace {

using acct::testing::ReadFile;
using acct::testing::RecordBuilder;

constexpr char kLab[] = "testdata/lab/";

// Passes every record of a generation of the lab to `sink`.
template <typename Sink>
void ReadLab(const std::string& name, Sink sink) {
  std::string path = kLab + name;
  if (!std::ifstream(path).good()) path += ".gz";
  absl::StatusOr<std::unique_ptr<acct::ByteSource>> source = acct::OpenSource(path);
  ASSERT_TRUE(source.ok()) << source.status();
  SaRecords records;
  for (;;) {
    const absl::StatusOr<absl::Span<const uint8_t>> block = (*source)->Next();
    ASSERT_TRUE(block.ok()) << block.status();
    if (block->empty()) break;
    // In pieces that end inside records.
    for (size_t at = 0; at < block->size(); at += 1000)
      records.Scan(block->subspan(at, 1000), sink);
  }
}

// Expects what GNU sa printed for the bundled history, on the host with these names.
class GnuSaTest : public ::testing::TestWithParam<const char*> {
 protected:
  aggregate::PasswdFileDirectory names_{ReadFile(std::string(kLab) + "passwd")};
};

TEST_P(GnuSaTest, PerRecordLinesAreTheSameBytes) {
  SaUserLines lines(names_);
  std::string text;
  ReadLab(GetParam(), [&](const acct::RecordView& record) { lines.Append(record, text); });
  EXPECT_EQ(text, ReadFile(std::string(kLab) + "expected/" + GetParam() + ".sa-u"));
}

TEST_P(GnuSaTest, SummariesAreTheSameLines) {
  SaUserSummary summary(names_);
  ReadLab(GetParam(), [&](const acct::RecordView& record) { summary.Add(record); });
  // Compared as sets, because sa leaves the order of full ties to its hash table.
  const auto sorted = [](const std::string& text) {
    std::vector<std::string> lines = absl::StrSplit(text, '\n');
    std::sort(lines.begin(), lines.end());
    return lines;
  };
  const std::string expected = ReadFile(std::string(kLab) + "expected/" + GetParam() + ".sa-m");
  EXPECT_EQ(sorted(summary.Render()), sorted(expected));
  EXPECT_EQ(summary.Render().substr(0, expected.find('\n')),
            expected.substr(0, expected.find('\n')));
}

// For regular records, the fast way prints the same as the general way.
TEST_P(GnuSaTest, BothWaysToReadARecordAgree) {
  SaUserLines plain_lines(names_);
  SaUserLines fast_lines(names_);
  SaUserSummary plain_summary(names_);
  SaUserSummary fast_summary(names_);
  std::string plain_text;
  std::string fast_text;
  int regular = 0;
  ReadLab(GetParam(), [&](const acct::RecordView& record) {
    plain_lines.Append(record, plain_text);
    plain_summary.Add(record);
    const acct::RecordV3View fast(record.bytes());
    if (!fast.IsRegular()) {
      fast_lines.Append(record, fast_text);
      fast_summary.Add(record);
      return;
    }
    ++regular;
    fast_lines.Append(fast, fast_text);
    const std::string bytes(reinterpret_cast<const char*>(record.bytes()), 64);
    const std::string followed = bytes + RecordBuilder().Bytes();
    const std::string alone = bytes + std::string(64, '\0');
    const auto* const begin = reinterpret_cast<const uint8_t*>(followed.data());
    EXPECT_EQ(fast_summary.AddRegular(begin, begin + 1), 64);
    const auto* const lone = reinterpret_cast<const uint8_t*>(alone.data());
    EXPECT_EQ(fast_summary.AddRegular(lone, lone + 1), 0);
  });
  EXPECT_EQ(fast_text, plain_text);
  EXPECT_EQ(fast_summary.Render(), plain_summary.Render());
  EXPECT_GT(regular, 0);
}

INSTANTIATE_TEST_SUITE_P(Generations, GnuSaTest,
                         ::testing::Values("pacct", "pacct.0", "pacct.1", "pacct.2"));

// What `sa -m` prints of records, on a host with these users.
std::string SummaryOf(const std::vector<RecordBuilder>& records, const std::string& passwd = "") {
  aggregate::PasswdFileDirectory names(passwd);
  SaUserSummary summary(names);
  std::string file;
  for (const RecordBuilder& record : records) file += record.Bytes();
  SaRecords().Scan({reinterpret_cast<const uint8_t*>(file.data()), file.size()},
                   [&](const acct::RecordView& record) { summary.Add(record); });
  return summary.Render();
}

// The line of a name in what `sa -m` prints.
std::string LineOf(const std::string& name, int calls, const std::string& elapsed) {
  return absl::StrFormat("%-32s %8d %10sre %10.2fcp%10davio %9dk\n", name, calls, elapsed, 0.0, 0,
                         0);
}

TEST(GnuSaQuirksTest, ASumThatIsNoNumberHasTheSignOfTheFirst) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const RecordBuilder positive = RecordBuilder().Uid(1).Elapsed(std::copysign(nan, 1.0f));
  const RecordBuilder negative = RecordBuilder().Uid(1).Elapsed(std::copysign(nan, -1.0f));
  const RecordBuilder minute = RecordBuilder().Uid(1).Elapsed(6000);
  EXPECT_EQ(SummaryOf({minute, negative, positive, minute}),
            LineOf("", 4, "-nan") + LineOf("1", 4, "-nan"));
  EXPECT_EQ(SummaryOf({minute, positive, negative, minute}),
            LineOf("", 4, "nan") + LineOf("1", 4, "nan"));
}

TEST(GnuSaQuirksTest, NamesThatBeginWithTheSameThirtyTwoBytesAreOneUser) {
  const std::string name = "a-name-of-thirty-two-characters-";
  const std::string passwd =
      name + "1:x:1:1::/:\n" + name + "2:x:2:2::/:\n" + name.substr(1) + "3:x:3:3::/:\n";
  EXPECT_EQ(
      SummaryOf({RecordBuilder().Uid(1).Elapsed(6000), RecordBuilder().Uid(2).Elapsed(6000),
                 RecordBuilder().Uid(3).Elapsed(6000)},
                passwd),
      LineOf("", 3, "3.00") + LineOf(name, 2, "2.00") + LineOf(name.substr(1) + "3", 1, "1.00"));
}

TEST(GnuSaQuirksTest, OfVersionTwoOnlyTheLongElapsedTimeCounts) {
  for (const RecordBuilder::Order order :
       {RecordBuilder::kLittleEndian, RecordBuilder::kBigEndian}) {
    const RecordBuilder record =
        RecordBuilder(2, order).Uid(1).Rate(100).Elapsed(6000).LongElapsed(0x12345);
    // 0x12345 ticks are 12.4275 minutes.
    EXPECT_EQ(SummaryOf({record}), LineOf("", 1, "12.43") + LineOf("1", 1, "12.43"));
  }
}

}  // namespace
}  // namespace cpuagg::notify
