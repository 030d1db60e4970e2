// Members of JSON that a server sent, of which nothing is certain.

#ifndef CPUAGG_NOTIFY_TELEGRAM_JSON_MEMBER_H_
#define CPUAGG_NOTIFY_TELEGRAM_JSON_MEMBER_H_

#include <string>

#include "nlohmann/json.hpp"

namespace cpuagg::notify {

// The member `key` of `object`; null if there is none, or `object` is something else.
const nlohmann::json& Member(const nlohmann::json& object, const char* key);

// The string member `key` of `object`; empty if there is none.
std::string StringIn(const nlohmann::json& object, const char* key);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_TELEGRAM_JSON_MEMBER_H_
