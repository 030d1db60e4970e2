// Checks the URL of a proxy.

#ifndef CPUAGG_NOTIFY_HTTP_PROXY_URL_H_
#define CPUAGG_NOTIFY_HTTP_PROXY_URL_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace cpuagg::notify {

// Checks PROXY. OK if it is empty, or if it has a supported scheme, a host, and at most a user, a
// password and a port besides. Else InvalidArgument; the message does not show the URL. A '/' or
// '@' inside a password would make libcurl take part of the password for a host, and send it to a
// name server.
absl::Status CheckProxyUrl(absl::string_view url);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_HTTP_PROXY_URL_H_
