#include "tools/report/sorted_records.h"

#include <array>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/config/nearest_name.h"

namespace cpuagg::tools {

absl::StatusOr<RecordKey> ParseRecordKey(absl::string_view name) {
  // In the order of RecordKey.
  constexpr std::array<absl::string_view, 6> kNames = {"cpu",     "user-time", "system-time",
                                                       "elapsed", "memory",    "time"};
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<RecordKey>(i);
  }
  return absl::InvalidArgumentError(absl::StrCat("--sort: '", name, "' is not one of ",
                                                 absl::StrJoin(kNames, ", "),
                                                 DidYouMean(name, kNames)));
}

void SortedRecords::AppendTo(std::string& text) {
  std::sort(rows_.begin(), rows_.end());
  for (const Row& row : rows_) text += row.line;
}

}  // namespace cpuagg::tools
