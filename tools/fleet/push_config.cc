#include "tools/fleet/push_config.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "notify/fleet/receiver_url.h"
#include "notify/http/proxy_url.h"
#include "tools/config/ca_file.h"
#include "tools/config/config.h"
#include "tools/config/server_login.h"
#include "tools/config/time_argument.h"
#include "tools/config/version.h"

namespace cpuagg::tools {
namespace {

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
  const absl::StatusOr<ServerLogin> login = FindServerLogin(config, "PUSH");
  if (!login.ok()) return login.status();
  push.header = login->header;
  push.receiver.headers = login->Headers();
  push.receiver.secrets = login->secrets;
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
