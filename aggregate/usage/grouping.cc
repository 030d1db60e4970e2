#include "aggregate/usage/grouping.h"

#include <algorithm>
#include <cstring>

namespace cpuagg::aggregate {

bool Has(const Grouping& grouping, Dimension dimension) {
  return std::find(grouping.begin(), grouping.end(), dimension) != grouping.end();
}

std::optional<CalendarUnit> UnitOf(Dimension dimension) {
  switch (dimension) {
    case Dimension::kHour:
      return CalendarUnit::kHour;
    case Dimension::kDay:
      return CalendarUnit::kDay;
    case Dimension::kWeek:
      return CalendarUnit::kWeek;
    case Dimension::kMonth:
      return CalendarUnit::kMonth;
    case Dimension::kUser:
    case Dimension::kGroup:
    case Dimension::kDepartment:
    case Dimension::kCommand:
    case Dimension::kTty:
    case Dimension::kSignal:
    case Dimension::kHost:
      break;
  }
  return std::nullopt;
}

CalendarUnit BucketUnit(const Grouping& grouping) {
  std::optional<CalendarUnit> shortest;
  for (const Dimension dimension : grouping) {
    const std::optional<CalendarUnit> unit = UnitOf(dimension);
    if (unit.has_value()) shortest = std::min(*unit, shortest.value_or(*unit));
  }
  return shortest.value_or(CalendarUnit::kDay);
}

bool HasTime(const Grouping& grouping) {
  return std::any_of(grouping.begin(), grouping.end(),
                     [](Dimension dimension) { return UnitOf(dimension).has_value(); });
}

bool IsAmbiguous(const Grouping& grouping) {
  return BucketUnit(grouping) == CalendarUnit::kWeek && Has(grouping, Dimension::kMonth);
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

}  // namespace cpuagg::aggregate
