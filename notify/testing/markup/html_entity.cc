#include "notify/testing/markup/html_entity.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "notify/testing/markup/utf8.h"

namespace cpuagg::notify::testing {
namespace {

// TDLib leaves references of this many bytes and more alone. No shorter number overflows.
constexpr size_t kTooLong = 10;

// The leading part of `text` that satisfies `predicate`.
template <typename Predicate>
absl::string_view TakeWhile(absl::string_view text, Predicate predicate) {
  const auto* end = std::find_if_not(
      text.begin(), text.end(), [&](char c) { return predicate(static_cast<unsigned char>(c)); });
  return text.substr(0, static_cast<size_t>(end - text.begin()));
}

// 0 for a name that Telegram does not know.
char32_t NamedCharacter(absl::string_view name) {
  if (name == "lt") return U'<';
  if (name == "gt") return U'>';
  if (name == "amp") return U'&';
  if (name == "quot") return U'"';
  return 0;
}

}  // namespace

size_t DecodeHtmlEntity(absl::string_view text, std::string& out) {
  absl::string_view rest = text.substr(1);
  uint32_t code_point = 0;
  if (absl::ConsumePrefix(&rest, "#")) {
    const bool hexadecimal = absl::ConsumePrefix(&rest, "x");
    const absl::string_view number =
        TakeWhile(rest, hexadecimal ? absl::ascii_isxdigit : absl::ascii_isdigit);
    rest.remove_prefix(number.size());
    if (text.size() - rest.size() >= kTooLong) return 0;
    const bool parsed = hexadecimal ? absl::SimpleHexAtoi(number, &code_point)
                                    : absl::SimpleAtoi(number, &code_point);
    if (!parsed) return 0;
  } else {
    const absl::string_view name = TakeWhile(rest, absl::ascii_isalpha);
    rest.remove_prefix(name.size());
    code_point = NamedCharacter(name);
  }
  if (code_point == 0 || code_point >= 0x10FFFF) return 0;
  AppendUtf8(code_point, out);
  absl::ConsumePrefix(&rest, ";");
  return text.size() - rest.size();
}

}  // namespace cpuagg::notify::testing
