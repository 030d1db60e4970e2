#include "notify/words/capacity_text.h"

#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "acct/record/units.h"
#include "aggregate/report/capacity.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

// "1,234:05".
std::string HoursAndMinutes(uint64_t seconds) {
  return absl::StrCat(WithThousands(seconds / 3600), absl::StrFormat(":%02d", seconds / 60 % 60));
}

std::string Nearest(acct::Ticks time) { return HoursAndMinutes(time.whole_seconds() + 30); }

// "98% of that accounted for".
std::string CoverageText(const aggregate::Coverage& coverage) {
  if (coverage.exceeds()) return "more than that accounted for";
  const bool is_nearly_all = coverage.share >= 0.995 && coverage.share < 1;
  return absl::StrCat(is_nearly_all ? ">99%" : Percent(coverage.share), " of that accounted for");
}

}  // namespace

std::string CapacityText(const aggregate::Report& report) {
  if (!report.capacity.has_value()) return "";
  const aggregate::Capacity& capacity = *report.capacity;
  const uint64_t total = capacity.total().count();
  // In whole minutes, less would be wrong by more than a tenth.
  constexpr uint64_t kLeast = uint64_t{600} * acct::kTicksPerSecond;
  if (total < kLeast) return "";
  const double share =
      total > 0 ? static_cast<double>(capacity.busy.count()) / static_cast<double>(total) : 0;
  std::string text = absl::StrCat(Nearest(capacity.busy), " of ", Nearest(capacity.total()),
                                  " CPU hours busy (", Percent(share), ")");
  if (!capacity.is_complete()) {
    absl::StrAppend(&text, ", known for ", HoursAndMinutes(capacity.known_seconds), " of ",
                    HoursAndMinutes(capacity.period_seconds + 59));
  }
  const std::optional<aggregate::Coverage> coverage = report.coverage();
  if (coverage.has_value()) absl::StrAppend(&text, ", ", CoverageText(*coverage));
  return text;
}

}  // namespace cpuagg::notify
