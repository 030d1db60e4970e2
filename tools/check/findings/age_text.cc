#include "tools/check/findings/age_text.h"

#include <cstdint>

#include "absl/strings/str_cat.h"

namespace cpuagg::tools::check {

std::string AgeText(absl::Duration age) {
  if (age < absl::ZeroDuration()) return absl::StrCat("-", AgeText(-age));
  if (age >= absl::Hours(48)) return absl::StrCat(age / absl::Hours(24), " days");
  if (age >= absl::Hours(2)) return absl::StrCat(absl::ToInt64Hours(age), " h");
  if (age >= absl::Minutes(2)) return absl::StrCat(absl::ToInt64Minutes(age), " min");
  return absl::StrCat(absl::ToInt64Seconds(age), " s");
}

}  // namespace cpuagg::tools::check
