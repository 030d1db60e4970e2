// Handles the HTML of messages: Telegram's parse_mode HTML, as far as cpuagg uses it.
//
// Messages are lines of text with <b> and <pre>. Only <pre> spans lines.
// https://core.telegram.org/bots/api#html-style

#ifndef CPUAGG_NOTIFY_WORDS_HTML_TEXT_H_
#define CPUAGG_NOTIFY_WORDS_HTML_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace cpuagg::notify {

// Escapes the three characters of `text` that have a meaning in Telegram's HTML.
std::string EscapeHtml(absl::string_view text);

// The visible text of `html`: without tags, and with the four entities decoded that Telegram knows
// by name.
std::string VisibleText(absl::string_view html);

// Splits `html` between two lines into halves of about the same length. An open <pre> is closed and
// opened again. Returns only `html` if it has a single line.
std::vector<std::string> SplitHtml(absl::string_view html);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_HTML_TEXT_H_
