#include "acct/rotation/generation_name.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace cpuagg::acct {
namespace {

constexpr absl::string_view kExtensions[] = {".gz", ".xz", ".zst", ".bz2"};

void RemoveCompression(absl::string_view& name) {
  for (const absl::string_view extension : kExtensions) {
    if (absl::ConsumeSuffix(&name, extension)) return;
  }
}

std::optional<int64_t> Number(absl::string_view digits) {
  int64_t number = 0;
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(digits, &number)) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

std::optional<std::vector<int64_t>> AgeByName(absl::string_view suffix) {
  constexpr int64_t kCurrent = 0;
  constexpr int64_t kNumbered = 1;
  constexpr int64_t kDated = 2;
  constexpr size_t kDateDigits = 8;
  RemoveCompression(suffix);
  if (suffix.empty()) return std::vector<int64_t>{kCurrent};
  if (suffix[0] != '.' && suffix[0] != '-') return std::nullopt;
  const bool is_dotted = suffix[0] == '.';
  suffix.remove_prefix(1);
  // A number, or a date plus anything that distinguishes times of a day.
  std::vector<int64_t> age = {0};
  for (const absl::string_view part : absl::StrSplit(suffix, absl::ByAnyChar("-._"))) {
    const std::optional<int64_t> number = Number(part);
    if (!number.has_value()) return std::nullopt;
    const bool is_date = age.size() > 1 || part.size() >= kDateDigits;
    if (age.size() == 1) age[0] = is_date ? kDated : kNumbered;
    if (!is_date && !is_dotted) return std::nullopt;
    // A larger date is newer.
    age.push_back(age[0] == kDated ? -*number : *number);
  }
  return age;
}

bool HasUnknownEnding(absl::string_view suffix) {
  const absl::string_view stem = suffix.substr(0, suffix.rfind('.'));
  if (AgeByName(suffix).has_value()) return false;
  // A number or a date must be present: "pacct.note" is a note.
  return !stem.empty() && AgeByName(stem).has_value();
}

std::optional<std::vector<int64_t>> AgeByNumber(absl::string_view name) {
  RemoveCompression(name);
  const std::optional<int64_t> number = Number(name.substr(0, name.find('.')));
  if (!number.has_value()) return std::nullopt;
  return std::vector<int64_t>{-*number};
}

std::optional<std::string> WithoutCompression(absl::string_view path) {
  absl::string_view stem = path;
  RemoveCompression(stem);
  if (stem.size() == path.size()) return std::nullopt;
  return std::string(stem);
}

}  // namespace cpuagg::acct
