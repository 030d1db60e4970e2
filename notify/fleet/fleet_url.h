// Checks the URL of a fleet's engine.

#ifndef CPUAGG_NOTIFY_FLEET_FLEET_URL_H_
#define CPUAGG_NOTIFY_FLEET_FLEET_URL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cpuagg::notify {

// `url` without slashes at its end and without /api/v1/query, which is added to it. InvalidArgument
// unless it is http:// or https:// with a host, maybe a port, and maybe a path. `name` is that of
// the flag or key, for the error, which does not show the URL: it might hold a password.
absl::StatusOr<std::string> CheckFleetUrl(absl::string_view name, absl::string_view url);

// Whether credentials that go to `url`, which CheckFleetUrl() returned, can be read on the way: it
// is plain http to another machine.
bool ShowsCredentials(absl::string_view url);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_FLEET_FLEET_URL_H_
