// The built binary beside a plain model of what was put into a file at random that is well-formed.

#include <algorithm>
#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
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
using acct::testing::Piece;
using acct::testing::PlayHistories;
using acct::testing::RecordBuilder;
using testing::Finished;

// The expected report of some processes.
struct Expected {
  // Seconds are counted in parts of which every rate of random records has a whole number in a
  // tick.
  static constexpr uint64_t kPartsPerSecond = uint64_t{1024} * 3 * 25 * 17 * 257;

  uint64_t processes = 0;
  absl::uint128 user_parts = 0;
  absl::uint128 system_parts = 0;
  absl::uint128 elapsed_parts = 0;
  uint64_t memory = 0;
  uint64_t largest_memory = 0;
  uint64_t io = 0;
  uint64_t minor_faults = 0;
  uint64_t major_faults = 0;
  // Whether 15 decimals are exact: they are not for a rate with a factor 3, 17 or 257.
  bool is_decimal = true;

  void Add(const Planned& plan) {
    const uint64_t parts_per_tick = kPartsPerSecond / plan.rate;
    ASSERT_EQ(parts_per_tick * plan.rate, kPartsPerSecond);
    ++processes;
    user_parts += absl::uint128(plan.user) * parts_per_tick;
    system_parts += absl::uint128(plan.system) * parts_per_tick;
    elapsed_parts += absl::uint128(plan.elapsed) * parts_per_tick;
    memory += plan.memory;
    largest_memory = std::max(largest_memory, plan.memory);
    io += plan.io;
    minor_faults += plan.minor_faults;
    major_faults += plan.major_faults;
    is_decimal = is_decimal && plan.rate != 60 && plan.rate != 65535;
  }
};

// The digits of the number `name` in the JSON object `line`. A double would lose some.
std::string NumberIn(const std::string& line, const std::string& name) {
  const std::string key = absl::StrCat("\"", name, "\": ");
  const size_t at = line.find(key);
  if (at == std::string::npos) return absl::StrCat("no ", name);
  const size_t begin = at + key.size();
  return line.substr(begin, line.find_first_of(",}", begin) - begin);
}

// Expects that `seconds`, a decimal number, equals `parts` of a second: exactly, or up to the 15th
// decimal.
void ExpectSeconds(const std::string& seconds, absl::uint128 parts, bool is_decimal) {
  constexpr size_t kDecimals = 15;
  constexpr uint64_t kUnits = 1'000'000'000'000'000;
  const size_t point = seconds.find('.');
  ASSERT_NE(point, std::string::npos) << seconds;
  std::string decimals = seconds.substr(point + 1);
  ASSERT_LE(decimals.size(), kDecimals);
  decimals.resize(kDecimals, '0');
  uint64_t whole = 0;
  uint64_t fraction = 0;
  ASSERT_TRUE(absl::SimpleAtoi(seconds.substr(0, point), &whole)) << seconds;
  ASSERT_TRUE(absl::SimpleAtoi(decimals, &fraction)) << seconds;
  const absl::uint128 said = (absl::uint128(whole) * kUnits + fraction) * Expected::kPartsPerSecond;
  const absl::uint128 expected = parts * kUnits;
  const absl::uint128 difference = said > expected ? said - expected : expected - said;
  // Times of the two rates without an exact decimal are rounded; a sum contains two of each.
  EXPECT_LE(difference, is_decimal ? 0 : 2 * Expected::kPartsPerSecond) << seconds;
}

