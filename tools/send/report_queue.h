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

// A report, which has an id, and its chart.
struct ReportWithChart {
  aggregate::Report report;
  uint64_t last_run = 0;    // see aggregate::StoreReport
  std::string chart_png;    // empty if there is none
  bool is_partial = false;  // a fleet's engine may not have said all
};

// The report is read from the store, or asked of FLEET_URL. If its chart cannot be drawn (there may
// be no fonts), a warning says so, and the report goes without it.
absl::StatusOr<ReportWithChart> BuildReportWithChart(CommandContext& context,
                                                     const ReportRequest& request,
                                                     notify::SendAs send_as,
                                                     const notify::Outbox& outbox);

// Writes the chart to the path of --chart, if given; prints a warning if there is no chart.
absl::Status WriteChart(CommandContext& context, const ReportWithChart& rendered);

// The alerts to `chats`, one for each period in which a user has passed a limit and neither `state`
// nor a report that waits in `outbox` says that this has been told. The oldest period comes first.
absl::StatusOr<std::vector<notify::QueuedReport>> FindAlerts(CommandContext& context,
                                                             const ReportRequest& request,
                                                             const DeliveryConfig& settings,
                                                             const std::vector<notify::Chat>& chats,
                                                             const notify::OutboxState& state,
                                                             const notify::Outbox& outbox);

// What a run has added to the outbox.
struct QueuedByRun {
  std::optional<ReportWithChart> report;  // nullopt if only alerts were asked for
  bool has_damage = false;  // the outbox's state was set aside, or the report is partial
};

// Puts into the outbox what this run has to send: the report, unless only alerts are asked for, and
// the alerts that FindAlerts() finds.
absl::StatusOr<QueuedByRun> QueueReports(CommandContext& context, const ReportRequest& request,
                                         const DeliveryConfig& settings,
                                         const TelegramConfig& destination,
                                         const notify::Outbox& outbox);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_SEND_REPORT_QUEUE_H_
