// Parses files of KEY=value lines, such as .env files and systemd's EnvironmentFile.
//
//   # a comment
//   CHAT_ID = "-1001234567890, 42"   # blanks, quotes and comments are optional
//   export HOST_NAME=lab01
//
// A value is one line. A '#' begins a comment only after a blank. Nothing is expanded in a value:
// ${X} and $(…) are errors, since they are surely meant to be. Other characters stand for
// themselves, also those that a shell would treat: $X, `, ;, and quotes and backslashes within the
// value.

#ifndef CPUAGG_TOOLS_CONFIG_ENV_FILE_H_
#define CPUAGG_TOOLS_CONFIG_ENV_FILE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cpuagg::tools {

using EnvEntries = std::vector<std::pair<std::string, std::string>>;

// The entries of `content`, in order. InvalidArgument names `path`, the line and the problem, but
// never shows a value, which may be a secret.
absl::StatusOr<EnvEntries> ParseEnvFile(absl::string_view content, absl::string_view path);

// Whether a line of `content` sets `key`, whatever the other lines are.
bool SetsKey(absl::string_view content, absl::string_view key);

// `value` as it can follow "KEY=", quoted if necessary. A value that needs quotes but contains both
// kinds, or that has several lines, cannot be read back; ParseEnvFile() reports that.
std::string QuotedEnvValue(absl::string_view value);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_ENV_FILE_H_
