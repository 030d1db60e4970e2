#include "notify/words/json_string.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"
#include "notify/words/text.h"

namespace cpuagg::notify {

std::string JsonString(absl::string_view bytes) {
  std::string text = nlohmann::json(IsUtf8(bytes) ? std::string(bytes) : Printable(bytes)).dump();
  // What ends a line or controls a terminal, and is not ASCII, begins so.
  if (text.find_first_of("\xc2\xe2") == std::string::npos) return text;
  std::string escaped;
  for (size_t at = 0; at < text.size(); ++at) {
    const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[at + i]); };
    if (byte(0) == 0xc2 && byte(1) < 0xa0) {  // U+0080 to U+009F
      absl::StrAppendFormat(&escaped, "\\u%04x", byte(1));
      at += 1;
    } else if (byte(0) == 0xe2 && ((byte(1) == 0x80 && byte(2) >= 0xa8 && byte(2) <= 0xae) ||
                                   (byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9))) {
      // U+2028 to U+202E, U+2066 to U+2069
      absl::StrAppendFormat(&escaped, "\\u%04x", 0x2000 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f));
      at += 2;
    } else {
      escaped += text[at];
    }
  }
  return escaped;
}

}  // namespace cpuagg::notify
