// Makes printable text fit a terminal: names that are cut, lines that are wrapped, and ASCII for
// terminals without UTF-8.

#ifndef CPUAGG_NOTIFY_WORDS_FITTED_TEXT_H_
#define CPUAGG_NOTIFY_WORDS_FITTED_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace cpuagg::notify {

// `text` (valid UTF-8), cut in the middle to at most `width` columns, because both ends of a name
// distinguish it: "caro…name". `ellipsis` replaces the rest. No character loses its
// marks: only whole grapheme clusters are left out.
std::string CutInMiddle(absl::string_view text, size_t width, absl::string_view ellipsis);

// A name (valid UTF-8) in ASCII: other characters become \u738b, as invisible ones are written
// elsewhere.
std::string AsciiName(absl::string_view name);

// The same for sentences and headings, whose dash and ellipsis become "-" and "...".
std::string AsciiWords(absl::string_view words);

// `line` with line breaks instead of blanks, so that no line has more than `width` columns, except
// for a word that is longer.
std::string Wrapped(absl::string_view line, size_t width);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_FITTED_TEXT_H_
