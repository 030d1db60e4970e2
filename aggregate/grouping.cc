#include "aggregate/grouping.h"

#include <algorithm>
#include <cstring>

#include "absl/time/civil_time.h"

namespace cpuagg::aggregate {

bool Has(const Grouping& grouping, Dimension dimension) {
  return std::find(grouping.begin(), grouping.end(), dimension) != grouping.end();
}

CommandBits CommandBitsOf(absl::string_view command) {
  return CommandBitsOf(
      absl::Span<const uint8_t>(reinterpret_cast<const uint8_t*>(command.data()), command.size()));
}

std::string CommandText(const CommandBits& command) {
  std::array<char, sizeof(CommandBits)> bytes;
  std::memcpy(bytes.data(), command.data(), bytes.size());
  return std::string(bytes.begin(), std::find(bytes.begin(), bytes.end(), '\0'));
}

int64_t CalendarBuckets::Find(int64_t time) const {
  const absl::Time moment = absl::FromUnixSeconds(time);
  if (unit_ == CalendarUnit::kDay) {
    return absl::ToUnixSeconds(absl::FromCivil(absl::ToCivilDay(moment, zone_), zone_));
  }
  if (unit_ == CalendarUnit::kMonth) {
    return absl::ToUnixSeconds(absl::FromCivil(absl::ToCivilMonth(moment, zone_), zone_));
  }
  // By the offset and not by the calendar, which names two hours alike when clocks are put back.
  constexpr int64_t kHour = 3600;
  const int64_t local = time + zone_.At(moment).offset;
  return time - (local % kHour + kHour) % kHour;
}

}  // namespace cpuagg::aggregate
