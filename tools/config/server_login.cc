#include "tools/config/server_login.h"

#include <algorithm>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "acct/io/shell_word.h"
#include "tools/config/settings_file.h"

namespace cpuagg::tools {
namespace {

bool HasControl(absl::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return absl::ascii_iscntrl(c); });
}

// The secret in the file at `path`, without blanks around it. `key` is the setting that names it.
absl::StatusOr<std::string> ReadSecret(absl::string_view key, const std::string& path) {
  const absl::StatusOr<SettingsFile> file = ReadSettingsFile(path);
  if (!file.ok()) {
    return absl::Status(file.status().code(), absl::StrCat(key, ": ", file.status().message()));
  }
  if (file->is_open_to_everybody) {
    return absl::FailedPreconditionError(absl::StrCat(
        key, ": ", path, " holds a secret and is open to everybody on this machine; run chmod o= ",
        acct::ShellWord(path)));
  }
  const absl::string_view secret = absl::StripAsciiWhitespace(file->text);
  if (secret.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(key, ": ", path, " is empty"));
  }
  if (HasControl(secret)) {
    return absl::InvalidArgumentError(
        absl::StrCat(key, ": ", path, " must hold the secret on one line, and nothing else"));
  }
  return std::string(secret);
}

// The keys of one server.
struct Keys {
  explicit Keys(absl::string_view prefix)
      : user(absl::StrCat(prefix, "_USER")),
        password_file(absl::StrCat(prefix, "_PASSWORD_FILE")),
        token_file(absl::StrCat(prefix, "_TOKEN_FILE")),
        header(absl::StrCat(prefix, "_HEADER")),
        credential(absl::StrCat(absl::AsciiStrToLower(prefix), "_token")) {}

  std::string user;
  std::string password_file;
  std::string token_file;
  std::string header;
  std::string credential;  // of a service, by systemd's LoadCredential=
};

absl::Status FindCredentials(const Config& config, const Keys& keys, ServerLogin& login) {
  const std::string user = config.GetOr(keys.user, "");
  const std::string password_file = config.GetOr(keys.password_file, "");
  std::string token_file = config.GetOr(keys.token_file, "");
  if (user.empty() != password_file.empty()) {
    return absl::InvalidArgumentError(
        user.empty()
            ? absl::StrCat(keys.password_file, ": needs ", keys.user, ", whose password it holds")
            : absl::StrCat(keys.user, ": needs ", keys.password_file,
                           ", a file that holds the password"));
  }
  if (!user.empty() && !token_file.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(keys.token_file, ": cannot be combined with ",
                                                   keys.user, "; remove one of them"));
  }
  if (!user.empty()) {
    if (HasControl(user) || user.find(':') != std::string::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat(keys.user, ": has a colon or control characters, which no user name has"));
    }
    const absl::StatusOr<std::string> password = ReadSecret(keys.password_file, password_file);
    if (!password.ok()) return password.status();
    const std::string both = absl::Base64Escape(absl::StrCat(user, ":", *password));
    login.authorization = absl::StrCat("Authorization: Basic ", both);
    login.secrets = {*password, both};
    return absl::OkStatus();
  }
  const std::string key = token_file.empty() ? keys.credential : keys.token_file;
  if (token_file.empty()) token_file = config.CredentialFile(keys.credential);
  if (token_file.empty()) return absl::OkStatus();
  const absl::StatusOr<std::string> token = ReadSecret(key, token_file);
  if (!token.ok()) return token.status();
  login.authorization = absl::StrCat("Authorization: Bearer ", *token);
  login.secrets = {*token};
  return absl::OkStatus();
}

absl::Status FindHeader(const Config& config, const Keys& keys, ServerLogin& login) {
  const std::string header = config.GetOr(keys.header, "");
  if (header.empty()) return absl::OkStatus();
  const size_t colon = header.find(':');
  const std::string name = header.substr(0, colon);
  const absl::string_view value =
      colon == std::string::npos
          ? ""
          : absl::StripAsciiWhitespace(absl::string_view(header).substr(colon + 1));
  const bool is_name = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_';
  });
  if (!is_name || value.empty() || HasControl(header)) {
    return absl::InvalidArgumentError(
        absl::StrCat(keys.header, ": is not a header; write something like X-Scope-OrgID: lab"));
  }
  const std::string lower = absl::AsciiStrToLower(name);
  if (lower == "authorization" || lower == "cookie") {
    return absl::InvalidArgumentError(absl::StrCat(
        keys.header,
        ": would show the credentials in the configuration; put them into a file, and name it in ",
        keys.token_file, ", or set ", keys.user, " and ", keys.password_file));
  }
  if (lower == "content-type" || lower == "content-length" || lower == "content-encoding" ||
      lower == "host") {
    return absl::InvalidArgumentError(
        absl::StrCat(keys.header, ": ", name, " is set by cpuagg itself"));
  }
  login.header = absl::StrCat(name, ": ", value);
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> ServerLogin::Headers() const {
  std::vector<std::string> headers;
  for (const std::string& line : {header, authorization}) {
    if (!line.empty()) headers.push_back(line);
  }
  return headers;
}

absl::StatusOr<ServerLogin> FindServerLogin(const Config& config, absl::string_view prefix) {
  const Keys keys(prefix);
  ServerLogin login;
  for (const auto find : {FindCredentials, FindHeader}) {
    if (absl::Status status = find(config, keys, login); !status.ok()) return status;
  }
  return login;
}

}  // namespace cpuagg::tools
