#include "notify/testing/markup/utf8.h"

#include <utf8proc.h>

#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace cpuagg::notify::testing {

std::optional<Utf8Character> FirstUtf8Character(absl::string_view text) {
  utf8proc_int32_t code_point = 0;
  const utf8proc_ssize_t bytes =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                       static_cast<utf8proc_ssize_t>(text.size()), &code_point);
  if (bytes <= 0) return std::nullopt;
  return Utf8Character{static_cast<char32_t>(code_point), static_cast<size_t>(bytes)};
}

bool IsValidUtf8(absl::string_view text) {
  while (!text.empty()) {
    const std::optional<Utf8Character> character = FirstUtf8Character(text);
    if (!character.has_value()) return false;
    text.remove_prefix(character->bytes);
  }
  return true;
}

size_t Utf16Length(absl::string_view text) {
  size_t units = 0;
  while (const std::optional<Utf8Character> character = FirstUtf8Character(text)) {
    units += character->code_point > 0xFFFF ? 2 : 1;
    text.remove_prefix(character->bytes);
  }
  return units;
}

void AppendUtf8(char32_t code_point, std::string& out) {
  std::array<utf8proc_uint8_t, 4> bytes;
  const utf8proc_ssize_t size =
      utf8proc_encode_char(static_cast<utf8proc_int32_t>(code_point), bytes.data());
  out.append(bytes.data(), bytes.data() + size);
}

}  // namespace cpuagg::notify::testing
