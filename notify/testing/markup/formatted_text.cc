#include "notify/testing/markup/formatted_text.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "notify/testing/markup/utf8.h"

namespace cpuagg::notify::testing {
namespace {

// A text without the removed characters. `offset_of[i]` is where the code unit that was at `i`
// is now, or would have been; one entry more than there were code units.
struct Stripped {
  std::string text;
  std::vector<size_t> offset_of;
};

Stripped StripControls(absl::string_view text) {
  Stripped stripped;
  size_t offset = 0;
  while (!text.empty()) {
    const Utf8Character character = FirstUtf8Character(text).value_or(Utf8Character{U'\uFFFD', 1});
    const char32_t code_point = character.code_point;
    const size_t units = code_point > 0xFFFF ? 2 : 1;
    const bool removed = code_point == U'\r' || (code_point >= 0x2028 && code_point <= 0x202E);
    for (size_t unit = 0; unit < units; ++unit) {
      stripped.offset_of.push_back(offset + (removed ? 0 : unit));
    }
    if (!removed) {
      AppendUtf8(code_point < 0x20 && code_point != U'\n' ? U' ' : code_point, stripped.text);
      offset += units;
    }
    text.remove_prefix(character.bytes);
  }
  stripped.offset_of.push_back(offset);
  return stripped;
}

bool IsTrimmed(char c) { return c == ' ' || c == '\n'; }

bool IsBlankCharacter(char32_t c) {
  return c <= 0x20 || c == 0xA0 || c == 0x1680 || c == 0x180E || (c >= 0x2000 && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202F) || c == 0x205F || c == 0x2800 || c == 0x3000 || c == 0xFEFF;
}

}  // namespace

FormattedText CleanText(const FormattedText& input) {
  Stripped stripped = StripControls(input.text);
  std::string& text = stripped.text;

  while (!text.empty() && IsTrimmed(text.back())) text.pop_back();
  const size_t end = Utf16Length(text);

  FormattedText output;
  for (const TextEntity& entity : input.entities) {
    TextEntity moved = entity;
    moved.offset = std::min(stripped.offset_of[entity.offset], end);
    moved.length = std::min(stripped.offset_of[entity.offset + entity.length], end) - moved.offset;
    if (moved.length > 0) output.entities.push_back(std::move(moved));
  }

  // A leading space is one byte and one code unit, so that the two counts agree here.
  const size_t limit = output.entities.empty() ? end : output.entities.front().offset;
  size_t leading = 0;
  while (leading < limit && IsTrimmed(text[leading])) ++leading;
  for (TextEntity& entity : output.entities) entity.offset -= leading;
  output.text = text.substr(leading);
  return output;
}

bool IsBlank(const std::string& text) {
  absl::string_view rest = text;
  while (const std::optional<Utf8Character> character = FirstUtf8Character(rest)) {
    if (!IsBlankCharacter(character->code_point)) return false;
    rest.remove_prefix(character->bytes);
  }
  return true;
}

}  // namespace cpuagg::notify::testing
