// Builds reports and alerts from the store, and puts them into the outbox.

#ifndef CPUAGG_TOOLS_SEND_REPORT_QUEUE_H_
#define CPUAGG_TOOLS_SEND_REPORT_QUEUE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "aggregate/report/report.h"
#include "notify/outbox/outbox.h"
#include "notify/outbox/outbox_state.h"
#include "notify/outgoing/build_messages.h"
#include "notify/outgoing/queued_report.h"
#include "notify/telegram/chat.h"
#include "tools/config/command_context.h"
#include "tools/config/telegram_config.h"
#include "tools/report/report_request.h"

namespace cpuagg::tools {

// The report with its id, and its chart.
struct Rendered {
  aggregate::Report report;
  uint64_t last_run = 0;  // as of aggregate::StoreReport
  std::string chart_png;  // empty for none
};

// A chart that cannot be drawn, for want of fonts perhaps, is told on standard error, and the
// report goes without it.
absl::StatusOr<Rendered> Render(CommandContext& context, const ReportRequest& request,
                                notify::SendAs send_as);

// Writes the chart to where --chart says, if it says so; a warning if there is none.
absl::Status WriteChart(CommandContext& context, const Rendered& rendered);

// The alert to `chats` if somebody has passed a limit and neither `memory` nor what waits in the
// outbox has told that; forgets what `memory` has of periods that are over.
absl::StatusOr<std::optional<notify::QueuedReport>> BuildAlert(
    CommandContext& context, const ReportRequest& request, const DeliveryConfig& settings,
    const std::vector<notify::Chat>& chats, notify::OutboxState& memory,
    const notify::Outbox& outbox);

// What a run has put into the outbox.
struct Queued {
  std::optional<Rendered> rendered;  // the report, if there is not only an alert
  bool has_damage = false;           // the outbox's memory was set aside
};

// Puts what this run has to send into the outbox: the report, unless there are only alerts to be
// sent, and an alert if somebody has passed a limit and that is not told yet.
absl::StatusOr<Queued> Queue(CommandContext& context, const ReportRequest& request,
                             const DeliveryConfig& settings, const TelegramConfig& destination,
                             const notify::Outbox& outbox);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_SEND_REPORT_QUEUE_H_
