// FormattedText: text as a Telegram chat shows it: characters, and entities that style ranges of
// them.
//
//   FormattedText text = CleanText(ParseTelegramHtml("<b>web01</b> \r\n").value());
//   // text.text == "web01", one entity: bold, offset 0, length 5

#ifndef CPUAGG_NOTIFY_TESTING_MARKUP_FORMATTED_TEXT_H_
#define CPUAGG_NOTIFY_TESTING_MARKUP_FORMATTED_TEXT_H_

#include <cstddef>
#include <string>
#include <vector>

namespace cpuagg::notify::testing {

// A MessageEntity of the Bot API.
struct TextEntity {
  std::string type;   // "bold", "pre", "text_link", ...
  size_t offset = 0;  // in UTF-16 code units
  size_t length = 0;  // in UTF-16 code units, never 0
  // text_link: the URL; pre: the language, if any; custom_emoji: its identifier;
  // text_mention: the user's id; otherwise empty.
  std::string argument;

  friend bool operator==(const TextEntity&, const TextEntity&) = default;
};

struct FormattedText {
  std::string text;  // valid UTF-8
  // By offset; if several begin together, the longest first.
  std::vector<TextEntity> entities;
};

// What the server changes in a text before it sends it on. Entities are moved along. Control
// characters and tabs become spaces; carriage returns and U+2028 to U+202E are removed, and so are
// spaces and line feeds at the end, and at the beginning up to the first entity. (TDLib's
// clean_input_string and fix_formatted_text.)
FormattedText CleanText(const FormattedText& input);

// Whether `text` has nothing visible: it consists of spaces of any kind.
bool IsBlank(const std::string& text);

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_MARKUP_FORMATTED_TEXT_H_
