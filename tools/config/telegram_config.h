// TelegramConfig: where and how the configuration says that reports are sent.

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

// How reports are sent: SEND_AS, FULL_TABLE, SILENT, EXPIRE_AFTER, DELIVERY, SEND_WITHIN,
// ALERT_CPU_HOURS and ALERT_PERIOD.
struct DeliveryConfig {
  notify::MessageOptions compose;
  notify::Guarantee guarantee = notify::Guarantee::kAtLeastOnce;
  absl::Duration run_budget;  // as of notify::DeliveryOptions
  notify::AlertLimits alert_limits;
  std::string alert_period;
};

// InvalidArgument names the key that is wrong.
absl::StatusOr<DeliveryConfig> FindDeliveryConfig(const CommandContext& context);

// Where they are sent: TELEGRAM_API_URL, BOT_TOKEN, CHAT_ID, PROXY and CA_FILE.
class TelegramConfig {
 public:
  // InvalidArgument for what is malformed, FailedPrecondition and others for what is missing or
  // unsafe.
  static absl::StatusOr<TelegramConfig> Find(const CommandContext& context);
  // The same without token and chats: the server, and the way to it.
  static absl::StatusOr<TelegramConfig> FindServer(const CommandContext& context);

  const std::vector<notify::Chat>& chats() const { return chats_; }
  const std::string& api_url() const { return api_url_; }
  // The configuration file that this is from; empty if there is none.
  const std::string& configuration() const { return configuration_; }
  // Where the configured token is from: Config::TokenOrigin().
  const std::string& token_origin() const { return token_origin_; }

  // Both are for the life of this object.
  notify::CurlHttpClient MakeHttpClient() const;
  notify::BotApi MakeApi(notify::HttpClient& http) const { return MakeApi(http, token_); }
  // With another token than the configuration's.
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
