// The part of an address that says which machine is meant: HOST, HOST:PORT or [IPv6]:PORT.

#ifndef CPUAGG_NOTIFY_HTTP_HOST_PORT_H_
#define CPUAGG_NOTIFY_HTTP_HOST_PORT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cpuagg::notify {

// The host of `text`, with the brackets of an IPv6 address. InvalidArgument says what is wrong, in
// words that can follow the name of a setting and do not show its value: that there is no host,
// that the brackets are not around an IPv6 address, or that the port is not a number from 1 to
// 65535.
absl::StatusOr<std::string> HostOf(absl::string_view text);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_HTTP_HOST_PORT_H_
