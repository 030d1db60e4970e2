// The address of a proxy.

#ifndef CPUAGG_NOTIFY_HTTP_PROXY_URL_H_
#define CPUAGG_NOTIFY_HTTP_PROXY_URL_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace cpuagg::notify {

// Checks PROXY. InvalidArgument, which does not show it, unless it is empty or has a scheme that is
// spoken here, a host and at most a user, a password and a port besides. What libcurl would make of
// a password with a '/' or '@' of its own is a host of which a name server is asked.
absl::Status CheckProxyUrl(absl::string_view url);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_HTTP_PROXY_URL_H_
