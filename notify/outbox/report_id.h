// Ids of reports, by which people find a report that they have a message of.

#ifndef CPUAGG_NOTIFY_OUTBOX_REPORT_ID_H_
#define CPUAGG_NOTIFY_OUTBOX_REPORT_ID_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "notify/outbox/outbox.h"

namespace cpuagg::notify {

// From the system's source of randomness.
uint32_t RandomNumber();

// An id that no report in `outbox` has: "lab01-20261123T004500Z-3f2a". It is also a file name, so
// of `host` it has only letters, digits, '.', '_' and '-', and at most 32 of them. The last four
// digits are of `random`, which is asked again while they make an id that `outbox` has. Unique if
// Outbox::LockQueue() is held.
std::string NewReportId(const Outbox& outbox, absl::string_view host, absl::Time now,
                        const std::function<uint32_t()>& random = RandomNumber);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTBOX_REPORT_ID_H_
