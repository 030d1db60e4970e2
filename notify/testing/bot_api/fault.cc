#include "notify/testing/bot_api/fault.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "notify/testing/bot_api/api_reply.h"
#include "notify/testing/net/http_message.h"

namespace cpuagg::notify::testing {

EndlessBody::EndlessBody(size_t max_bytes)
    : RawReply{
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
          R"({"ok":true,"result":{"text":")",
          max_bytes} {}

TruncatedReply::TruncatedReply(const std::string& body, size_t missing_bytes)
    : RawReply{absl::StrCat("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ",
                            body.size() + missing_bytes, "\r\n\r\n", body)} {}

HttpReply TooManyRequests(int64_t retry_after_seconds) {
  HttpReply reply = Error(429, absl::StrCat("Too Many Requests: retry after ", retry_after_seconds),
                          {{"retry_after", retry_after_seconds}});
  reply.extra_headers["Retry-After"] = absl::StrCat(retry_after_seconds);
  return reply;
}

HttpReply Migrated(int64_t new_chat_id) {
  return Error(400, "Bad Request: group chat was upgraded to a supergroup chat",
               {{"migrate_to_chat_id", new_chat_id}});
}

HttpReply BadGatewayPage(absl::string_view url) {
  return {.status_code = 502,
          .body = absl::StrCat("<html><head><title>502 Bad Gateway</title></head><body>", url,
                               "</body></html>\n"),
          .content_type = "text/html"};
}

HttpReply Redirect(absl::string_view location) {
  return {.status_code = 302,
          .body = "",
          .content_type = "text/html",
          .extra_headers = {{"Location", std::string(location)}}};
}

void FaultQueue::Add(Fault fault) { faults_.push_back(std::move(fault)); }

bool FaultQueue::TakeCloseOnAccept() {
  if (faults_.empty() || !std::holds_alternative<CloseOnAccept>(faults_.front().action)) {
    return false;
  }
  faults_.pop_front();
  return true;
}

std::optional<ResetMidUpload> FaultQueue::TakeResetMidUpload() {
  if (faults_.empty()) return std::nullopt;
  const auto* reset = std::get_if<ResetMidUpload>(&faults_.front().action);
  if (reset == nullptr) return std::nullopt;
  const ResetMidUpload taken = *reset;
  faults_.pop_front();
  return taken;
}

std::optional<Fault> FaultQueue::TakeForRequest(absl::string_view chat_id) {
  for (auto it = faults_.begin(); it != faults_.end(); ++it) {
    if (std::holds_alternative<CloseOnAccept>(it->action) ||
        std::holds_alternative<ResetMidUpload>(it->action)) {
      return std::nullopt;
    }
    if (!it->only_chat.empty() && it->only_chat != chat_id) continue;
    Fault taken = std::move(*it);
    faults_.erase(it);
    return taken;
  }
  return std::nullopt;
}

}  // namespace cpuagg::notify::testing
