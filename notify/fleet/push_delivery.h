// DeliverPush: sends what PlanPush() has planned, and writes down what the receiver accepted.
//
// A receiver may refuse a whole request because of one sample. Such a request is divided, newer
// hours first, until what is refused is alone: it is set aside, and holds nothing else.

#ifndef CPUAGG_NOTIFY_FLEET_PUSH_DELIVERY_H_
#define CPUAGG_NOTIFY_FLEET_PUSH_DELIVERY_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "notify/fleet/push_plan.h"
#include "notify/fleet/push_state.h"
#include "notify/http/http_client.h"

namespace cpuagg::notify {

// Where to send, and how.
struct Receiver {
  std::string url;
  std::vector<std::string> headers = {};  // "Authorization: …", which nothing shows
  std::vector<std::string> secrets = {};  // replaced in what the receiver answers
};

struct PushOptions {
  absl::Time now;
  // For how long a receiver may fail for an hour, while it accepts others, until that is given up.
  absl::Duration lifetime = absl::Hours(72);
  absl::Duration run_budget = absl::Minutes(5);
  // Not the wall clock, which may be set.
  std::function<absl::Duration()> stopwatch;
};

enum class PushEnd {
  kDone,       // all that could be sent, though some may have been set aside
  kPostponed,  // the next run goes on
  kRefused,    // somebody has to change something first
};

struct PushSummary {
  PushEnd end = PushEnd::kDone;
  uint64_t samples = 0;  // accepted
  uint64_t hours = 0;    // accepted, completely or apart from what was set aside
  uint64_t requests = 0;
  // What was set aside or given up, and why.
  std::vector<std::string> problems;
  // Why not everything was sent; empty if `end` is kDone.
  std::string reason;
};

// Changes `state` to what the receiver has now. Call only if the plan has something.
PushSummary DeliverPush(const PushPlan& plan, const Receiver& receiver, const PushOptions& options,
                        HttpClient& http, PushState& state);

// The first line of what a server answered, printable and without `secrets`.
std::string AnswerText(const std::string& body, const std::vector<std::string>& secrets);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_FLEET_PUSH_DELIVERY_H_
