#include "tools/config/telegram_config.h"

#include <array>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "notify/http/proxy_url.h"
#include "notify/telegram/api_url.h"
#include "tools/config/ca_file.h"
#include "tools/config/time_argument.h"
#include "tools/config/version.h"

namespace cpuagg::tools {
namespace {

// The choice that `key` names; the first of `choices` if the key is not set.
template <typename T, size_t kCount>
absl::StatusOr<T> Choose(const CommandContext& context, absl::string_view key,
                         const std::array<std::pair<const char*, T>, kCount>& choices) {
  const std::string value = context.config.GetOr(key, choices[0].first);
  for (const auto& [name, choice] : choices) {
    if (value == name) return choice;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      key, ": '", value, "' is not one of ",
      absl::StrJoin(choices, ", ",
                    [](std::string* text, const auto& choice) { text->append(choice.first); })));
}

}  // namespace

absl::StatusOr<DeliveryConfig> FindDeliveryConfig(const CommandContext& context) {
  using notify::FullTable;
  using notify::Guarantee;
  using notify::SendAs;
  DeliveryConfig settings;
  settings.compose.now = context.now;
  const absl::StatusOr<SendAs> send_as = Choose<SendAs, 3>(
      context, "SEND_AS",
      {{{"photo", SendAs::kPhoto}, {"document", SendAs::kDocument}, {"text", SendAs::kText}}});
  if (!send_as.ok()) return send_as.status();
  settings.compose.send_as = *send_as;
  const absl::StatusOr<FullTable> full_table = Choose<FullTable, 3>(
      context, "FULL_TABLE",
      {{{"csv", FullTable::kCsv}, {"parts", FullTable::kParts}, {"none", FullTable::kNowhere}}});
  if (!full_table.ok()) return full_table.status();
  settings.compose.full_table = *full_table;
  const absl::StatusOr<bool> silent = ParseYesNo("SILENT", context.config.GetOr("SILENT", "no"));
  if (!silent.ok()) return silent.status();
  settings.compose.is_silent = *silent;
  const absl::StatusOr<absl::Duration> lifetime =
      ParseLength("EXPIRE_AFTER", context.config.GetOr("EXPIRE_AFTER", "3d"));
  if (!lifetime.ok()) return lifetime.status();
  settings.compose.lifetime = *lifetime;
  const absl::StatusOr<Guarantee> guarantee = Choose<Guarantee, 2>(
      context, "DELIVERY",
      {{{"at-least-once", Guarantee::kAtLeastOnce}, {"at-most-once", Guarantee::kAtMostOnce}}});
  if (!guarantee.ok()) return guarantee.status();
  settings.guarantee = *guarantee;
  const absl::StatusOr<absl::Duration> run_budget =
      ParseLength("SEND_WITHIN", context.config.GetOr("SEND_WITHIN", "5m"));
  if (!run_budget.ok()) return run_budget.status();
  settings.run_budget = *run_budget;
  absl::StatusOr<notify::AlertLimits> limits =
      notify::ParseAlertLimits(context.config.GetOr("ALERT_CPU_HOURS", ""));
  if (!limits.ok()) return limits.status();
  settings.alert_limits = *std::move(limits);
  const absl::StatusOr<const char*> period = Choose<const char*, 4>(
      context, "ALERT_PERIOD",
      {{{"day", "day"}, {"hour", "hour"}, {"week", "week"}, {"month", "month"}}});
  if (!period.ok()) return period.status();
  settings.alert_period = *period;
  return settings;
}

absl::StatusOr<TelegramConfig> TelegramConfig::FindServer(const CommandContext& context) {
  TelegramConfig destination;
  destination.configuration_ = context.config.path();
  destination.token_origin_ = context.config.TokenOrigin();
  const absl::StatusOr<bool> allows_http =
      ParseYesNo("ALLOW_INSECURE_HTTP", context.config.GetOr("ALLOW_INSECURE_HTTP", "no"));
  if (!allows_http.ok()) return allows_http.status();
  absl::StatusOr<std::string> url = notify::CheckApiUrl(
      context.config.GetOr("TELEGRAM_API_URL", "https://api.telegram.org"), *allows_http);
  if (!url.ok()) return url.status();
  destination.api_url_ = *std::move(url);
  destination.proxy_ = context.config.Get("PROXY");
  if (absl::Status status = notify::CheckProxyUrl(destination.proxy_.value_or("")); !status.ok()) {
    return status;
  }
  destination.ca_file_ = context.config.GetOr("CA_FILE", "");
  if (!destination.ca_file_.empty()) {
    if (absl::Status status = CheckCertificates("CA_FILE", destination.ca_file_); !status.ok())
      return status;
  }
  return destination;
}

absl::StatusOr<TelegramConfig> TelegramConfig::Find(const CommandContext& context) {
  absl::StatusOr<TelegramConfig> destination = FindServer(context);
  if (!destination.ok()) return destination;
  const std::optional<std::string> chat_id = context.config.Get("CHAT_ID");
  if (!chat_id.has_value() && !context.flags.pending) {
    return absl::FailedPreconditionError(absl::StrCat("there is no chat to send to",
                                                      context.config.InFile(),
                                                      "; set CHAT_ID there or in the environment"));
  }
  if (chat_id.has_value()) {
    absl::StatusOr<std::vector<notify::Chat>> chats = notify::ParseChats(*chat_id);
    if (!chats.ok()) return chats.status();
    destination->chats_ = *std::move(chats);
  }
  absl::StatusOr<notify::Secret> token = context.config.BotToken();
  if (!token.ok()) return token.status();
  destination->token_ = *std::move(token);
  return destination;
}

notify::CurlHttpClient TelegramConfig::MakeHttpClient() const {
  // Plain http is for a server on this machine or in one's own network. A proxy would see the
  // token.
  const bool is_http = absl::StartsWith(api_url_, "http://");
  return notify::CurlHttpClient({.user_agent = absl::StrCat("cpuagg/", kVersion),
                                 .proxy = is_http ? "" : proxy_,
                                 .allow_http = is_http,
                                 .ca_file = ca_file_});
}

}  // namespace cpuagg::tools
