// Dimension: a criterion by which usage is grouped. GroupKey: the values of one group.

#ifndef CPUAGG_AGGREGATE_USAGE_GROUPING_H_
#define CPUAGG_AGGREGATE_USAGE_GROUPING_H_

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "acct/record/units.h"
#include "aggregate/usage/calendar.h"

namespace cpuagg::aggregate {

enum class Dimension {
  kUser,
  kGroup,
  kDepartment,  // of the user, by a list; see aggregate/names/departments.h
  kCommand,
  kTty,
  kSignal,  // that ended the process
  kHour,    // in which the process ended
  kDay,
  kWeek,
  kMonth,
  kHost,  // whose records they are; a source has one, so that tables of usage need no key for it
};

// Several dimensions, in the order in which they are shown; each at most once.
using Grouping = std::vector<Dimension>;

bool Has(const Grouping& grouping, Dimension dimension);

// The unit of a dimension of time; nullopt for the others.
std::optional<CalendarUnit> UnitOf(Dimension dimension);

// The buckets of time that `grouping` needs: its shortest unit, which determines the longer ones;
// days without any. A week does not determine its month, so the two need a day with them.
CalendarUnit BucketUnit(const Grouping& grouping);
bool HasTime(const Grouping& grouping);

// Whether the buckets do not determine all dimensions: weeks and months without days or hours.
bool IsAmbiguous(const Grouping& grouping);

// ac_comm up to its first zero, padded with zeros: the name of a command as a number. Cuts names
// that are too long.
using CommandBits = std::array<uint64_t, 2>;
ABSL_ATTRIBUTE_ALWAYS_INLINE inline CommandBits CommandBitsOf(
    absl::Span<const uint8_t> raw_command) {
  CommandBits bits = {};
  std::copy_n(raw_command.data(), std::min(raw_command.size(), sizeof bits),
              reinterpret_cast<uint8_t*>(bits.data()));
  // A mask of the bytes before the first zero byte, of eight.
  const auto name_mask = [](uint64_t word) -> uint64_t {
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    constexpr uint64_t kOnes = 0x0101'0101'0101'0101;
    // The highest bit of the first zero byte is set, and no bit below it.
    const uint64_t zeros = (word - kOnes) & ~word & (kOnes << 7);
    const uint64_t mask = zeros == 0 ? ~uint64_t{0} : ((zeros & -zeros) >> 7) - 1;
    return std::endian::native == std::endian::big ? __builtin_bswap64(mask) : mask;
  };
  const uint64_t first = name_mask(bits[0]);
  bits[1] &= ~first == 0 ? name_mask(bits[1]) : 0;
  bits[0] &= first;
  return bits;
}
CommandBits CommandBitsOf(absl::string_view command);
// The length of the command in bytes.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline size_t CommandLength(const CommandBits& command) {
  const auto length = [](uint64_t word) {
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    return static_cast<size_t>(std::bit_width(word) + 7) / 8;
  };
  return length(command[0]) + length(command[1]);
}
// The bytes of the command: any but zero.
std::string CommandText(const CommandBits& command);

// Represents all commands that are not known separately. No process has this name, because the
// kernel terminates a name with a zero.
inline constexpr CommandBits kOtherCommands = {~uint64_t{0}, ~uint64_t{0}};

// Fields of unused dimensions are zero.
struct GroupKey {
  acct::Uid uid;
  acct::Gid gid;
  uint16_t tty = 0;
  uint16_t signal = 0;
  uint32_t account = 0;  // distinguishes the successive names of a uid
  int64_t begin = 0;     // of the hour, day, week or month, in seconds since 1970
  CommandBits command = {};

  uint32_t device_and_signal() const { return tty | uint32_t{signal} << 16; }

  friend auto operator<=>(const GroupKey&, const GroupKey&) = default;
  // Without branches, because the hot loop compares the key of every record.
  friend bool operator==(const GroupKey& a, const GroupKey& b) {
    return ((a.uid.value() ^ b.uid.value()) | (a.gid.value() ^ b.gid.value()) |
            (a.device_and_signal() ^ b.device_and_signal()) | (a.account ^ b.account) |
            static_cast<uint64_t>(a.begin ^ b.begin) | (a.command[0] ^ b.command[0]) |
            (a.command[1] ^ b.command[1])) == 0;
  }
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_USAGE_GROUPING_H_
