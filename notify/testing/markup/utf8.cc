#include "notify/testing/markup/utf8.h"

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace cpuagg::notify::testing {
namespace {

struct LeadByte {
  size_t bytes;
  char32_t bits;
  char32_t smallest;  // what needs this many bytes; anything below is overlong
};

std::optional<LeadByte> ReadLeadByte(unsigned char byte) {
  if (byte < 0x80) return LeadByte{1, byte, 0};
  if (byte >= 0xC0 && byte < 0xE0) return LeadByte{2, byte & 0x1Fu, 0x80};
  if (byte >= 0xE0 && byte < 0xF0) return LeadByte{3, byte & 0x0Fu, 0x800};
  if (byte >= 0xF0 && byte < 0xF8) return LeadByte{4, byte & 0x07u, 0x10000};
  return std::nullopt;
}

}  // namespace

std::optional<Utf8Character> FirstUtf8Character(absl::string_view text) {
  if (text.empty()) return std::nullopt;
  const std::optional<LeadByte> lead = ReadLeadByte(static_cast<unsigned char>(text[0]));
  if (!lead.has_value() || text.size() < lead->bytes) return std::nullopt;
  char32_t code_point = lead->bits;
  for (size_t i = 1; i < lead->bytes; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0u) != 0x80u) return std::nullopt;
    code_point = (code_point << 6) | (byte & 0x3Fu);
  }
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < lead->smallest || surrogate || code_point > 0x10FFFF) return std::nullopt;
  return Utf8Character{code_point, lead->bytes};
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
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool continuation = (byte & 0xC0u) == 0x80u;
    if (!continuation) units += byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

void AppendUtf8(char32_t code_point, std::string& out) {
  const auto tail = [&out](char32_t bits) { out += static_cast<char>(0x80u | (bits & 0x3Fu)); };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xC0u | (code_point >> 6));
    tail(code_point);
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xE0u | (code_point >> 12));
    tail(code_point >> 6);
    tail(code_point);
  } else {
    out += static_cast<char>(0xF0u | ((code_point >> 18) & 0x0Fu));
    tail(code_point >> 12);
    tail(code_point >> 6);
    tail(code_point);
  }
}

}  // namespace cpuagg::notify::testing
