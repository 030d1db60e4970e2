// Reads settings from environment variables.
//
// A variable is named after its key with a prefix: CPUAGG_STORE. BOT_TOKEN, BOT_TOKEN_FILE and
// CHAT_ID also work without the prefix, since containers use them. Other variables without the
// prefix are ignored, since they may belong to other programs.

#ifndef CPUAGG_TOOLS_CONFIG_ENVIRONMENT_H_
#define CPUAGG_TOOLS_CONFIG_ENVIRONMENT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace cpuagg::tools {

// The prefix of a key in the name of its variable.
inline constexpr absl::string_view kVariablePrefix = "CPUAGG_";

// "NAME=value" strings up to a nullptr: environ(7).
using Environment = const char* const*;

// A value, and the name of its origin, for errors.
struct Setting {
  std::string value;
  std::string name;  // "CPUAGG_STORE in the environment", "STORE in ./.env"
};

// The value of the variable `name`; nullptr if it is not set.
const char* VariableNamed(Environment environment, absl::string_view name);

// The value of `key` in the environment, without blanks and quotes around the whole of it, which
// `docker run --env-file` does not remove. With the prefix an empty value counts as set; without
// it, it does not.
std::optional<Setting> FindInEnvironment(Environment environment, absl::string_view key);

// Warnings about variables that were meant for cpuagg but have no effect.
std::vector<std::string> WarningsAbout(Environment environment);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_ENVIRONMENT_H_