void ExpectUsage(const std::string& line, const Expected& expected) {
  SCOPED_TRACE(line);
  ExpectSeconds(NumberIn(line, "user_seconds"), expected.user_parts, expected.is_decimal);
  ExpectSeconds(NumberIn(line, "system_seconds"), expected.system_parts, expected.is_decimal);
  ExpectSeconds(NumberIn(line, "cpu_seconds"), expected.user_parts + expected.system_parts,
                expected.is_decimal);
  ExpectSeconds(NumberIn(line, "elapsed_seconds"), expected.elapsed_parts, expected.is_decimal);
  const std::pair<const char*, uint64_t> counts[] = {
      {"processes", expected.processes},
      {"memory_kib", expected.memory / std::max<uint64_t>(expected.processes, 1)},
      {"largest_memory_kib", expected.largest_memory},
      {"io", expected.io},
      {"minor_faults", expected.minor_faults},
      {"major_faults", expected.major_faults},
  };
  for (const auto& [name, count] : counts) {
    EXPECT_EQ(NumberIn(line, name), absl::StrCat(count)) << name;
  }
}

// Records of one kind. Next to others of it, even the oddest record counts, so that they can only
// be left out together.
struct Kind {
  int version;
  std::string records;
  std::vector<Planned> plans;

  friend std::ostream& operator<<(std::ostream& out, const Kind& kind) {
    return out << kind.plans.size() << " records of version " << kind.version << ": "
               << Piece{kind.records};
  }
};

std::vector<Kind> AnyKinds(uint64_t seed) {
  Generator random(static_cast<uint32_t>(seed));
  std::vector<Kind> kinds;
  for (uint32_t left = 1 + random.Below(8); left > 0; --left) {
    Kind& kind = kinds.emplace_back();
    kind.version = static_cast<int>(random.Below(4));
    // No big-endian machine marked records of version 0 as big-endian, although GNU sa reads them
    // so.
    const RecordBuilder::Order order =
        kind.version == 0 ? RecordBuilder::kLittleEndian : random.Order();
    const uint32_t last = 1 + random.Below(20);
    for (uint32_t i = 0; i <= last; ++i) {
      Planned plan;
      kind.records += random.Record(kind.version, order, /*may_be_odd=*/i > 0 && i < last, plan);
      kind.plans.push_back(plan);
    }
  }
  return kinds;
}

class ReportDifferentialCliTest : public testing::CliTest {
 protected:
  void ExpectReportOf(const std::vector<Kind>& kinds, const std::string& file) {
    std::map<uint32_t, Expected> users;
    Expected totals;
    uint64_t invalid_elapsed = 0;
    for (const Kind& kind : kinds) {
      for (const Planned& plan : kind.plans) {
        users[plan.uid].Add(plan);
        totals.Add(plan);
        invalid_elapsed += plan.elapsed_is_valid ? 0 : 1;
      }
    }
    const Finished run = Run({"report", "--format=json", dir_.Write("pacct", file)});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    std::map<std::string, std::string> rows;
    const std::vector<std::string> lines = absl::StrSplit(run.out, '\n');
    for (const std::string& line : lines) {
      if (absl::StartsWith(line, "    {\"uid\"")) rows[NumberIn(line, "uid")] = line;
      if (absl::StartsWith(line, "  \"totals\"")) ExpectUsage(line, totals);
      if (absl::StartsWith(line, "  \"input\"")) {
        EXPECT_EQ(NumberIn(line, "bytes"), absl::StrCat(file.size()));
        EXPECT_EQ(NumberIn(line, "records"), absl::StrCat(totals.processes));
        EXPECT_EQ(NumberIn(line, "invalid_elapsed"), absl::StrCat(invalid_elapsed));
      }
    }
    EXPECT_EQ(rows.size(), users.size());
    for (const auto& [uid, expected] : users) ExpectUsage(rows[absl::StrCat(uid)], expected);
  }
};

TEST_F(ReportDifferentialCliTest, CountsWhatWasPutIntoTheFile) {
  PlayHistories<Kind>(800, AnyKinds,
                      [&](uint64_t seed, const std::vector<Kind>& kinds, const Failures& failures) {
                        std::string file;
                        for (const Kind& kind : kinds) file += kind.records;
                        ExpectReportOf(kinds, file);
                        // At last the shortest one.
                        if (failures.any())
                          Keep(file, absl::StrCat("report-seed-", seed, ".pacct"));
                      });
}

}  // namespace
}  // namespace cpuagg::tools
