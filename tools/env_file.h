// Files of KEY=value lines, as .env files and systemd's EnvironmentFile have them.
//
//   # a comment
//   CHAT_ID = "-1001234567890, 42"   # blanks, quotes and comments are optional
//   export HOST_NAME=lab01

#ifndef CPUAGG_TOOLS_ENV_FILE_H_
#define CPUAGG_TOOLS_ENV_FILE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cpuagg::tools {

using EnvEntries = std::vector<std::pair<std::string, std::string>>;

// The entries of `content` in order. InvalidArgument names `path` and the line of one that is no
// KEY=value, but never shows a value, which may be a secret.
absl::StatusOr<EnvEntries> ParseEnvFile(absl::string_view content, absl::string_view path);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_ENV_FILE_H_
