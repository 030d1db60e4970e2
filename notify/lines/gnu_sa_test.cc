#include "notify/lines/gnu_sa.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
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

}  // namespace
}  // namespace cpuagg::notify
