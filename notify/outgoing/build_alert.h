// The report that an alert looks at, and the message that it becomes.

#ifndef CPUAGG_NOTIFY_OUTGOING_BUILD_ALERT_H_
#define CPUAGG_NOTIFY_OUTGOING_BUILD_ALERT_H_

#include <vector>

#include "aggregate/report/report.h"
#include "notify/outgoing/alert.h"
#include "notify/outgoing/build_messages.h"
#include "notify/outgoing/limit_period.h"
#include "notify/outgoing/queued_report.h"
#include "notify/telegram/chat.h"

namespace cpuagg::notify {

// The options of the report in which FindPassedLimits() looks: all users that a message with
// `of_message` has, and the ignored ones who have a limit of their own.
aggregate::ReportOptions AlertReportOptions(const aggregate::ReportOptions& of_message,
                                            const AlertLimits& limits);

// The options of the report on the commands of the users in `passed`, who were found in a report
// with `options`.
aggregate::ReportOptions AlertCommandOptions(aggregate::ReportOptions options,
                                             const std::vector<PassedLimit>& passed);

// The alert to `chats`. `passed` is not empty, and was found in `report` of `checked`, which has an
// id; `commands` is the report on their commands. It is sent after a report with the same
// `options`.
QueuedReport BuildAlert(const aggregate::Report& report, const LimitPeriod& checked,
                        const std::vector<PassedLimit>& passed, aggregate::Report commands,
                        const std::vector<Chat>& chats, MessageOptions options);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTGOING_BUILD_ALERT_H_
