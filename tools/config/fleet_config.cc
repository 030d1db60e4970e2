#include "tools/config/fleet_config.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "notify/fleet/fleet_url.h"
#include "notify/http/proxy_url.h"
#include "tools/config/ca_file.h"
#include "tools/config/settings_file.h"
#include "tools/config/version.h"

namespace cpuagg::tools {
namespace {

// The secret in the file at `path`, without blanks around it. `key` is the setting that names it.
absl::StatusOr<std::string> ReadSecret(absl::string_view key, const std::string& path) {
  const absl::StatusOr<SettingsFile> file = ReadSettingsFile(path);
  if (!file.ok()) {
    return absl::Status(file.status().code(), absl::StrCat(key, ": ", file.status().message()));
  }
  if (file->is_open_to_everybody) {
    return absl::FailedPreconditionError(absl::StrCat(
        key, ": ", path, ": is open to everybody on this machine; run chmod o= ", path));
  }
  const absl::string_view secret = absl::StripAsciiWhitespace(file->text);
  if (secret.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(key, ": ", path, ": is empty"));
  }
  if (std::any_of(secret.begin(), secret.end(), [](char c) { return absl::ascii_iscntrl(c); })) {
    return absl::InvalidArgumentError(
        absl::StrCat(key, ": ", path, ": has more than one line, or control characters"));
  }
  return std::string(secret);
}

bool IsHeaderName(absl::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_';
  });
}

}  // namespace

std::optional<std::string> FleetUrl(const CommandContext& context) {
  if (context.flags.from.has_value()) return context.flags.from;
  const Command command = context.flags.command;
  if (command != Command::kSend && command != Command::kRun) return std::nullopt;
  const std::string url = context.config.GetOr("FLEET_URL", "");
  return url.empty() ? std::nullopt : std::optional(url);
}

absl::StatusOr<FleetConfig> FleetConfig::Find(const CommandContext& context) {
  FleetConfig config;
  config.url_key_ = context.flags.from.has_value() ? "--from" : "FLEET_URL";
  absl::StatusOr<std::string> url =
      notify::CheckFleetUrl(config.url_key_, FleetUrl(context).value_or(""));
  if (!url.ok()) return url.status();
  config.url_ = *std::move(url);
  config.headers_ = {"Content-Type: application/x-www-form-urlencoded"};
  for (const auto find :
       {&FleetConfig::FindCredentials, &FleetConfig::FindHeader, &FleetConfig::FindTls}) {
    if (absl::Status status = (config.*find)(context); !status.ok()) return status;
  }
  const absl::StatusOr<bool> allows_http =
      ParseYesNo("ALLOW_INSECURE_HTTP", context.config.GetOr("ALLOW_INSECURE_HTTP", "no"));
  if (!allows_http.ok()) return allows_http.status();
  if (config.has_credentials_ && notify::ShowsCredentials(config.url_) && !*allows_http) {
    return absl::InvalidArgumentError(
        absl::StrCat(config.url_key_,
                     ": is plain http to another machine, which would show the password or the "
                     "token to the network; use https://, or for a network of your own "
                     "ALLOW_INSECURE_HTTP=yes"));
  }
  return config;
}

void FleetConfig::AddSecret(const std::string& value) {
  // A shorter one could be an ordinary word.
  constexpr size_t kShortest = 4;
  if (value.size() >= kShortest) secrets_.emplace_back(value);
}

absl::Status FleetConfig::FindCredentials(const CommandContext& context) {
  const Config& config = context.config;
  const std::string user = config.GetOr("FLEET_USER", "");
  const std::string password_file = config.GetOr("FLEET_PASSWORD_FILE", "");
  std::string token_file = config.GetOr("FLEET_TOKEN_FILE", "");
  if (user.empty() != password_file.empty()) {
    return absl::InvalidArgumentError(
        user.empty() ? "FLEET_PASSWORD_FILE: needs FLEET_USER, whose password it has"
                     : "FLEET_USER: needs FLEET_PASSWORD_FILE, a file with the password");
  }
  if (!user.empty() && !token_file.empty()) {
    return absl::InvalidArgumentError(
        "FLEET_TOKEN_FILE: cannot be combined with FLEET_USER; an engine takes either");
  }
  if (!user.empty()) {
    const bool is_odd = std::any_of(user.begin(), user.end(),
                                    [](char c) { return c == ':' || absl::ascii_iscntrl(c); });
    if (is_odd) return absl::InvalidArgumentError("FLEET_USER: has a ':' or control characters");
    const absl::StatusOr<std::string> password = ReadSecret("FLEET_PASSWORD_FILE", password_file);
    if (!password.ok()) return password.status();
    const std::string encoded = absl::Base64Escape(absl::StrCat(user, ":", *password));
    headers_.push_back(absl::StrCat("Authorization: Basic ", encoded));
    AddSecret(*password);
    AddSecret(encoded);
    has_credentials_ = true;
    return absl::OkStatus();
  }
  if (token_file.empty()) token_file = config.CredentialFile("fleet_token");
  if (token_file.empty()) return absl::OkStatus();
  const absl::StatusOr<std::string> token = ReadSecret("FLEET_TOKEN_FILE", token_file);
  if (!token.ok()) return token.status();
  headers_.push_back(absl::StrCat("Authorization: Bearer ", *token));
  AddSecret(*token);
  has_credentials_ = true;
  return absl::OkStatus();
}

