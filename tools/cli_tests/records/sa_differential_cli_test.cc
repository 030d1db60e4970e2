// Compares the built binary with two independent references, for random files: with GNU sa, byte
// for byte, whatever the file contains; and with a simple model of the content, if the file is
// well-formed.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using acct::testing::TempDir;
using testing::Finished;
using testing::Program;
using testing::RunProgram;

// Each round depends only on the seed and its number, so that it can be repeated.
constexpr uint32_t kSeed = 20261123;

// Names around the 8 bytes that sa -u shows and the 32 bytes that sa -m distinguishes, some of them
// equal up to there; one cut inside a character; one that is another user's id; and one user with
// two names.
constexpr char kAccounts[] =
    "root:x:0:0::/:/bin/sh\n"
    "daemon:x:1:1::/:/bin/sh\n"
    "eightch8:x:33:33::/:/bin/sh\n"
    "ninechar9:x:42:42::/:/bin/sh\n"
    "eightch8-and-more:x:100:100::/:/bin/sh\n"
    "thirty-one-bytes-long-name-here:x:998:998::/:/bin/sh\n"
    "thirty-two-bytes-long-name-here-:x:1000:1000::/:/bin/sh\n"
    "thirty-two-bytes-long-name-here-3:x:1001:1000::/:/bin/sh\n"
    "seven77ü-split:x:65534:1000::/:/bin/sh\n"
    "a b%s%n:x:65535:1000::/:/bin/sh\n"
    "5555:x:65536:1000::/:/bin/sh\n"
    "-1:x:70001:1000::/:/bin/sh\n"
    "first:x:2147483647:1000::/:/bin/sh\n"
    "second:x:2147483647:1000::/:/bin/sh\n"
    "nobody\xff:x:4294967294:1000::/:/bin/sh\n";

// Ids with and without names, and at the limits of 16 and 32 bits, signed and unsigned.
constexpr uint32_t kUids[] = {
    0,     1,     33,    42,    100,        998,         1000,        1001,        5555,
    65534, 65535, 65536, 70001, 1234567890, 2147483647u, 2147483648u, 4294967294u, 4294967295u};

// Each round starts several programs, and those with sanitizers start slowly.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint32_t kSlowness = 10;
#else
constexpr uint32_t kSlowness = 1;
#endif

constexpr uint16_t kCompTs[] = {0,      1,      2,      10,     0x1fff, 0x2000,
                                0x2001, 0x3fff, 0x8001, 0xe000, 0xe001, 0xffff};

constexpr uint16_t kRates[] = {0, 1, 60, 100, 1024, 65535};

// The value of a comp_t, from acct(5).
uint64_t CompT(uint16_t bits) {
  uint64_t value = bits % 8192;
  for (int i = bits / 8192; i > 0; --i) value *= 8;
  return value;
}

// The value of a comp2_t, from kernel/acct.c.
uint64_t Comp2T(uint32_t bits) {
  uint64_t value = bits % (1u << 19);
  const uint32_t exponent = bits >> 19;
  if (exponent > 0) value += 1u << 19;
  for (uint32_t i = 1; i < exponent; ++i) value *= 2;
  return value;
}

// The content of one record.
struct Planned {
  uint32_t uid = 0;
  uint32_t rate = 100;
  uint64_t user = 0;  // in ticks of `rate`, like the next two
  uint64_t system = 0;
  uint64_t elapsed = 0;
  bool elapsed_is_valid = true;
  uint64_t memory = 0;
  uint64_t io = 0;
  uint64_t minor_faults = 0;
  uint64_t major_faults = 0;
};

// Makes the records of one round.
class Generator {
 public:
  explicit Generator(uint32_t round) {
    std::seed_seq seeds = {kSeed, round};
    engine_.seed(seeds);
  }

  // A number below `limit`.
  uint32_t Below(uint32_t limit) { return static_cast<uint32_t>(engine_() % limit); }

  template <typename T, size_t kCount>
  T OneOf(const T (&values)[kCount]) {
    return values[Below(kCount)];
  }

  std::string Noise(uint32_t bytes) {
    std::string noise;
    for (uint32_t i = 0; i < bytes; ++i) noise += static_cast<char>(Below(256));
    return noise;
  }

  // A record of any version as some kernel may have written it; always 64 bytes.
  std::string Record() {
    Planned ignored;
    return Record(static_cast<int>(Below(4)), Order(), /*may_be_odd=*/true, ignored);
  }

  RecordBuilder::Order Order() {
    return Below(2) == 0 ? RecordBuilder::kLittleEndian : RecordBuilder::kBigEndian;
  }

