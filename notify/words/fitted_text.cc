#include "notify/words/fitted_text.h"

#include <utf8proc.h>

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

// The next character of `text`, and its length. A byte that does not begin one counts as U+FFFD.
utf8proc_int32_t NextCharacter(absl::string_view text, size_t& bytes) {
  utf8proc_int32_t character;
  const utf8proc_ssize_t length =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                       static_cast<utf8proc_ssize_t>(text.size()), &character);
  bytes = length > 0 ? static_cast<size_t>(length) : 1;
  return length > 0 ? character : 0xfffd;
}

// The length of "\\xe3" or "\\u738b", with which `text` begins; 0 if it does not. A digit after
// such a number may belong to it, and is taken as well.
size_t EscapeLength(absl::string_view text) {
  if (text.size() < 2 || text[0] != '\\' || (text[1] != 'x' && text[1] != 'u')) return 0;
  const size_t most = text[1] == 'x' ? 4 : 8;
  size_t length = 2;
  while (length < std::min(most, text.size()) &&
         absl::ascii_isxdigit(static_cast<unsigned char>(text[length])) != 0) {
    ++length;
  }
  return length;
}

// What a reader takes for one character: a letter with its marks, a syllable, a flag, or an escaped
// character.
std::vector<absl::string_view> Graphemes(absl::string_view text) {
  std::vector<absl::string_view> graphemes;
  utf8proc_int32_t before = 0;
  utf8proc_int32_t state = 0;
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    size_t bytes;
    const utf8proc_int32_t character = NextCharacter(text.substr(at), bytes);
    bytes = std::max(bytes, EscapeLength(text.substr(at)));
    if (at > 0 && utf8proc_grapheme_break_stateful(before, character, &state)) {
      graphemes.push_back(text.substr(begin, at - begin));
      begin = at;
    }
    before = character;
    at += bytes;
  }
  if (begin < text.size()) graphemes.push_back(text.substr(begin));
  return graphemes;
}

}  // namespace

std::string CutInMiddle(absl::string_view text, size_t width, absl::string_view ellipsis) {
  if (DisplayWidth(text) <= width) return std::string(text);
  const size_t dots = DisplayWidth(ellipsis);
  if (width < dots) return std::string(width, '.');
  const std::vector<absl::string_view> graphemes = Graphemes(text);
  size_t room = (width - dots + 1) / 2;
  size_t head = 0;
  size_t tail = 0;
  const auto takes = [&](absl::string_view grapheme, size_t& bytes) {
    const size_t columns = DisplayWidth(grapheme);
    if (columns > room) return false;
    room -= columns;
    bytes += grapheme.size();
    return true;
  };
  for (size_t i = 0; i < graphemes.size() && takes(graphemes[i], head); ++i) {
  }
  // What the beginning leaves of its half, as a wide character does, the end takes.
  room += (width - dots) / 2;
  for (size_t i = graphemes.size(); i > 0 && takes(graphemes[i - 1], tail); --i) {
  }
  return absl::StrCat(text.substr(0, head), ellipsis, text.substr(text.size() - tail));
}

std::string AsciiName(absl::string_view name) {
  std::string ascii;
  for (size_t at = 0; at < name.size();) {
    size_t bytes;
    const utf8proc_int32_t character = NextCharacter(name.substr(at), bytes);
    if (character < 0x80) {
      ascii.push_back(static_cast<char>(character));
    } else {
      absl::StrAppendFormat(&ascii, "\\u%04x", character);
    }
    at += bytes;
  }
  return ascii;
}

std::string AsciiWords(absl::string_view words) {
  return AsciiName(absl::StrReplaceAll(words, {{"–", "-"}, {"…", "..."}}));
}

std::string Wrapped(absl::string_view line, size_t width) {
  std::string wrapped;
  size_t column = 0;
  for (const absl::string_view word : absl::StrSplit(line, ' ')) {
    const size_t columns = DisplayWidth(word);
    if (column > 0) {
      const bool fits = column + 1 + columns <= width;
      wrapped.push_back(fits ? ' ' : '\n');
      column = fits ? column + 1 : 0;
    }
    absl::StrAppend(&wrapped, word);
    column += columns;
  }
  return wrapped;
}

}  // namespace cpuagg::notify
