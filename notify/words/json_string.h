// Text as a string of JSON.

#ifndef CPUAGG_NOTIFY_WORDS_JSON_STRING_H_
#define CPUAGG_NOTIFY_WORDS_JSON_STRING_H_

#include <string>

#include "absl/strings/string_view.h"

namespace cpuagg::notify {

// `bytes` in double quotes, escaped. Bytes that are not UTF-8 become what Printable() makes of
// them.
std::string JsonString(absl::string_view bytes);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_JSON_STRING_H_
