// CheckPushed: asks a receiver for the hours that it was sent last, and compares them. A receiver
// may say that it has accepted samples that it then drops, for example those before its retention.

#ifndef CPUAGG_NOTIFY_FLEET_PUSH_CHECK_H_
#define CPUAGG_NOTIFY_FLEET_PUSH_CHECK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "notify/fleet/push_delivery.h"
#include "notify/fleet/push_state.h"
#include "notify/http/http_client.h"

namespace cpuagg::notify {

struct PushCheck {
  uint64_t hours = 0;      // that were compared
  uint64_t set_aside = 0;  // that were not, since the receiver has refused some of them
  std::vector<std::string> differences;  // one for each hour that is not the same
  std::string warning;                   // of the receiver: its answer may be partial
};

// Compares the newest hours of `state`, of one machine, a week of them at most. The URL of `asked`
// is the base of the query API. Errors as for HttpClient::Post(); FailedPrecondition if the answer
// is not one.
absl::StatusOr<PushCheck> CheckPushed(const PushState& state, const Receiver& asked,
                                      HttpClient& http);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_FLEET_PUSH_CHECK_H_
