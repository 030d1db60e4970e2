// Settings in variables of the environment.
//
// A key has a prefix there, CPUAGG_STORE; BOT_TOKEN, BOT_TOKEN_FILE and CHAT_ID do without it,
// since containers use them. Other names without it, which may be anybody's, count for nothing.

#ifndef CPUAGG_TOOLS_CONFIG_ENVIRONMENT_H_
#define CPUAGG_TOOLS_CONFIG_ENVIRONMENT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace cpuagg::tools {

// What stands before a key in the name of its variable.
inline constexpr absl::string_view kVariablePrefix = "CPUAGG_";

// "NAME=value" each, up to a nullptr: environ(7).
using Environment = const char* const*;

// A value, and what it is called where it was set, for errors.
struct Setting {
  std::string value;
  std::string name;  // "CPUAGG_STORE in the environment", "STORE in ./.env"
};

// The value of the variable `name`; nullptr if it is not set.
const char* VariableNamed(Environment environment, absl::string_view name);

// The value that `key` has there, without blanks and quotes around the whole of it, which `docker
// run
// --env-file` leaves where they are. With the prefix an empty value is a value, without it none.
std::optional<Setting> FindInEnvironment(Environment environment, absl::string_view key);

// What there is to say about variables that were meant for cpuagg and have no effect.
std::vector<std::string> WarningsAbout(Environment environment);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_ENVIRONMENT_H_
