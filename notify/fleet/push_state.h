// PushState: what a receiver of remote write has been sent, so that only what is new or has changed
// is sent again. Losing it costs that all hours are sent once more.

#ifndef CPUAGG_NOTIFY_FLEET_PUSH_STATE_H_
#define CPUAGG_NOTIFY_FLEET_PUSH_STATE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace cpuagg::notify {

// A user of a series: id and label. Without an id: the users that are not pushed one by one.
using SeriesUser = std::pair<std::optional<uint32_t>, std::string>;

struct PushedHour {
  std::string host;          // the instance that its series have
  uint64_t fingerprint = 0;  // of all users and amounts
  uint64_t ticks = 0;        // their sum
  // Of the last sample, after the beginning of the hour. The next one has a later stamp, since a
  // receiver may ignore another value with the same stamp.
  absl::Duration stamp;
  std::set<SeriesUser> users;  // with amounts
  bool was_refused = false;    // some of it, for good
  // Since when the receiver has failed for this hour; it does not have it then.
  std::optional<absl::Time> unaccepted_since = std::nullopt;

  friend bool operator==(const PushedHour&, const PushedHour&) = default;
};

struct PushState {
  std::map<int64_t, PushedHour> hours;  // by their beginnings, in seconds since 1970
  std::optional<absl::Time> last_collect = std::nullopt;   // as pushed
  std::optional<absl::Time> failing_since = std::nullopt;  // no run could push since then

  friend bool operator==(const PushState&, const PushState&) = default;
};

// The path in `store` for what `url` is sent; `header` is an additional header of the requests,
// which may name a tenant. Neither can be found out from the path.
std::string PushStatePath(absl::string_view store, absl::string_view url, absl::string_view header);

// Empty if there is no file that can be read.
PushState LoadPushState(const std::string& path);
absl::Status SavePushState(const PushState& state, const std::string& path);

// A number that other texts are very unlikely to have: FNV-1a of 64 bits. `before` continues it.
uint64_t FingerprintOf(absl::string_view text, uint64_t before = 0xcbf29ce484222325);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_FLEET_PUSH_STATE_H_
