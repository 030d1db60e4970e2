#include "notify/render/csv.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "notify/render/delimited_rows.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

// Decided by its first character.
bool LooksLikeFormula(absl::string_view text) {
  constexpr absl::string_view kBeginnings[] = {"=",  "+",  "-",  "@",  "\t", "\r",
                                               "\n", "＝", "＋", "－", "＠"};
  return std::any_of(
      std::begin(kBeginnings), std::end(kBeginnings),
      [&](absl::string_view beginning) { return absl::StartsWith(text, beginning); });
}

}  // namespace

std::string CsvField(absl::string_view text) {
  std::string guarded = absl::StrCat(LooksLikeFormula(text) ? "'" : "", text);
  if (guarded.find_first_of(",;\"\t\r\n") == std::string::npos) return guarded;
  return absl::StrCat("\"", absl::StrReplaceAll(guarded, {{"\"", "\"\""}}), "\"");
}

std::string RenderCsv(const aggregate::Report& report) {
  return RenderDelimited(report, ',',
                         [](absl::string_view bytes) { return CsvField(Printable(bytes)); });
}

}  // namespace cpuagg::notify
