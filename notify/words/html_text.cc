#include "notify/words/html_text.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace cpuagg::notify {
namespace {

constexpr absl::string_view kPre = "<pre>";
constexpr absl::string_view kPreEnd = "</pre>";

// Whether a <pre> is open at the end of `html`.
bool EndsInsidePre(absl::string_view html) {
  const size_t opened = html.rfind(kPre);
  if (opened == absl::string_view::npos) return false;
  return html.find(kPreEnd, opened) == absl::string_view::npos;
}

// Whether `html` has no visible text.
bool IsBlank(absl::string_view html) {
  return absl::StripAsciiWhitespace(VisibleText(html)).empty();
}

}  // namespace

std::string EscapeHtml(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}});
}

std::string VisibleText(absl::string_view html) {
  std::string text;
  bool is_tag = false;
  for (const char c : html) {
    if (c == '<') is_tag = true;
    if (!is_tag) text.push_back(c);
    if (c == '>') is_tag = false;
  }
  return absl::StrReplaceAll(text,
                             {{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&amp;", "&"}});
}

std::vector<std::string> SplitHtml(absl::string_view html) {
  // The line break nearest to the middle with visible text on both sides.
  const size_t middle = html.size() / 2;
  size_t best = absl::string_view::npos;
  const auto distance = [&](size_t at) { return at > middle ? at - middle : middle - at; };
  for (size_t at = html.find('\n'); at != absl::string_view::npos; at = html.find('\n', at + 1)) {
    if (best != absl::string_view::npos && distance(at) >= distance(best)) continue;
    if (IsBlank(html.substr(0, at)) || IsBlank(html.substr(at))) continue;
    best = at;
  }
  if (best == absl::string_view::npos) return {std::string(html)};
  const absl::string_view first = html.substr(0, best);
  const absl::string_view second = html.substr(best + 1);
  if (!EndsInsidePre(first)) return {std::string(first), std::string(second)};
  // A table whose last line has just been cut off would be closed at once in the second half.
  absl::string_view behind_table = second;
  if (absl::ConsumePrefix(&behind_table, kPreEnd)) {
    return {absl::StrCat(first, kPreEnd), std::string(behind_table)};
  }
  return {absl::StrCat(first, kPreEnd), absl::StrCat(kPre, second)};
}

}  // namespace cpuagg::notify
