// What the Bot API answers to a call, without any network: the rules of the fake server.
//
//   BotApiRules rules({.token = "123:..."});
//   CallResult result = rules.Handle({"123:...", "sendMessage"}, request.fields);
//   // result.reply is what the real server would say
//
// Implements getMe, getChat, getUpdates (at once, by limit and offset), sendMessage, sendPhoto and
// sendDocument after core.telegram.org/bots/api, and the server's source
// (github.com/tdlib/telegram-bot-api) for the words of the errors and the order of the checks. Rate
// limits are not simulated.

#ifndef CPUAGG_NOTIFY_TESTING_BOT_API_BOT_API_RULES_H_
#define CPUAGG_NOTIFY_TESTING_BOT_API_BOT_API_RULES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "notify/testing/bot_api/chat.h"
#include "notify/testing/bot_api/file_store.h"
#include "notify/testing/net/http_message.h"

namespace cpuagg::notify::testing {

// The limit of all parameters that are not files together (telegram-bot-api's HTTP server).
inline constexpr size_t kMaxFieldBytes = size_t{1} << 20;

// The token and the method that a request names: "/bot<token>/<method>".
struct CallTarget {
  std::string token;   // empty when the path is no call at all
  std::string method;  // as sent

  static CallTarget Parse(absl::string_view path);
};

struct CallResult {
  HttpReply reply;
  // What the chat shows of the text or caption, also when it was refused as too long; empty when
  // it could not be parsed.
  std::string visible_text;
  // Of the message that is now in the chat; 0 when the call put none there.
  int64_t message_id = 0;
};

// Thread-compatible.
class BotApiRules {
 public:
  struct Options {
    std::string token;
    // Ids and "@names"; empty: any well-formed chat is known.
    std::vector<std::string> known_chats = {};
    // Those that wait to be fetched, in the order of their update_id.
    std::vector<nlohmann::json> updates = {};
    std::function<absl::Time()> clock = absl::Now;
  };

  explicit BotApiRules(Options options)
      : options_(std::move(options)), updates_(options_.updates) {}

  void AddUpdate(nlohmann::json update) { updates_.push_back(std::move(update)); }

  // Carries out a call. `fields` may be the error of parsing them, which is answered like any
  // other.
  CallResult Handle(const CallTarget& target, const absl::StatusOr<Fields>& fields);

 private:
  absl::StatusOr<nlohmann::json> Call(const CallTarget& target,
                                      const absl::StatusOr<Fields>& fields, CallResult& result);
  nlohmann::json GetMe() const;
  absl::StatusOr<nlohmann::json> GetChat(const Fields& fields) const;
  // Forgets those before `offset`, as the real server does.
  absl::StatusOr<nlohmann::json> GetUpdates(const Fields& fields);
  absl::StatusOr<nlohmann::json> SendMessage(const Fields& fields, CallResult& result);
  absl::StatusOr<nlohmann::json> SendFile(absl::string_view kind, const Fields& fields,
                                          CallResult& result);

  // Checks what all messages have in common; the chat.
  absl::StatusOr<Chat> FindDestination(const Fields& fields) const;
  absl::Status CheckReply(const Fields& fields, const Chat& chat) const;

  // Puts a message into `chat`: an object with what all messages have in common.
  nlohmann::json Post(const Chat& chat, CallResult& result);

  const Options options_;
  std::vector<nlohmann::json> updates_;
  FileStore files_;
  int64_t last_message_id_ = 0;
  std::set<std::pair<int64_t, int64_t>> messages_;  // chat, message
};

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_BOT_API_BOT_API_RULES_H_
