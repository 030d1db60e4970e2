#include "notify/telegram/json_member.h"

#include <string>

#include "nlohmann/json.hpp"

namespace cpuagg::notify {

using nlohmann::json;

const json& Member(const json& object, const char* key) {
  static const json null;
  if (!object.is_object()) return null;
  const auto found = object.find(key);
  return found == object.end() ? null : *found;
}

std::string StringIn(const json& object, const char* key) {
  const json& member = Member(object, key);
  return member.is_string() ? member.get<std::string>() : "";
}

}  // namespace cpuagg::notify
