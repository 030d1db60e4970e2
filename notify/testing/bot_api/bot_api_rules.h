// BotApiRules: the Bot API's answers to calls, without any network: the rules of the fake server.
//
//   BotApiRules rules({.token = "123:..."});
//   CallResult result = rules.Handle({"123:...", "sendMessage"}, request.fields);
//   // result.reply is what the real server would say
//
// Implements getMe, getChat, getUpdates (without waiting, with limit and offset), sendMessage,
// sendPhoto and sendDocument. The rules are those of core.telegram.org/bots/api; the texts of the
// errors and the order of the checks are those of the server's source
// (github.com/tdlib/telegram-bot-api). Rate limits are not simulated.

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

// The limit of the total size of all parameters that are not files (telegram-bot-api's HTTP
// server).
inline constexpr size_t kMaxFieldBytes = size_t{1} << 20;

// The token and the method that a request names: "/bot<token>/<method>".
struct CallTarget {
  std::string token;   // empty if the path is not a call
  std::string method;  // as sent

  static CallTarget Parse(absl::string_view path);
};

struct CallResult {
  HttpReply reply;
  // The visible text or caption, even if it was refused as too long; empty if it could not be
  // parsed.
  std::string visible_text;
  // The id of the message that is now in the chat; 0 if the call did not add one.
  int64_t message_id = 0;
};

// Thread-compatible.
class BotApiRules {
 public:
  struct Options {
    std::string token;
    // Ids and "@names"; empty: any well-formed chat is known.
    std::vector<std::string> known_chats = {};
    // The updates that have not been fetched, in the order of their update_id.
    std::vector<nlohmann::json> updates = {};
    std::function<absl::Time()> clock = absl::Now;
  };

  explicit BotApiRules(Options options)
      : options_(std::move(options)), updates_(options_.updates) {}

  void AddUpdate(nlohmann::json update) { updates_.push_back(std::move(update)); }

  // Answers a call. `fields` may be a parse error, which gets an answer like any other.
  CallResult Handle(const CallTarget& target, const absl::StatusOr<Fields>& fields);

 private:
  absl::StatusOr<nlohmann::json> Call(const CallTarget& target,
                                      const absl::StatusOr<Fields>& fields, CallResult& result);
  nlohmann::json GetMe() const;
  absl::StatusOr<nlohmann::json> GetChat(const Fields& fields) const;
  // Forgets updates before `offset`, like the real server.
  absl::StatusOr<nlohmann::json> GetUpdates(const Fields& fields);
  absl::StatusOr<nlohmann::json> SendMessage(const Fields& fields, CallResult& result);
  absl::StatusOr<nlohmann::json> SendFile(absl::string_view kind, const Fields& fields,
                                          CallResult& result);

  // Check what all messages have in common; return the chat.
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
