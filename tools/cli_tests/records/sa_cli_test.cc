// The built binary, `cpuagg sa`, compared with GNU sa for the same files on this host.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/sanitized.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using acct::testing::TempDir;
using testing::Finished;
using testing::RunProgram;

Finished Ours(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"tools/cpuagg", "sa"});
  return RunProgram({.argv = std::move(arguments)});
}

Finished Gnu(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "/usr/sbin/sa");
  return RunProgram({.argv = std::move(arguments)});
}

std::vector<std::string> SortedLines(const std::string& text) {
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  std::sort(lines.begin(), lines.end());
  return lines;
}

// Records with everything that a version 3 record can contain, including extremes.
std::string RandomRecords(std::mt19937& random, int count) {
  const uint32_t uids[] = {0, 1, 33, 1000, 65534, 1234567890, 2147483648u, 4294967295u};
  const std::string commands[] = {
      "bash", "sixteen bytes ab", std::string("a\0b", 3), "", "\x1b[2J\n", "\xff\xfe", "zoë"};
  const float odd[] = {0,
                       1.5F,
                       -8,
                       std::numeric_limits<float>::infinity(),
                       std::numeric_limits<float>::quiet_NaN(),
                       std::numeric_limits<float>::max()};
  // A regular record first, which makes the others plausible.
  std::string file = RecordBuilder().Bytes();
  for (int i = 1; i < count; ++i) {
    const auto comp_t = [&] { return static_cast<uint16_t>(random()); };
    file += RecordBuilder()
                .Flags(static_cast<uint8_t>(random()))
                .Uid(uids[random() % std::size(uids)])
                .Elapsed(random() % 50 == 0 ? odd[random() % std::size(odd)]
                                            : static_cast<float>(random() % 1'000'000))
                .UserTime(comp_t())
                .SystemTime(comp_t())
                .Memory(comp_t())
                .Io(comp_t())
                .Command(commands[random() % std::size(commands)])
                .Bytes();
  }
  return file;
}

TEST(SaCliTest, PrintsWhatGnuSaPrintsOnRandomFiles) {
  const TempDir dir;
  std::mt19937 random(20261123);
  const int step = acct::testing::LessIfProgramIsSanitized(1, 10);
  for (int round = 0; round < 150; round += step) {
    const std::string path = dir.Write("pacct", RandomRecords(random, 1 + round * 3));
    const Finished lines = Ours({"-u", path});
    ASSERT_EQ(lines.exit_code, 0) << lines.err;
    ASSERT_EQ(lines.out, Gnu({"-u", path}).out) << "round " << round;
    const Finished summary = Ours({"-m", path});
    ASSERT_EQ(summary.exit_code, 0) << summary.err;
    const std::string expected = Gnu({"-m", "-i", path}).out;
    ASSERT_EQ(SortedLines(summary.out), SortedLines(expected)) << "round " << round;
    ASSERT_EQ(summary.out.substr(0, summary.out.find('\n')),
              expected.substr(0, expected.find('\n')));
  }
}

TEST(SaCliTest, NothingToSumUpIsAnErrorAndNothingToListIsNot) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", "");
  EXPECT_EQ(Ours({"-u", path}).exit_code, 0);
  const Finished summary = Ours({"-m", path});
  EXPECT_EQ(summary.exit_code, 1);
  EXPECT_EQ(summary.err, "cpuagg: " + path + ": has no records to sum up\n");
}

TEST(SaCliTest, ExactlyOneOfTheTwoIsAskedFor) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"-u", "-m"}, {"-u", "a", "b"}}) {
    EXPECT_EQ(Ours(arguments).exit_code, 2);
  }
}

}  // namespace
}  // namespace cpuagg::tools
