// Checks the URL of a server of metrics, and finds the address for queries.

#ifndef CPUAGG_NOTIFY_FLEET_RECEIVER_URL_H_
#define CPUAGG_NOTIFY_FLEET_RECEIVER_URL_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cpuagg::notify {

// Checks the URL of a receiver of remote write: https or http with a host and the whole path, and
// nothing else. With `needs_tls` (credentials go there), http is only for this machine. Else
// InvalidArgument; the message can follow the name of a setting, and does not show the URL, which
// may hold a password.
absl::Status CheckReceiverUrl(absl::string_view url, bool needs_tls);

// The base of the query API of the receiver at `url`: what comes before /api/v1/query.
// InvalidArgument if it cannot be told from the URL.
absl::StatusOr<std::string> QueryBaseOf(absl::string_view url);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_FLEET_RECEIVER_URL_H_