absl::Status FleetConfig::FindHeader(const CommandContext& context) {
  const std::string header = context.config.GetOr("FLEET_HEADER", "");
  if (header.empty()) return absl::OkStatus();
  const size_t colon = header.find(':');
  const absl::string_view name = absl::string_view(header).substr(0, colon);
  const absl::string_view value =
      colon == std::string::npos
          ? ""
          : absl::StripAsciiWhitespace(absl::string_view(header).substr(colon + 1));
  const bool is_odd =
      std::any_of(header.begin(), header.end(), [](char c) { return absl::ascii_iscntrl(c); });
  if (!IsHeaderName(name) || value.empty() || is_odd) {
    return absl::InvalidArgumentError(
        "FLEET_HEADER: is not NAME: VALUE; write something like X-Scope-OrgID: lab");
  }
  const std::string lower = absl::AsciiStrToLower(name);
  if (lower == "authorization" || lower == "cookie") {
    return absl::InvalidArgumentError(absl::StrCat(
        "FLEET_HEADER: ", name,
        " holds a secret, which belongs in a file: FLEET_TOKEN_FILE or FLEET_PASSWORD_FILE"));
  }
  if (lower == "content-type" || lower == "content-length" || lower == "host") {
    return absl::InvalidArgumentError(
        absl::StrCat("FLEET_HEADER: ", name, " is set by cpuagg itself"));
  }
  headers_.push_back(absl::StrCat(name, ": ", value));
  return absl::OkStatus();
}

absl::Status FleetConfig::FindTls(const CommandContext& context) {
  const Config& config = context.config;
  proxy_ = config.Get("PROXY");
  if (absl::Status status = notify::CheckProxyUrl(proxy_.value_or("")); !status.ok()) {
    return status;
  }
  ca_file_ = config.GetOr("CA_FILE", "");
  cert_file_ = config.GetOr("FLEET_CERT_FILE", "");
  key_file_ = config.GetOr("FLEET_KEY_FILE", "");
  if (!ca_file_.empty()) {
    if (absl::Status status = CheckCertificates("CA_FILE", ca_file_); !status.ok()) return status;
  }
  if (!cert_file_.empty()) {
    absl::Status status = CheckCertificates("FLEET_CERT_FILE", cert_file_);
    if (!status.ok()) return status;
  }
  if (key_file_.empty()) return absl::OkStatus();
  if (cert_file_.empty()) {
    return absl::InvalidArgumentError(
        "FLEET_KEY_FILE: needs FLEET_CERT_FILE, the certificate that it is the key of");
  }
  const absl::StatusOr<SettingsFile> key = ReadSettingsFile(key_file_);
  if (!key.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("FLEET_KEY_FILE: ", key.status().message()));
  }
  if (key->is_open_to_everybody) {
    return absl::FailedPreconditionError(
        absl::StrCat("FLEET_KEY_FILE: ", key_file_,
                     ": is open to everybody on this machine; run chmod o= ", key_file_));
  }
  return absl::OkStatus();
}

notify::CurlHttpClient FleetConfig::MakeHttpClient() const {
  // Plain http is for an engine in one's own network. A proxy would see the password.
  const bool is_http = absl::StartsWith(url_, "http://");
  return notify::CurlHttpClient({.user_agent = absl::StrCat("cpuagg/", kVersion),
                                 .proxy = is_http ? "" : proxy_,
                                 .allow_http = is_http,
                                 .ca_file = ca_file_,
                                 .cert_file = cert_file_,
                                 .key_file = key_file_,
                                 .url_key = url_key_});
}

notify::Engine FleetConfig::MakeEngine(notify::HttpClient& http) const {
  return {http, {.url = url_, .headers = headers_, .secrets = secrets_}};
}

}  // namespace cpuagg::tools
