// Config: the program's settings, each from the first place that has it: command line, environment,
// configuration file, default.

#ifndef CPUAGG_TOOLS_CONFIG_H_
#define CPUAGG_TOOLS_CONFIG_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "notify/secret.h"

namespace cpuagg::tools {

// Looks a variable of the environment up; nullptr if it is not set.
using Environment = std::function<const char*(const char*)>;

class Config {
 public:
  // Reads `path` or, if it is empty, ./.env or /etc/cpuagg/cpuagg.env, whichever is there first and
  // may be read, or nothing. What is odd and no error is added to `warnings`.
  static absl::StatusOr<Config> Load(const std::string& path, Environment environment,
                                     std::vector<std::string>& warnings);

  // The value of `key`, one of docs/configuration.md; nullopt where it is nowhere set. An empty
  // value is a value.
  std::optional<std::string> Get(absl::string_view key) const;
  std::string GetOr(absl::string_view key, absl::string_view fallback) const;

  // The bot's token: BOT_TOKEN, the file BOT_TOKEN_FILE, or bot_token in $CREDENTIALS_DIRECTORY.
  // FailedPrecondition if there is none, or if it stands in a file that everybody can read;
  // InvalidArgument if it cannot be a token.
  absl::StatusOr<notify::Secret> BotToken() const;

 private:
  absl::StatusOr<std::string> FindToken() const;

  Environment environment_;
  std::string path_;  // of the configuration file; empty without one
  absl::flat_hash_map<std::string, std::string> values_;
};

// Whether `value` means yes; InvalidArgument names `key` if it means neither yes nor no.
absl::StatusOr<bool> ParseYesNo(absl::string_view key, absl::string_view value);

// The entries of a comma-separated list, without blanks around them and without empty ones.
std::vector<std::string> SplitList(absl::string_view list);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_H_
