// TelegramConfig and DeliveryConfig: where and how to send reports, from the configuration.

#ifndef CPUAGG_TOOLS_CONFIG_TELEGRAM_CONFIG_H_
#define CPUAGG_TOOLS_CONFIG_TELEGRAM_CONFIG_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "notify/http/curl_http_client.h"
#include "notify/outbox/delivery.h"
#include "notify/outgoing/alert.h"
#include "notify/outgoing/build_messages.h"
#include "notify/telegram/bot_api.h"
#include "notify/telegram/chat.h"
#include "notify/telegram/secret.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools {

// How to send reports: SEND_AS, FULL_TABLE, SILENT, EXPIRE_AFTER, DELIVERY, SEND_WITHIN,
// ALERT_CPU_HOURS and ALERT_PERIOD.
struct DeliveryConfig {
  notify::MessageOptions compose;
  notify::Guarantee guarantee = notify::Guarantee::kAtLeastOnce;
  absl::Duration run_budget;  // see notify::DeliveryOptions
  notify::AlertLimits alert_limits;
  std::string alert_period;
};

// InvalidArgument names the key with the invalid value.
absl::StatusOr<DeliveryConfig> FindDeliveryConfig(const CommandContext& context);

// Where to send reports: TELEGRAM_API_URL, BOT_TOKEN, CHAT_ID, PROXY and CA_FILE.
class TelegramConfig {
 public:
  // InvalidArgument for malformed settings; FailedPrecondition and others for missing or unsafe
  // ones.
  static absl::StatusOr<TelegramConfig> Find(const CommandContext& context);
  // The same without token and chats: only the server and how to reach it.
  static absl::StatusOr<TelegramConfig> FindServer(const CommandContext& context);

  const std::vector<notify::Chat>& chats() const { return chats_; }
  const std::string& api_url() const { return api_url_; }
  // The configuration file in use; empty if there is none.
  const std::string& configuration() const { return configuration_; }
  // The origin of the token: Config::TokenOrigin().
  const std::string& token_origin() const { return token_origin_; }

  // This object must outlive the results of both.
  notify::CurlHttpClient MakeHttpClient() const;
  notify::BotApi MakeApi(notify::HttpClient& http) const { return MakeApi(http, token_); }
  // With another token than the configured one.
  notify::BotApi MakeApi(notify::HttpClient& http, notify::Secret token) const {
    return {http, api_url_, std::move(token)};
  }

 private:
  std::string configuration_;
  std::string api_url_;
  notify::Secret token_;
  std::string token_origin_;
  std::vector<notify::Chat> chats_;
  std::optional<std::string> proxy_;
  std::string ca_file_;
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_TELEGRAM_CONFIG_H_
