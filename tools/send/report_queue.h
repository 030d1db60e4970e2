// Builds reports and alerts from the store, and adds them to the outbox.

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
  uint64_t last_run = 0;  // see aggregate::StoreReport
  std::string chart_png;  // empty if there is none
};

// Renders the report. If the chart cannot be drawn, for example because fonts are missing, prints a
// warning on standard error, and leaves the chart out.
absl::StatusOr<Rendered> Render(CommandContext& context, const ReportRequest& request,
                                notify::SendAs send_as);

// Writes the chart to the path of --chart, if given; prints a warning if there is no chart.
absl::Status WriteChart(CommandContext& context, const Rendered& rendered);

// The alert to `chats`, if a user has exceeded a limit that neither `memory` nor the outbox has
// reported. Removes marks of past periods from `memory`.
absl::StatusOr<std::optional<notify::QueuedReport>> BuildAlert(
    CommandContext& context, const ReportRequest& request, const DeliveryConfig& settings,
    const std::vector<notify::Chat>& chats, notify::OutboxState& memory,
    const notify::Outbox& outbox);

// What a run has added to the outbox.
struct Queued {
  std::optional<Rendered> rendered;  // the report, unless there is only an alert
  bool has_damage = false;           // the outbox's state file was set aside
};

// Adds to the outbox what this run has to send: the report, unless only alerts are to be sent, and
// an alert if a user has exceeded a limit that has not been reported.
absl::StatusOr<Queued> Queue(CommandContext& context, const ReportRequest& request,
                             const DeliveryConfig& settings, const TelegramConfig& destination,
                             const notify::Outbox& outbox);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_SEND_REPORT_QUEUE_H_
