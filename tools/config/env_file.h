// Files of KEY=value lines, as .env files and systemd's EnvironmentFile have them.
//
//   # a comment
//   CHAT_ID = "-1001234567890, 42"   # blanks, quotes and comments are optional
//   export HOST_NAME=lab01
//
// A value is one line. A '#' begins a comment only behind a blank. Nothing is replaced in a value:
// where a shell, docker or systemd would read something else than what stands there, it is an
// error that says so.

#ifndef CPUAGG_TOOLS_CONFIG_ENV_FILE_H_
#define CPUAGG_TOOLS_CONFIG_ENV_FILE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cpuagg::tools {

using EnvEntries = std::vector<std::pair<std::string, std::string>>;

// The entries of `content` in order. InvalidArgument names `path`, the line and what is wrong with
// it, but never shows a value, which may be a secret.
absl::StatusOr<EnvEntries> ParseEnvFile(absl::string_view content, absl::string_view path);

// Whether a line of `content` sets `key`, whatever else is in it.
bool SetsKey(absl::string_view content, absl::string_view key);

// `value` as it can stand behind "KEY=": in the quotes that it needs, if any. One that has both
// kinds and needs them, or that is no single line, is not read back; ParseEnvFile() tells.
std::string QuotedEnvValue(absl::string_view value);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_ENV_FILE_H_
