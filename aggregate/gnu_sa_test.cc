#include "aggregate/gnu_sa.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "acct/byte_source.h"
#include "acct/open_source.h"
#include "acct/record_view.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/user_directory.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::ReadFile;

constexpr char kLab[] = "testdata/lab/";

// Hands every record of a generation of the lab to `sink`.
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
    // In pieces that end within records.
    for (size_t at = 0; at < block->size(); at += 1000)
      records.Scan(block->subspan(at, 1000), sink);
  }
}

// What GNU sa printed for the bundled history, on the host with these names.
class GnuSaTest : public ::testing::TestWithParam<const char*> {
 protected:
  PasswdFileDirectory names_{ReadFile(std::string(kLab) + "passwd")};
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
  // As sets: sa leaves the order of full ties to its hash table.
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

INSTANTIATE_TEST_SUITE_P(Generations, GnuSaTest,
                         ::testing::Values("pacct", "pacct.0", "pacct.1", "pacct.2"));

}  // namespace
}  // namespace cpuagg::aggregate