  // A record of one version, with its content. Unless it is odd, every program takes it for a
  // record.
  std::string Record(int version, RecordBuilder::Order order, bool may_be_odd, Planned& plan) {
    RecordBuilder builder(version, order);
    // Without this, version 0 does not show its byte order.
    if (version == 0 && order == RecordBuilder::kBigEndian) builder.VersionByte(0x80);
    const bool fits_16_bits = version == 0 && Below(2) == 0;
    plan = Planned();
    plan.uid = Below(8) == 0 ? static_cast<uint32_t>(engine_()) : OneOf(kUids);
    if (fits_16_bits) plan.uid &= 0xffff;
    builder.Uid(plan.uid)
        .Gid(1000)
        .Flags(static_cast<uint8_t>(Below(64)))
        .BeginTime(kBegin + Below(1 << 24));
    plan.user = Put(builder, &RecordBuilder::UserTime);
    plan.system = Put(builder, &RecordBuilder::SystemTime);
    plan.memory = Put(builder, &RecordBuilder::Memory);
    plan.io = Put(builder, &RecordBuilder::Io);
    plan.minor_faults = Put(builder, &RecordBuilder::MinorFaults);
    plan.major_faults = Put(builder, &RecordBuilder::MajorFaults);
    builder.Command(may_be_odd ? Command() : "bash");
    if (version == 2) {
      const uint16_t rate = may_be_odd ? OneOf(kRates) : 60;
      builder.Rate(rate);
      if (rate != 0) plan.rate = rate;
    }
    PutElapsed(version, builder, may_be_odd, plan);
    std::string bytes = builder.Bytes();
    if (version == 1) bytes.append(2, '\0');
    if (version == 0 && !fits_16_bits) {
      // Later kernels had 32-bit ids in the former padding, as in version 2.
      const std::string wide = RecordBuilder(2, order).Uid(plan.uid).Gid(1000).Bytes();
      bytes.replace(56, 8, wide, 56, 8);
    }
    return bytes;
  }

 private:
  static constexpr uint32_t kBegin = 1'600'000'000;

  // Puts a comp_t into `builder` and returns its value.
  uint64_t Put(RecordBuilder& builder, RecordBuilder& (RecordBuilder::*put)(uint16_t)) {
    uint16_t bits = OneOf(kCompTs);
    if (Below(2) == 0) bits = static_cast<uint16_t>(Below(65536));
    (builder.*put)(bits);
    return CompT(bits);
  }

  void PutElapsed(int version, RecordBuilder& builder, bool may_be_odd, Planned& plan) {
    if (version == 3 && may_be_odd && Below(50) == 0) {
      constexpr float kNoTimes[] = {-8,
                                    -0.0F,
                                    std::numeric_limits<float>::infinity(),
                                    -std::numeric_limits<float>::infinity(),
                                    std::numeric_limits<float>::quiet_NaN(),
                                    -std::numeric_limits<float>::quiet_NaN(),
                                    std::numeric_limits<float>::max()};
      builder.Elapsed(OneOf(kNoTimes));
      plan.elapsed_is_valid = false;
      return;
    }
    // A float has 24 bits of precision; a comp_t without an exponent has 13.
    plan.elapsed = Below(version == 3 ? 1 << 24 : 1 << 13);
    builder.Elapsed(static_cast<float>(plan.elapsed));
    if (version == 3 && plan.elapsed == 0) builder.Elapsed(1e-40F);
    if (version == 0 || version == 3 || !may_be_odd || Below(4) == 0) return;
    const uint32_t bits = 1 + Below((25u << 19) - 1);
    builder.LongElapsed(bits);
    plan.elapsed = Comp2T(bits);
    // No process lives that long.
    if (plan.elapsed >= uint64_t{1} << 38) {
      plan.elapsed = 0;
      plan.elapsed_is_valid = false;
    }
  }

  std::string Command() {
    const std::string commands[] = {
        "bash", "eight ch", "fifteen bytes a", "sixteen bytes ab", "zoë",      "日本語",
        "%s%n", "a\"b,c\\", "x\ny\t",          "\x1b[2J",          "\xff\xfe", " "};
    return OneOf(commands);
  }

  std::mt19937 engine_;
};

// Changes some bytes of `file`.
void Damage(Generator& random, std::string& file) {
  const auto somewhere = [&] { return random.Below(static_cast<uint32_t>(file.size())); };
  switch (random.Below(7)) {
    case 0:
      file.insert(somewhere(), random.Noise(1 + random.Below(200)));
      break;
    case 1:
      file.insert(somewhere(), 16, 'x');
      break;
    case 2:
      file.erase(somewhere(), 1 + random.Below(100));
      break;
    case 3:
      file.resize(somewhere());
      break;
    case 4:
      file.insert(somewhere() / 64 * 64, 64 * (1 + random.Below(4)), '\0');
      break;
    case 5:
      file.replace(somewhere(), 1, random.Noise(1));
      break;
    case 6:
      file.insert(somewhere() / 64 * 64, random.Noise(64));
      break;
  }
}

