// The ways in which a server can fail its client, and a queue of such faults.
//
//   api->Enqueue({TooManyRequests(2)});
//   api->Enqueue({.action = CloseAfterReading{}, .only_chat = "-1001", .deliver = true});

#ifndef CPUAGG_NOTIFY_TESTING_BOT_API_FAULT_H_
#define CPUAGG_NOTIFY_TESTING_BOT_API_FAULT_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "notify/testing/bot_api/api_reply.h"  // IWYU pragma: export
#include "notify/testing/net/http_message.h"

namespace cpuagg::notify::testing {

// Reads this many bytes of the request, or all of it if that is less, then resets the connection
// (a TCP RST, not a FIN).
struct ResetMidUpload {
  size_t after_bytes = 1;
};

// Reads the whole request, then stays silent until the client goes away or the server stops.
struct NeverReply {};

// Closes the connection before reading anything.
struct CloseOnAccept {};

// Reads the whole request, sends these bytes, whatever they are, and closes.
struct RawReply {
  std::string bytes = {};
  size_t padding = 0;  // this many bytes more, or until the client goes away or the server stops
};

// Closes without a reply.
struct CloseAfterReading : RawReply {};

// Begins a successful reply of unknown length and hardly gets to its end.
struct EndlessBody : RawReply {
  explicit EndlessBody(size_t max_bytes = size_t{256} << 20);
};

// Announces `missing_bytes` more than the body has.
struct TruncatedReply : RawReply {
  explicit TruncatedReply(const std::string& body, size_t missing_bytes = 1);
};

// An HttpReply, such as those of api_reply.h, is sent as it is, whatever it says.
using FaultAction = std::variant<HttpReply, ResetMidUpload, NeverReply, CloseOnAccept, RawReply>;

struct Fault {
  FaultAction action;
  // Applies only to a request with this chat_id; empty: any request. Ignored by CloseOnAccept and
  // ResetMidUpload, which act before the chat_id is known.
  std::string only_chat = {};
  // Whether the request is carried out all the same, so that the message is in the chat although
  // the client does not learn of it. Ignored by CloseOnAccept and ResetMidUpload.
  bool deliver = false;
};

// 429 with retry_after, in the body and as a Retry-After header.
HttpReply TooManyRequests(int64_t retry_after_seconds);

// 400 with migrate_to_chat_id: the group has become a supergroup.
HttpReply Migrated(int64_t new_chat_id);

// 502 in the form of a proxy's page, which contains `url`.
HttpReply BadGatewayPage(absl::string_view url);

// 302 to `location`.
HttpReply Redirect(absl::string_view location);

// Applies faults in the order in which they were added, one per request. Thread-compatible.
class FaultQueue {
 public:
  void Add(Fault fault);

  // The fault for a new connection, for a request that is about to be read, and for one that was
  // read. A CloseOnAccept or a ResetMidUpload waits until it is first in the queue. A request skips
  // faults for other chats, but neither of those two.
  bool TakeCloseOnAccept();
  std::optional<ResetMidUpload> TakeResetMidUpload();
  std::optional<Fault> TakeForRequest(absl::string_view chat_id);

  bool empty() const { return faults_.empty(); }

 private:
  std::deque<Fault> faults_;
};

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_BOT_API_FAULT_H_
