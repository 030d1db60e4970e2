#include "tools/config/output_format.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "tools/config/nearest_name.h"

namespace cpuagg::tools {
namespace {

struct Named {
  absl::string_view name;
  Format format;
};
constexpr Named kOfReports = {"html", Format::kHtml};
constexpr Named kOfRecords = {"proto", Format::kProto};

// The formats of one command, of which the last is of no other.
using Formats = std::array<Named, 7>;
constexpr Formats FormatsWith(Named last) {
  return {Named{"table", Format::kTable},
          {"csv", Format::kCsv},
          {"tsv", Format::kTsv},
          {"json", Format::kJson},
          {"jsonl", Format::kJsonLines},
          {"markdown", Format::kMarkdown},
          last};
}

// What others call some of them.
constexpr std::pair<absl::string_view, absl::string_view> kOtherNames[] = {
    {"md", "markdown"}, {"ndjson", "jsonl"}, {"text", "table"}};

// "table, csv and tsv".
std::string ListOf(absl::Span<const absl::string_view> names) {
  return absl::StrCat(absl::StrJoin(names.first(names.size() - 1), ", "), " and ", names.back());
}

std::vector<absl::string_view> NamesOf(const Formats& formats) {
  std::vector<absl::string_view> names;
  for (const Named& format : formats) names.push_back(format.name);
  return names;
}

absl::StatusOr<Format> FormatAmong(const Formats& formats, absl::string_view name) {
  for (const Named& format : formats) {
    if (format.name == name) return format.format;
  }
  const std::vector<absl::string_view> names = NamesOf(formats);
  std::string hint = DidYouMean(name, names);
  for (const auto& [other, known] : kOtherNames) {
    if (name == other) hint = absl::StrCat("; did you mean ", known, "?");
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--format: '", name, "' is not one of ", ListOf(names), hint));
}

// The error for a format of the other command, whose `subject` is printed as one of `formats`.
absl::Status IsOfOther(absl::string_view name, absl::string_view other, absl::string_view subject,
                       const Formats& formats) {
  return absl::InvalidArgumentError(absl::StrCat("--format: ", name, " is of ", other, " only; ",
                                                 subject, " are printed as one of ",
                                                 ListOf(NamesOf(formats))));
}

}  // namespace

absl::StatusOr<Format> ParseFormat(absl::string_view name) {
  constexpr Formats kFormats = FormatsWith(kOfReports);
  if (name == kOfRecords.name) return IsOfOther(name, "records", "reports", kFormats);
  return FormatAmong(kFormats, name);
}

absl::StatusOr<Format> ParseRecordFormat(absl::string_view name) {
  constexpr Formats kFormats = FormatsWith(kOfRecords);
  if (name == kOfReports.name) return IsOfOther(name, "reports", "records", kFormats);
  return FormatAmong(kFormats, name);
}

}  // namespace cpuagg::tools
