#include "notify/lines/line_writer.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/types/span.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

// The text that `write(line)` writes.
template <typename Write>
std::string Written(Write write) {
  std::array<char, 64 + LineWriter::kOverhang> room;
  room.fill('#');
  LineWriter line(absl::MakeSpan(room));
  write(line);
  std::string text = "[";
  line.AppendTo(text);
  return text + "]";
}

// Numbers around each power of ten and of two, and some of every length.
std::vector<uint64_t> Numbers() {
  std::vector<uint64_t> numbers;
  const auto add_around = [&](uint64_t number) {
    numbers.insert(numbers.end(), {number - 1, number, number + 1});
  };
  for (uint64_t power = 1; power <= 1'000'000'000'000'000'000; power *= 10) add_around(power);
  for (int bits = 1; bits < 64; ++bits) add_around(uint64_t{1} << bits);
  numbers.push_back(std::numeric_limits<uint64_t>::max());
  std::mt19937_64 random(7);
  for (int i = 0; i < 100'000; ++i) numbers.push_back(random() >> random() % 64);
  return numbers;
}

TEST(LineWriterTest, NumbersAreThoseOfPrintf) {
  for (const uint64_t number : Numbers()) {
    ASSERT_EQ(Written([&](LineWriter& line) { line.Number(number); }),
              absl::StrFormat("[%d]", number));
    ASSERT_EQ(Written([&](LineWriter& line) { line.Digit(number); }),
              absl::StrFormat("[%d]", number));
    ASSERT_EQ(Written([&](LineWriter& line) { line.Number<3>(number); }),
              absl::StrFormat("[%3d]", number));
    ASSERT_EQ(Written([&](LineWriter& line) { line.Number<8>(number); }),
              absl::StrFormat("[%8d]", number));
    ASSERT_EQ(Written([&](LineWriter& line) { line.Number<12>(number); }),
              absl::StrFormat("[%12d]", number));
  }
}

TEST(LineWriterTest, EveryNumberOfFewDigitsIsRight) {
  for (uint64_t number = 0; number < 1'000'000; ++number) {
    ASSERT_EQ(Written([&](LineWriter& line) { line.Number(number); }),
              "[" + std::to_string(number) + "]");
  }
}

TEST(LineWriterTest, HundredthsHaveTwoDecimals) {
  for (const uint64_t number : Numbers()) {
    const std::string seconds = absl::StrFormat("%d.%02d", number / 100, number % 100);
    ASSERT_EQ(Written([&](LineWriter& line) { line.Hundredths(number); }), "[" + seconds + "]");
    ASSERT_EQ(Written([&](LineWriter& line) { line.Hundredths<6>(number); }),
              absl::StrFormat("[%6s]", seconds));
    ASSERT_EQ(Written([&](LineWriter& line) { line.Hundredths<12>(number); }),
              absl::StrFormat("[%12s]", seconds));
  }
}

TEST(LineWriterTest, EverySecondOfADayIsOnTheClock) {
  for (unsigned seconds = 0; seconds < 25 * 3600; ++seconds) {
    ASSERT_EQ(Written([&](LineWriter& line) { line.Clock(seconds); }),
              absl::StrFormat("[%02d:%02d:%02d]", seconds / 3600, seconds / 60 % 60, seconds % 60));
  }
}

TEST(LineWriterTest, CommandsOfEveryLengthArePadded) {
  for (size_t length = 0; length <= sizeof(aggregate::CommandBits); ++length) {
    const std::string name = std::string("\xff\x80\x01zoe ,\"\\\x7f~abcd").substr(0, length);
    const aggregate::CommandBits command = aggregate::CommandBitsOf(name);
    EXPECT_EQ(Written([&](LineWriter& line) { line.Command(command); }), "[" + name + "]");
    EXPECT_EQ(Written([&](LineWriter& line) { line.PaddedCommand(command); }),
              "[" + name + std::string(sizeof command - length, ' ') + "]");
  }
}

TEST(LineWriterTest, PiecesFollowOneAnother) {
  constexpr std::array<char, 16> kCell = {'c', 'e', 'l', 'l', 'x'};
  EXPECT_EQ(Written([&](LineWriter& line) {
              line.Literal("uid ");
              line.Number<6>(1001);
              line.Char(' ');
              line.Text("alice");
              line.Spaces(2);
              line.Text(kCell, 4);
              line.RightAligned("-", 3);
              line.RightAligned("long", 3);
            }),
            "[uid   1001 alice  cell  -long]");
}

}  // namespace
}  // namespace cpuagg::notify
