// The JSON envelopes that every reply of the Bot API comes in
// (core.telegram.org/bots/api#making-requests).

#ifndef CPUAGG_NOTIFY_TESTING_BOT_API_API_REPLY_H_
#define CPUAGG_NOTIFY_TESTING_BOT_API_API_REPLY_H_

#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "notify/testing/net/http_message.h"

namespace cpuagg::notify::testing {

// {"ok":true,"result":...}
HttpReply SuccessReply(const nlohmann::json& result);

// {"ok":false,"error_code":...,"description":...}, with that HTTP status too, and with
// "parameters" unless they are null.
HttpReply Error(int error_code, absl::string_view description,
                const nlohmann::json& parameters = nullptr);

// The reply that a refused call gets: 400 for InvalidArgument, 401 for Unauthenticated, 404 for
// NotFound, 413 for ResourceExhausted and 500 for anything else, described
// as "Bad Request: " and so on, followed by the message of `error` if it has one.
HttpReply StatusReply(const absl::Status& error);

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_BOT_API_API_REPLY_H_
