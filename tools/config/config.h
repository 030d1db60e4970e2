// Config: the program's settings, each from the first place that has it: command line, environment,
// configuration file, default.

#ifndef CPUAGG_TOOLS_CONFIG_CONFIG_H_
#define CPUAGG_TOOLS_CONFIG_CONFIG_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "notify/telegram/secret.h"
#include "tools/config/environment.h"

namespace cpuagg::tools {

struct ConfigSource {
  std::string path;         // of the configuration file; empty to look for one
  Environment environment;  // outlives the Config
  bool with_token = false;  // whether the command needs the bot's token; otherwise it is not kept
  // Whether ./.env is none of its business: the services, which run elsewhere, do not see that.
  bool of_host_only = false;
  std::string host_directory = "/etc/cpuagg";  // of cpuagg.env and bot_token
};

class Config {
 public:
  // Reads the file that is named or, if none is, ./.env or the host's (/etc/cpuagg/cpuagg.env).
  // ./.env is used if it is the caller's alone (Whose::kOfCaller) and sets BOT_TOKEN or CHAT_ID,
  // and passed over otherwise. Errors are those of ReadSettingsFile(), and InvalidArgument for a
  // line that is not understood and a token that stands where it would be shown. What is odd and no
  // error is added to `warnings`.
  static absl::StatusOr<Config> Load(const ConfigSource& source,
                                     std::vector<std::string>& warnings);

  // The same once more, as after the file was changed.
  absl::StatusOr<Config> LoadAgain(std::vector<std::string>& warnings) const {
    return Load(source_, warnings);
  }

  // The value of `key`, one of docs/configuration.md; nullopt where it is nowhere set. An empty
  // value is a value.
  std::optional<std::string> Get(absl::string_view key) const;
  std::string GetOr(absl::string_view key, absl::string_view fallback) const;

  // From now on `key` counts as not set, wherever it is: Get() has nothing for it.
  void Forget(absl::string_view key) { forgotten_.emplace(key); }

  // The configuration file that is used; empty if none is.
  const std::string& path() const { return path_; }
  // What the environment sets, and its value, by key, without the token and what names its file.
  std::vector<std::pair<std::string, std::string>> OfEnvironment() const;
  // What stands under `key` in the file, whatever the environment says; nullopt if it does not.
  std::optional<std::string> InFileAlone(absl::string_view key) const;

  // For errors about what is missing: " in ./.env", or that there is no configuration file.
  std::string InFile() const;

  // `status`, which begins with the name of a key, with where that was set: "SEND_AS: 'x' is" ->
  // "SEND_AS in ./.env: 'x' is". Any other status as it is.
  absl::Status WithOrigin(const absl::Status& status) const;

  // The bot's token: BOT_TOKEN or the file BOT_TOKEN_FILE of the environment, then those of the
  // configuration file, then bot_token in $CREDENTIALS_DIRECTORY, then, where the configuration is
  // the host's or there is none, bot_token beside that. Files that nobody has named count for
  // nothing if they are empty. FailedPrecondition if there is no token, or if it stands in a file
  // that everybody can read; InvalidArgument if it cannot be a token; otherwise the errors of
  // ReadSettingsFile(). Only for who has asked for it in Load().
  absl::StatusOr<notify::Secret> BotToken() const;
  // Whether there is one, be it good or not.
  bool HasBotToken() const;
  // Where it is from: "BOT_TOKEN in ./.env", or the path of a file; empty if there is none.
  std::string TokenOrigin() const;

 private:
  absl::Status UseFile(const std::string& path, std::string text,
                       std::vector<std::string>& warnings);
  absl::Status FindFile(std::vector<std::string>& warnings);
  absl::Status CheckNoTokenIsMisplaced() const;

  std::optional<Setting> FindInFile(absl::string_view key) const;
  std::optional<Setting> Find(absl::string_view key) const;
  // With what it is called where it came from, for errors; nullopt if there is none.
  absl::StatusOr<std::optional<Setting>> FindToken() const;
  absl::StatusOr<std::optional<Setting>> FindTokenNobodyNamed() const;

  static constexpr const char* kNoVariables[] = {nullptr};

  ConfigSource source_ = {.environment = kNoVariables};
  std::string path_;                   // of the configuration file; empty without one
  bool is_open_to_everybody_ = false;  // that file
  absl::flat_hash_map<std::string, std::string> values_;
  absl::flat_hash_set<std::string> forgotten_;
};

// The token that `text`, which is called `name`, holds and nothing else. InvalidArgument if it
// cannot be one; what it is instead is not shown.
absl::StatusOr<notify::Secret> ParseBotToken(absl::string_view text, absl::string_view name);

// Whether `value` means yes; InvalidArgument names `key` if it means neither yes nor no.
absl::StatusOr<bool> ParseYesNo(absl::string_view key, absl::string_view value);

// The entries of a comma-separated list, without blanks around them and without empty ones.
std::vector<std::string> SplitList(absl::string_view list);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_CONFIG_H_
