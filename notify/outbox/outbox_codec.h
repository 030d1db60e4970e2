// Encodes and decodes the files of the outbox; see outbox.proto.

#ifndef CPUAGG_NOTIFY_OUTBOX_OUTBOX_CODEC_H_
#define CPUAGG_NOTIFY_OUTBOX_OUTBOX_CODEC_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "notify/outbox/outbox_state.h"
#include "notify/outgoing/queued_report.h"

namespace cpuagg::notify {

std::string EncodeReport(const QueuedReport& report);
std::string EncodeState(const OutboxState& state);

// DataLoss if `bytes`, the content of the file `path`, is not such a file or is inconsistent.
// FailedPrecondition if it has a newer version. Errors name the path.
absl::StatusOr<QueuedReport> DecodeReport(absl::string_view bytes, absl::string_view path);
absl::StatusOr<OutboxState> DecodeState(absl::string_view bytes, absl::string_view path);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTBOX_OUTBOX_CODEC_H_
