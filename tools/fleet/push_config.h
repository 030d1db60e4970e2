// PushConfig: where to push hours, from the configuration: PUSH_URL and what belongs to it.

#ifndef CPUAGG_TOOLS_FLEET_PUSH_CONFIG_H_
#define CPUAGG_TOOLS_FLEET_PUSH_CONFIG_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "notify/fleet/push_delivery.h"
#include "notify/http/curl_http_client.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools {

struct PushConfig {
  notify::Receiver receiver;
  std::string header;  // PUSH_HEADER
  notify::CurlHttpClient::Options http;
  size_t top = 0;             // PUSH_TOP
  absl::Duration lifetime;    // EXPIRE_AFTER
  absl::Duration run_budget;  // SEND_WITHIN
};

// Whether hours are to be pushed: PUSH_URL is set.
bool WantsPush(const CommandContext& context);

// Only what belongs to the receiver alone: its URL, which may not be set, credentials and
// users. Errors as below.
absl::StatusOr<PushConfig> FindReceiver(const CommandContext& context);

// InvalidArgument names the key or flag with the wrong value; FailedPrecondition and others for
// files of secrets that are missing or unsafe. No message has a secret.
absl::StatusOr<PushConfig> FindPushConfig(const CommandContext& context);

// Where to ask for what was pushed: PUSH_QUERY_URL, or what follows from the URL of `config`. The
// URL is the base of the query API.
absl::StatusOr<notify::Receiver> FindQueryAddress(const CommandContext& context,
                                                  const PushConfig& config);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_FLEET_PUSH_CONFIG_H_
