#include "notify/testing/bot_api/api_reply.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "notify/testing/net/http_message.h"

namespace cpuagg::notify::testing {
namespace {

// Like the real server, in ASCII: other characters are escaped as \uXXXX.
std::string ToAscii(const nlohmann::json& json) {
  return json.dump(/*indent=*/-1, /*indent_char=*/' ', /*ensure_ascii=*/true,
                   nlohmann::json::error_handler_t::replace);
}

// The HTTP status, and what descriptions begin with.
std::pair<int, absl::string_view> HttpStatus(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
      return {400, "Bad Request"};
    case absl::StatusCode::kUnauthenticated:
      return {401, "Unauthorized"};
    case absl::StatusCode::kNotFound:
      return {404, "Not Found"};
    case absl::StatusCode::kResourceExhausted:
      return {413, "Request Entity Too Large"};
    default:
      return {500, "Internal Server Error"};
  }
}

}  // namespace

HttpReply SuccessReply(const nlohmann::json& result) {
  return {.body = ToAscii({{"ok", true}, {"result", result}})};
}

HttpReply Error(int error_code, absl::string_view description, const nlohmann::json& parameters) {
  nlohmann::json body = {
      {"ok", false}, {"error_code", error_code}, {"description", std::string(description)}};
  if (!parameters.is_null()) body["parameters"] = parameters;
  return {.status_code = error_code, .body = ToAscii(body)};
}

HttpReply StatusReply(const absl::Status& error) {
  const auto [code, reason] = HttpStatus(error.code());
  if (error.message().empty()) return Error(code, reason);
  return Error(code, absl::StrCat(reason, ": ", error.message()));
}

}  // namespace cpuagg::notify::testing