// A file with arbitrary content.
std::string AnyFile(Generator& random) {
  std::string file;
  for (uint32_t left = 1 + random.Below(40); left > 0; --left) {
    const size_t begin = file.size();
    file += random.Record();
    // Flags, the version, and the bytes after the command.
    if (random.Below(10) == 0) file[begin] = static_cast<char>(random.Below(256));
    if (random.Below(10) == 0) file[begin + 1] = static_cast<char>(random.Below(256));
    if (random.Below(10) == 0) file.replace(file.size() - 12, 12, random.Noise(12));
  }
  if (random.Below(3) != 0) return file;
  for (uint32_t left = 1 + random.Below(4); left > 0 && !file.empty(); --left) Damage(random, file);
  return file;
}

std::vector<std::string> SortedLines(const std::string& text) {
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

// Stores the file where Bazel keeps the outputs of a failed test.
void Keep(const std::string& file, const std::string& name) {
  const char* const directory = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR");
  if (directory == nullptr) return;
  std::ofstream(absl::StrCat(directory, "/", name), std::ios::binary) << file;
}

class SaDifferentialCliTest : public ::testing::TestWithParam<bool> {
 protected:
  Finished Ours(const char* mode) const {
    Program program = {.argv = {"tools/cpuagg", "sa", mode, path_}};
    if (GetParam()) program.argv.insert(program.argv.end(), {"--passwd", accounts_});
    return RunProgram(program);
  }

  Finished Gnus(std::vector<std::string> modes) const {
    Program program = {.argv = {"/usr/sbin/sa"}};
    program.argv.insert(program.argv.end(), modes.begin(), modes.end());
    program.argv.push_back(path_);
    if (GetParam()) {
      // The sanitizers must be loaded first, but also work if they are not.
      setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
      program.environment = {"LD_PRELOAD=tools/testing/libaccounts_of_file.so",
                             "ACCOUNTS_FILE=" + accounts_};
    }
    return RunProgram(program);
  }

  TempDir dir_;
  std::string accounts_ = dir_.Write("accounts", kAccounts);
  std::string path_ = dir_.Path("pacct");
};

TEST_P(SaDifferentialCliTest, PrintsWhatGnuSaPrintsWhateverTheFileHolds) {
  constexpr uint32_t kRounds = 1000 / kSlowness;
  uint32_t sums = 0;
  for (uint32_t round = 0; round < kRounds; ++round) {
    // Different files for both.
    const uint32_t number = GetParam() ? kRounds + round : round;
    SCOPED_TRACE(absl::StrCat("seed ", kSeed, ", round ", number));
    Generator random(number);
    const std::string file = AnyFile(random);
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
    if (HasFailure()) {
      Keep(file, absl::StrCat("round-", number, ".pacct"));
      return;
    }
  }
  EXPECT_GT(sums, kRounds * 9 / 10);
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

// The expected report of some processes.
struct Expected {
  // Seconds are divided into parts such that a tick of every rate in kRates is a whole number of
  // them.
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

TEST(ReportDifferentialCliTest, CountsWhatWasPutIntoTheFile) {
  constexpr uint32_t kRounds = 800 / kSlowness;
  const TempDir dir;
  for (uint32_t round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(absl::StrCat("seed ", kSeed, ", round ", round));
    Generator random(round);
    std::string file;
    std::map<uint32_t, Expected> users;
    Expected totals;
    uint64_t invalid_elapsed = 0;
    for (uint32_t runs = 1 + random.Below(8); runs > 0; --runs) {
      // Next to records of the same kind, even the oddest record counts.
      const auto version = static_cast<int>(random.Below(4));
      // No big-endian machine marked records of version 0 as big-endian, although GNU sa reads them
      // so.
      const RecordBuilder::Order order =
          version == 0 ? RecordBuilder::kLittleEndian : random.Order();
      const uint32_t last = 1 + random.Below(20);
      for (uint32_t i = 0; i <= last; ++i) {
        Planned plan;
        file += random.Record(version, order, /*may_be_odd=*/i > 0 && i < last, plan);
        users[plan.uid].Add(plan);
        totals.Add(plan);
        invalid_elapsed += plan.elapsed_is_valid ? 0 : 1;
      }
    }
    const std::string path = dir.Write("pacct", file);
    const Finished run = RunProgram({.argv = {"tools/cpuagg", "report", "--format=json", path}});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    std::map<std::string, std::string> rows;
    for (const std::string& line : SortedLines(run.out)) {
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
    if (HasFailure()) {
      Keep(file, absl::StrCat("report-round-", round, ".pacct"));
      return;
    }
  }
}

}  // namespace
}  // namespace cpuagg::tools
