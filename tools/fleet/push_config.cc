#include "tools/fleet/push_config.h"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "acct/io/shell_word.h"
#include "notify/fleet/receiver_url.h"
#include "notify/http/proxy_url.h"
#include "tools/config/ca_file.h"
#include "tools/config/config.h"
#include "tools/config/environment.h"
#include "tools/config/settings_file.h"
#include "tools/config/time_argument.h"
#include "tools/config/version.h"

namespace cpuagg::tools {
namespace {

// The secret in the file at `path`, which `key` names.
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
  if (std::any_of(secret.begin(), secret.end(), absl::ascii_iscntrl)) {
    return absl::InvalidArgumentError(
        absl::StrCat(key, ": ", path, " must hold the secret on one line, and nothing else"));
  }
  return std::string(secret);
}

absl::StatusOr<std::string> ReadNamedSecret(absl::string_view key, const std::string& path) {
  absl::StatusOr<std::string> secret = ReadSecret(key, path);
  if (secret.ok() && secret->empty()) {
    return absl::InvalidArgumentError(absl::StrCat(key, ": ", path, " is empty"));
  }
  return secret;
}

// systemd's LoadCredential=push_token:…; empty if there is none.
absl::StatusOr<std::string> TokenOfService() {
  const char* const directory = VariableNamed(environ, "CREDENTIALS_DIRECTORY");
  if (directory == nullptr) return std::string();
  const std::string path = absl::StrCat(directory, "/push_token");
  absl::StatusOr<std::string> token = ReadSecret("push_token", path);
  if (absl::IsNotFound(token.status())) return std::string();
  return token;
}

// Adds the credentials to the requests of `receiver`.
absl::Status AddCredentials(const Config& config, notify::Receiver& receiver) {
  const std::string user = config.GetOr("PUSH_USER", "");
  const std::string password_file = config.GetOr("PUSH_PASSWORD_FILE", "");
  const std::string token_file = config.GetOr("PUSH_TOKEN_FILE", "");
  if (user.empty() != password_file.empty()) {
    return absl::InvalidArgumentError(
        user.empty() ? "PUSH_PASSWORD_FILE: needs PUSH_USER, whose password it holds"
                     : "PUSH_USER: needs PUSH_PASSWORD_FILE, a file that holds the password");
  }
  if (!user.empty() && !token_file.empty()) {
    return absl::InvalidArgumentError(
        "PUSH_TOKEN_FILE: cannot be combined with PUSH_USER; remove one of them");
  }
  if (!user.empty()) {
    if (absl::StrContains(user, ":")) {
      return absl::InvalidArgumentError("PUSH_USER: contains a colon, which no user name can have");
    }
    const absl::StatusOr<std::string> password =
        ReadNamedSecret("PUSH_PASSWORD_FILE", password_file);
    if (!password.ok()) return password.status();
    const std::string both = absl::Base64Escape(absl::StrCat(user, ":", *password));
    receiver.headers.push_back(absl::StrCat("Authorization: Basic ", both));
    receiver.secrets = {*password, both};
    return absl::OkStatus();
  }
  const absl::StatusOr<std::string> token =
      token_file.empty() ? TokenOfService() : ReadNamedSecret("PUSH_TOKEN_FILE", token_file);
  if (!token.ok()) return token.status();
  if (!token->empty()) {
    receiver.headers.push_back(absl::StrCat("Authorization: Bearer ", *token));
    receiver.secrets = {*token};
  }
  return absl::OkStatus();
}

// Checks PUSH_HEADER: "X-Scope-OrgID: lab".
absl::Status CheckHeader(absl::string_view header) {
  const size_t colon = header.find(':');
  const absl::string_view name = header.substr(0, colon);
  const bool is_name = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
  });
  if (colon == absl::string_view::npos || !is_name ||
      absl::StripAsciiWhitespace(header.substr(colon + 1)).empty()) {
    return absl::InvalidArgumentError(
        "PUSH_HEADER: is not a header; write something like X-Scope-OrgID: lab");
  }
  if (absl::EqualsIgnoreCase(name, "Authorization")) {
    return absl::InvalidArgumentError(
        "PUSH_HEADER: would show the credentials in the configuration; put them into a file, and "
        "name it in PUSH_TOKEN_FILE, or set PUSH_USER and PUSH_PASSWORD_FILE");
  }
  return absl::OkStatus();
}

absl::Status CheckUrl(absl::string_view key, absl::string_view url, bool needs_tls) {
  absl::Status status = notify::CheckReceiverUrl(url, needs_tls);
  if (status.ok()) return status;
  return absl::InvalidArgumentError(absl::StrCat(key, ": ", status.message()));
}

}  // namespace

