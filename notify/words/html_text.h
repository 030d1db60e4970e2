// The HTML of messages: what Telegram reads in parse_mode HTML, as far as cpuagg writes it.
//
// Messages consist of lines of text with <b> and <pre> in them, of which <pre> alone goes on over
// lines. https://core.telegram.org/bots/api#html-style

#ifndef CPUAGG_NOTIFY_WORDS_HTML_TEXT_H_
#define CPUAGG_NOTIFY_WORDS_HTML_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace cpuagg::notify {

// `text` with the three characters replaced that mean something in Telegram's HTML.
std::string EscapeHtml(absl::string_view text);

// What a reader sees of `html`: without tags, the four entities that Telegram knows by name
// decoded.
std::string VisibleText(absl::string_view html);

// `html` in two halves of about the same length, cut between two lines, a <pre> that is open there
// closed and opened again. `html` alone if it has only one line.
std::vector<std::string> SplitHtml(absl::string_view html);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_HTML_TEXT_H_
