// Parses the part of a URL that names the machine: HOST, HOST:PORT or [IPv6]:PORT.

#ifndef CPUAGG_NOTIFY_HTTP_HOST_PORT_H_
#define CPUAGG_NOTIFY_HTTP_HOST_PORT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cpuagg::notify {

// The host of `text`, with the brackets of an IPv6 address. InvalidArgument if there is no host, if
// the brackets do not enclose an IPv6 address, or if the port is not a number from 1 to 65535. The
// message can follow the name of a setting, and does not show its value.
absl::StatusOr<std::string> HostOf(absl::string_view text);

// Whether `host`, from HostOf(), is always this machine, whatever a name server says.
bool IsThisMachine(const std::string& host);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_HTTP_HOST_PORT_H_
