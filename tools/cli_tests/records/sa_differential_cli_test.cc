// The built binary beside GNU sa on files made at random: byte for byte the same, whatever the file
// holds.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "acct/testing/histories.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"
#include "tools/cli_tests/records/random_records.h"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::Failures;
using acct::testing::Joined;
using acct::testing::Piece;
using acct::testing::PlayHistories;
using acct::testing::RecordBuilder;
using acct::testing::Seeds;
using testing::Finished;
using testing::Program;
using testing::RunProgram;

std::vector<std::string> SortedLines(const std::string& text) {
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  std::sort(lines.begin(), lines.end());
  return lines;
}

// Quarters of records, if it has only whole ones.
std::vector<Piece> PiecesOf(const std::string& file) {
  constexpr size_t kPieceBytes = 16;
  std::vector<Piece> pieces;
  for (size_t at = 0; at < file.size(); at += kPieceBytes) {
    pieces.push_back({file.substr(at, kPieceBytes)});
  }
  return pieces;
}

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

class SaDifferentialCliTest : public testing::CliTest, public ::testing::WithParamInterface<bool> {
 protected:
  Finished Ours(const char* mode) const {
    Strings argv = {"sa", mode, pacct_};
    if (GetParam()) argv.insert(argv.end(), {"--passwd", accounts_});
    return Run(std::move(argv));
  }

  Finished Gnus(Strings modes) const {
    Program program = {.argv = {"/usr/sbin/sa"}};
    program.argv.insert(program.argv.end(), modes.begin(), modes.end());
    program.argv.push_back(pacct_);
    if (GetParam()) {
      // The sanitizers must be loaded first, but also work if they are not.
      setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
      program.environment = {"LD_PRELOAD=tools/testing/libaccounts_of_file.so",
                             "ACCOUNTS_FILE=" + accounts_};
    }
    return RunProgram(program);
  }

  std::string accounts_ = dir_.Write("accounts", kAccounts);
};

TEST_P(SaDifferentialCliTest, PrintsWhatGnuSaPrintsWhateverTheFileHolds) {
  constexpr uint32_t kRounds = 1000;
  uint64_t sums = 0;
  const auto make_pieces = [](uint64_t seed) {
    // Different files for both.
    const uint64_t round = GetParam() ? kRounds + seed : seed;
    Generator random(static_cast<uint32_t>(round));
    return PiecesOf(AnyFile(random));
  };
  const auto play = [&](uint64_t seed, const std::vector<Piece>& pieces, const Failures& failures) {
    const std::string file = Joined(pieces);
    dir_.Write("pacct", file);

    const Finished lines = Ours("-u");
    EXPECT_EQ(lines.out, Gnus({"-u"}).out);
    EXPECT_TRUE(lines.exit_code == 0 || lines.exit_code == 3) << lines.err;

    const Finished summary = Ours("-m");
    const Finished expected = Gnus({"-m", "-i"});
    if (lines.out.empty()) {
      EXPECT_TRUE(absl::StrContains(expected.out, "num_calls == 0")) << expected.out;
      EXPECT_EQ(summary.out, "");
      EXPECT_EQ(summary.exit_code, 1);
    } else {
      EXPECT_EQ(SortedLines(summary.out), SortedLines(expected.out));
      EXPECT_EQ(FirstLine(summary.out), FirstLine(expected.out));
      EXPECT_EQ(summary.exit_code, lines.exit_code) << summary.err;
      ++sums;
    }
    // At last the shortest one.
    if (failures.any()) Keep(file, absl::StrCat("seed-", seed, ".pacct"));
  };
  const Seeds seeds = PlayHistories<Piece>(kRounds, make_pieces, play);
  if (seeds.count >= 100) {
    EXPECT_GT(sums, seeds.count * 9 / 10);
  }
}

TEST_P(SaDifferentialCliTest, AddsTimesThatAreNoTimesAsGnuSaDoes) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kTimes[] = {100, kInfinity, -kInfinity, kNan, -kNan};
  for (const float first : kTimes) {
    for (const float second : kTimes) {
      for (const float third : kTimes) {
        std::string file;
        for (const float ticks : {first, second, third}) {
          file += RecordBuilder().Elapsed(ticks).Bytes();
        }
        dir_.Write("pacct", file);
        ASSERT_EQ(Ours("-m").out, Gnus({"-m", "-i"}).out)
            << first << ", " << second << ", " << third;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Names, SaDifferentialCliTest, ::testing::Bool(),
                         [](const auto& test) { return test.param ? "OfAFile" : "OfThisHost"; });

}  // namespace
}  // namespace cpuagg::tools
