// The character references that Telegram decodes in HTML.

#ifndef CPUAGG_NOTIFY_TESTING_MARKUP_HTML_ENTITY_H_
#define CPUAGG_NOTIFY_TESTING_MARKUP_HTML_ENTITY_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace cpuagg::notify::testing {

// Decodes the reference at the beginning of `text`, which begins with "&": appends the character to
// `out` as UTF-8, and returns the number of bytes that it took, including the semicolon if there is
// one. Returns 0 and appends nothing for anything except &lt; &gt; &amp; &quot; and character
// numbers of up to seven digits.
//
// A number in the surrogate range appends bytes that IsValidUtf8() refuses.
size_t DecodeHtmlEntity(absl::string_view text, std::string& out);

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_MARKUP_HTML_ENTITY_H_
