#include "notify/testing/bot_api/api_reply.h"

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "notify/testing/net/http_reply.h"

namespace cpuagg::notify::testing {
namespace {

// Like the real server, in ASCII: other characters are escaped as \uXXXX.
std::string ToAscii(const nlohmann::json& json) {
  return json.dump(/*indent=*/-1, /*indent_char=*/' ', /*ensure_ascii=*/true,
                   nlohmann::json::error_handler_t::replace);
}

int HttpCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kUnimplemented:
      return 405;
    case absl::StatusCode::kResourceExhausted:
      return 413;
    default:
      return 500;
  }
}

}  // namespace

HttpReply SuccessReply(const nlohmann::json& result) {
  return {.body = ToAscii({{"ok", true}, {"result", result}})};
}

HttpReply ErrorReply(int error_code, absl::string_view description,
                     const nlohmann::json& parameters) {
  nlohmann::json body = {
      {"ok", false}, {"error_code", error_code}, {"description", std::string(description)}};
  if (!parameters.is_null()) body["parameters"] = parameters;
  return {.status_code = error_code, .body = ToAscii(body)};
}

HttpReply StatusReply(const absl::Status& error) {
  const int code = HttpCode(error.code());
  const absl::string_view reason = ReasonPhrase(code);
  if (error.message().empty()) return ErrorReply(code, reason);
  return ErrorReply(code, absl::StrCat(reason, ": ", error.message()));
}

}  // namespace cpuagg::notify::testing
