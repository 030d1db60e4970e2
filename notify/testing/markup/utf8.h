// The few facts about UTF-8 that the Bot API's rules are stated in.
//
// Telegram refuses strings that are not UTF-8, and counts entity offsets in UTF-16 code units:
// a character outside the basic plane, such as an emoji, counts twice
// (core.telegram.org/api/entities).

#ifndef CPUAGG_NOTIFY_TESTING_MARKUP_UTF8_H_
#define CPUAGG_NOTIFY_TESTING_MARKUP_UTF8_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace cpuagg::notify::testing {

struct Utf8Character {
  char32_t code_point = 0;
  size_t bytes = 0;  // 1 to 4

  friend bool operator==(const Utf8Character&, const Utf8Character&) = default;
};

// The first character of `text`. Nothing when `text` is empty or does not begin with well-formed
// UTF-8 (RFC 3629): overlong forms, surrogates and values past U+10FFFF are refused.
std::optional<Utf8Character> FirstUtf8Character(absl::string_view text);

bool IsValidUtf8(absl::string_view text);

// The number of UTF-16 code units that `text` would take, up to what is not valid UTF-8.
size_t Utf16Length(absl::string_view text);

// Appends `code_point`, which is at most U+10FFFF, to `out`. A surrogate appends bytes that
// IsValidUtf8() refuses.
void AppendUtf8(char32_t code_point, std::string& out);

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_MARKUP_UTF8_H_
