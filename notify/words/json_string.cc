#include "notify/words/json_string.h"

#include "nlohmann/json.hpp"
#include "notify/words/text.h"

namespace cpuagg::notify {

std::string JsonString(absl::string_view bytes) {
  return nlohmann::json(IsUtf8(bytes) ? std::string(bytes) : Printable(bytes)).dump();
}

}  // namespace cpuagg::notify
