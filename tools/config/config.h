// Config: the program's settings. Each comes from the first place that has it: command line,
// environment, configuration file, default.

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
  std::string path;         // of the configuration file; empty to search for one
  Environment environment;  // must outlive the Config
  bool with_token = false;  // the command needs the bot's token; otherwise the token is not kept
  // Ignore ./.env, because the services, which run elsewhere, do not see it.
  bool of_host_only = false;
  std::string host_directory = "/etc/cpuagg";  // with cpuagg.env and bot_token
};

class Config {
 public:
  // Reads the named file or, without a name, ./.env or the host's (/etc/cpuagg/cpuagg.env). Uses
  // ./.env only if it belongs to the caller alone (Whose::kOfCaller) and sets BOT_TOKEN or CHAT_ID.
  // Returns the errors of ReadSettingsFile(), and InvalidArgument for a line that cannot be parsed
  // or for a token where it would be shown. Adds lesser problems to `warnings`.
  static absl::StatusOr<Config> Load(const ConfigSource& source,
                                     std::vector<std::string>& warnings);

  // Loads the same sources again, for example after the file was changed.
  absl::StatusOr<Config> LoadAgain(std::vector<std::string>& warnings) const {
    return Load(source_, warnings);
  }

  // The value of `key`, a key of docs/configuration.md; nullopt if it is not set. An empty value
  // counts as set.
  std::optional<std::string> Get(absl::string_view key) const;
  std::string GetOr(absl::string_view key, absl::string_view fallback) const;

  // From now on `key` counts as not set, wherever it is: Get() has nothing for it.
  void Forget(absl::string_view key) { forgotten_.emplace(key); }

  // The configuration file in use; empty if there is none.
  const std::string& path() const { return path_; }
  // The settings of the environment with their values, by key, without the token and the path of
  // its file.
  std::vector<std::pair<std::string, std::string>> OfEnvironment() const;
  // The value of `key` in the file, regardless of the environment; nullopt if the file does not set
  // it.
  std::optional<std::string> InFileAlone(absl::string_view key) const;

  // For errors about missing settings: " in ./.env", or that there is no configuration file.
  std::string InFile() const;

  // Adds the origin of the setting to `status`, if it begins with a key: "SEND_AS: 'x' is" ->
  // "SEND_AS in ./.env: 'x' is". Returns any other status unchanged.
  absl::Status WithOrigin(const absl::Status& status) const;

  // The bot's token, from the first of these places that has it:
  //
  // - BOT_TOKEN or the file BOT_TOKEN_FILE of the environment;
  // - BOT_TOKEN or BOT_TOKEN_FILE of the configuration file;
  // - the file bot_token in $CREDENTIALS_DIRECTORY;
  // - the file bot_token in the host directory, if the configuration is the host's or there is
  //   none.
  //
  // Empty files count only if they were named. FailedPrecondition if there is no token, or if
  // everybody can read its file. InvalidArgument if it cannot be a token. Otherwise the errors of
  // ReadSettingsFile(). Only if the token was requested in Load().
  absl::StatusOr<notify::Secret> BotToken() const;
  // Whether there is a token, valid or not.
  bool HasBotToken() const;
  // The path of the file `name` in $CREDENTIALS_DIRECTORY, where systemd gives a service its
  // secrets; empty if there is none.
  std::string CredentialFile(absl::string_view name) const;
  // The origin of the token: "BOT_TOKEN in ./.env", or the path of a file; empty if there is none.
  std::string TokenOrigin() const;

 private:
  absl::Status UseFile(const std::string& path, std::string text,
                       std::vector<std::string>& warnings);
  absl::Status FindFile(std::vector<std::string>& warnings);
  absl::Status CheckNoTokenIsMisplaced() const;

  std::optional<Setting> FindInFile(absl::string_view key) const;
  std::optional<Setting> Find(absl::string_view key) const;
  // The token with the name of its origin, for errors; nullopt if there is none.
  absl::StatusOr<std::optional<Setting>> FindToken() const;
  absl::StatusOr<std::optional<Setting>> FindTokenNobodyNamed() const;

  static constexpr const char* kNoVariables[] = {nullptr};

  ConfigSource source_ = {.environment = kNoVariables};
  std::string path_;                   // of the configuration file; empty if there is none
  bool is_open_to_everybody_ = false;  // everybody can read or change that file
  absl::flat_hash_map<std::string, std::string> values_;
  absl::flat_hash_set<std::string> forgotten_;
};

// Parses `text`, which errors call `name`, as a token. InvalidArgument if it cannot be one; the
// message does not show it.
absl::StatusOr<notify::Secret> ParseBotToken(absl::string_view text, absl::string_view name);

// "the part after the colon has 5 characters, of usually 35" if `token` looks cut off, else empty.
// Nobody but the server knows which tokens are valid.
std::string WhyTokenLooksCutOff(const notify::Secret& token);

// Whether `value` means yes. InvalidArgument names `key` if the value means neither yes nor no.
absl::StatusOr<bool> ParseYesNo(absl::string_view key, absl::string_view value);

// The entries of a comma-separated list, without surrounding blanks and without empty entries.
std::vector<std::string> SplitList(absl::string_view list);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_CONFIG_H_
