#include "tools/config/fleet_config.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "notify/fleet/fleet_url.h"
#include "notify/http/proxy_url.h"
#include "tools/config/ca_file.h"
#include "tools/config/server_login.h"
#include "tools/config/settings_file.h"
#include "tools/config/version.h"

namespace cpuagg::tools {

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
  for (const auto find : {&FleetConfig::FindLogin, &FleetConfig::FindTls}) {
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

absl::Status FleetConfig::FindLogin(const CommandContext& context) {
  const absl::StatusOr<ServerLogin> login = FindServerLogin(context.config, "FLEET");
  if (!login.ok()) return login.status();
  for (const std::string& line : login->Headers()) headers_.push_back(line);
  has_credentials_ = !login->authorization.empty();
  // A shorter one could be an ordinary word.
  constexpr size_t kShortest = 4;
  for (const std::string& secret : login->secrets) {
    if (secret.size() >= kShortest) secrets_.emplace_back(secret);
  }
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
