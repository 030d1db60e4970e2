// Dimension: what usage is told apart by, and GroupKey: one place along those dimensions.

#ifndef CPUAGG_AGGREGATE_GROUPING_H_
#define CPUAGG_AGGREGATE_GROUPING_H_

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "acct/units.h"

namespace cpuagg::aggregate {

enum class Dimension {
  kUser,
  kGroup,
  kCommand,
  kTty,
  kHour,  // in which a process ended
  kDay,
};

// Several dimensions, in the order in which they are shown; each at most once.
using Grouping = std::vector<Dimension>;

bool Has(const Grouping& grouping, Dimension dimension);

enum class CalendarUnit { kHour, kDay, kMonth };

// The buckets of time that tell `grouping` apart: hours where it has them, since a day is known by
// its hours, else days.
inline CalendarUnit BucketUnit(const Grouping& grouping) {
  return Has(grouping, Dimension::kHour) ? CalendarUnit::kHour : CalendarUnit::kDay;
}
inline bool HasTime(const Grouping& grouping) {
  return Has(grouping, Dimension::kHour) || Has(grouping, Dimension::kDay);
}

// ac_comm up to its first zero, padded with zeros: the name of a command as a number. What does not
// fit is left out.
using CommandBits = std::array<uint64_t, 2>;
CommandBits CommandBitsOf(absl::Span<const uint8_t> raw_command);
CommandBits CommandBitsOf(absl::string_view command);
// The bytes of the command, which may be any but zero.
std::string CommandText(const CommandBits& command);

// Stands for all the commands that are not known one by one. No process is called so: the kernel
// ends a name with a zero.
inline constexpr CommandBits kOtherCommands = {~uint64_t{0}, ~uint64_t{0}};

// Fields of dimensions that do not count are zero.
struct GroupKey {
  acct::Uid uid;
  acct::Gid gid;
  uint32_t tty = 0;
  uint32_t account = 0;  // tells the names apart that a uid had one after the other
  int64_t begin = 0;     // of the hour or the day, in seconds since 1970
  CommandBits command = {};

  friend auto operator<=>(const GroupKey&, const GroupKey&) = default;
};

// Finds the hour, day or month of a zone's clock that a moment lies in. Remembers where it looked
// last, since records come nearly in order.
class CalendarBuckets {
 public:
  CalendarBuckets(CalendarUnit unit, absl::TimeZone zone) : unit_(unit), zone_(zone) {}

  // When the hour, day or month of `time` began; both in seconds since 1970.
  ABSL_ATTRIBUTE_ALWAYS_INLINE int64_t BeginOf(int64_t time) {
    // The clock of no zone is changed, and no hour begins, but at a quarter of an hour.
    constexpr int64_t kQuarter = 900;
    if (time < quarter_begin_ || time >= quarter_begin_ + kQuarter) {
      quarter_begin_ = time - (time % kQuarter + kQuarter) % kQuarter;
      bucket_begin_ = Find(quarter_begin_);
    }
    return bucket_begin_;
  }

 private:
  int64_t Find(int64_t time) const;

  CalendarUnit unit_;
  absl::TimeZone zone_;
  int64_t quarter_begin_ = INT64_MIN / 2;
  int64_t bucket_begin_ = 0;
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_GROUPING_H_
