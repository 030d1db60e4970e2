#include "tools/config/output_format.h"

#include <array>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "tools/config/nearest_name.h"

namespace cpuagg::tools {
namespace {

// In the order of Format. The last one is of reports only.
constexpr std::array<absl::string_view, 7> kFormats = {"table", "csv",      "tsv", "json",
                                                       "jsonl", "markdown", "html"};
constexpr absl::Span<const absl::string_view> kRecordFormats =
    absl::MakeConstSpan(kFormats).first(kFormats.size() - 1);

// "table, csv and tsv".
std::string ListOf(absl::Span<const absl::string_view> names) {
  return absl::StrCat(absl::StrJoin(names.first(names.size() - 1), ", "), " and ", names.back());
}

absl::StatusOr<Format> FormatAmong(absl::Span<const absl::string_view> names,
                                   absl::string_view name) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<Format>(i);
  }
  return absl::InvalidArgumentError(absl::StrCat("--format: '", name, "' is not one of ",
                                                 ListOf(names), DidYouMean(name, names)));
}

}  // namespace

absl::StatusOr<Format> ParseFormat(absl::string_view name) { return FormatAmong(kFormats, name); }

absl::StatusOr<Format> ParseRecordFormat(absl::string_view name) {
  if (name == kFormats.back()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--format: ", name, " is of reports only; records are printed as one of ",
                     ListOf(kRecordFormats)));
  }
  return FormatAmong(kRecordFormats, name);
}

}  // namespace cpuagg::tools
