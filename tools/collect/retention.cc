#include "tools/collect/retention.h"

#include <optional>
#include <string>

#include "tools/config/time_argument.h"

namespace cpuagg::tools {
namespace {

// The number of days in `flag` or `key`, if either is set.
absl::StatusOr<std::optional<int>> DaysOf(const CommandContext& context, const char* flag,
                                          const std::optional<std::string>& value,
                                          const char* key) {
  const std::optional<std::string> text = value.has_value() ? value : context.config.Get(key);
  if (!text.has_value()) return std::nullopt;
  const absl::StatusOr<int> days = ParseDays(value.has_value() ? flag : key, *text);
  if (!days.ok()) return days.status();
  return std::optional<int>(*days);
}

}  // namespace

absl::StatusOr<aggregate::Retention> FindRetention(const CommandContext& context) {
  aggregate::Retention retention;
  const absl::StatusOr<std::optional<int>> keep =
      DaysOf(context, "--keep", context.flags.keep, "KEEP");
  if (!keep.ok()) return keep.status();
  retention.days = *keep;
  const absl::StatusOr<std::optional<int>> hours =
      DaysOf(context, "--keep-hours", context.flags.keep_hours, "KEEP_HOURS");
  if (!hours.ok()) return hours.status();
  retention.days_of_hours = hours->value_or(retention.days_of_hours);
  return retention;
}

}  // namespace cpuagg::tools
