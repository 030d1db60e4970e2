// Telegram's HTML style, parsed as the server parses it.
//
//   absl::StatusOr<FormattedText> text = ParseTelegramHtml("a &lt; <b>b</b>");
//   // "a < b", bold at 4, length 1
//
// Written after the rules of core.telegram.org/bots/api#html-style and the behaviour of TDLib's
// parse_html, whose error texts the Bot API passes on:
//  - tags: b strong i em u ins s strike del a code pre blockquote tg-spoiler tg-emoji, and span
//    with class "tg-spoiler"; names are case-insensitive, `</>` closes any;
//  - only &lt; &gt; &amp; &quot; and numeric entities decode, the final semicolon being optional;
//    any other entity stays as it was written;
//  - every tag must be closed, in order; the offsets in error texts are bytes.
// An attribute without a value is taken on blockquote only, the strictest reading of servers that
// differ by version.

#ifndef CPUAGG_NOTIFY_TESTING_MARKUP_TELEGRAM_HTML_H_
#define CPUAGG_NOTIFY_TESTING_MARKUP_TELEGRAM_HTML_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "notify/testing/markup/formatted_text.h"

namespace cpuagg::notify::testing {

// `html` must be valid UTF-8. InvalidArgument carries the server's words, such as
// `Unsupported start tag "h1" at byte offset 12`.
absl::StatusOr<FormattedText> ParseTelegramHtml(absl::string_view html);

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_MARKUP_TELEGRAM_HTML_H_