bool WantsPush(const CommandContext& context) {
  return context.flags.url.has_value() || context.config.Get("PUSH_URL").has_value();
}

absl::StatusOr<PushConfig> FindReceiver(const CommandContext& context) {
  const Config& config = context.config;
  PushConfig push;
  push.receiver.url = context.flags.url.value_or(config.GetOr("PUSH_URL", ""));
  push.header = config.GetOr("PUSH_HEADER", "");
  if (!push.header.empty()) {
    if (absl::Status status = CheckHeader(push.header); !status.ok()) return status;
    push.receiver.headers.push_back(push.header);
  }
  if (absl::Status status = AddCredentials(config, push.receiver); !status.ok()) return status;
  const bool allows_http =
      ParseYesNo("ALLOW_INSECURE_HTTP", config.GetOr("ALLOW_INSECURE_HTTP", "no")).value_or(false);
  if (WantsPush(context)) {
    const absl::Status url =
        CheckUrl(context.flags.url.has_value() ? "--url" : "PUSH_URL", push.receiver.url,
                 !push.receiver.secrets.empty() && !allows_http);
    if (!url.ok()) return url;
  }
  const std::string top = config.GetOr("PUSH_TOP", "");
  constexpr size_t kMostUsers = 1'000'000;
  if (!top.empty() &&
      (!absl::SimpleAtoi(top, &push.top) || push.top == 0 || push.top > kMostUsers)) {
    return absl::InvalidArgumentError(
        absl::StrCat("PUSH_TOP: '", top, "' is not a number from 1 to ", kMostUsers));
  }
  return push;
}

absl::StatusOr<PushConfig> FindPushConfig(const CommandContext& context) {
  const Config& config = context.config;
  if (!WantsPush(context)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "there is no receiver to push to", config.InFile(),
        "; set PUSH_URL there or give --url, such as http://127.0.0.1:8428/api/v1/write"));
  }
  const absl::StatusOr<bool> allows_http =
      ParseYesNo("ALLOW_INSECURE_HTTP", config.GetOr("ALLOW_INSECURE_HTTP", "no"));
  if (!allows_http.ok()) return allows_http.status();
  absl::StatusOr<PushConfig> push = FindReceiver(context);
  if (!push.ok()) return push;
  const absl::StatusOr<absl::Duration> lifetime =
      ParseLength("EXPIRE_AFTER", config.GetOr("EXPIRE_AFTER", "3d"));
  if (!lifetime.ok()) return lifetime.status();
  push->lifetime = *lifetime;
  const absl::StatusOr<absl::Duration> budget =
      ParseLength("SEND_WITHIN", config.GetOr("SEND_WITHIN", "5m"));
  if (!budget.ok()) return budget.status();
  push->run_budget = *budget;

  const bool is_http = absl::StartsWith(push->receiver.url, "http://");
  const std::optional<std::string> proxy = config.Get("PROXY");
  if (absl::Status status = notify::CheckProxyUrl(proxy.value_or("")); !status.ok()) return status;
  push->http = {.user_agent = absl::StrCat("cpuagg/", kVersion),
                // As for the Bot API: a proxy would see what is sent.
                .proxy = is_http ? "" : proxy,
                .allow_http = is_http,
                .ca_file = config.GetOr("CA_FILE", ""),
                .url_key = context.flags.url.has_value() ? "--url" : "PUSH_URL"};
  if (!push->http.ca_file.empty()) {
    const absl::Status usable = CheckCertificates("CA_FILE", push->http.ca_file);
    if (!usable.ok()) return usable;
  }
  return push;
}

absl::StatusOr<notify::Receiver> FindQueryAddress(const CommandContext& context,
                                                  const PushConfig& config) {
  notify::Receiver asked = config.receiver;
  std::string base = context.config.GetOr("PUSH_QUERY_URL", "");
  if (base.empty()) {
    absl::StatusOr<std::string> derived = notify::QueryBaseOf(config.receiver.url);
    if (!derived.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          context.flags.url.has_value() ? "--url" : "PUSH_URL", ": ", derived.status().message()));
    }
    asked.url = *std::move(derived);
    return asked;
  }
  while (absl::EndsWith(base, "/")) base.pop_back();
  const absl::StatusOr<bool> allows_http =
      ParseYesNo("ALLOW_INSECURE_HTTP", context.config.GetOr("ALLOW_INSECURE_HTTP", "no"));
  if (!allows_http.ok()) return allows_http.status();
  asked.url = base;
  const absl::Status url = CheckUrl("PUSH_QUERY_URL", absl::StrCat(base, "/api/v1/query"),
                                    !asked.secrets.empty() && !*allows_http);
  if (!url.ok()) return url;
  return asked;
}

}  // namespace cpuagg::tools
