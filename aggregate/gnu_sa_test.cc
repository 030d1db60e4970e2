#include "aggregate/gnu_sa.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_split.h"
#include "acct/byte_source.h"
#include "acct/open_source.h"
#include "acct/record_reader.h"
#include "acct/record_v3_view.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/user_directory.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::ReadFile;

constexpr char kLab[] = "testdata/lab/";

struct Collect {
  std::vector<std::string>* records;

  void Add(acct::RecordV3View record) {
    records->emplace_back(reinterpret_cast<const char*>(record.raw_command().data()) - 48, 64);
  }
  Collect Fresh() const { return *this; }
  void Merge(const Collect&) {}
};

std::vector<std::string> RecordsOf(const std::string& name) {
  std::string path = kLab + name;
  if (!std::ifstream(path).good()) path += ".gz";
  absl::StatusOr<std::unique_ptr<acct::ByteSource>> source = acct::OpenSource(path);
  EXPECT_TRUE(source.ok()) << source.status();
  std::vector<std::string> records;
  Collect collect{&records};
  EXPECT_TRUE(acct::ReadRecords(**source, {}, collect).ok());
  return records;
}

acct::RecordV3View View(const std::string& record) {
  return acct::RecordV3View(reinterpret_cast<const uint8_t*>(record.data()));
}

// What GNU sa printed for the bundled history, on the host with these names.
class GnuSaTest : public ::testing::TestWithParam<const char*> {
 protected:
  PasswdFileDirectory names_{ReadFile(std::string(kLab) + "passwd")};
};

TEST_P(GnuSaTest, PerRecordLinesAreTheSameBytes) {
  SaUserLines lines(names_);
  std::string text;
  for (const std::string& record : RecordsOf(GetParam())) lines.Append(View(record), text);
  EXPECT_EQ(text, ReadFile(std::string(kLab) + "expected/" + GetParam() + ".sa-u"));
}

TEST_P(GnuSaTest, SummariesAreTheSameLines) {
  SaUserSummary summary(names_);
  for (const std::string& record : RecordsOf(GetParam())) summary.Add(View(record));
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
