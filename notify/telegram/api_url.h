// Checks the URL of a Bot API server.

#ifndef CPUAGG_NOTIFY_TELEGRAM_API_URL_H_
#define CPUAGG_NOTIFY_TELEGRAM_API_URL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cpuagg::notify {

// Checks TELEGRAM_API_URL and returns it without a trailing slash. The URL must be https with only
// a host, a port (1 to 65535) and a path, or http to this machine or, with `allow_insecure`, to
// any. Else InvalidArgument; the message does not show the URL.
absl::StatusOr<std::string> CheckApiUrl(absl::string_view url, bool allow_insecure = false);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_TELEGRAM_API_URL_H_
