#include "notify/outgoing/build_alert.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "aggregate/usage/grouping.h"

namespace cpuagg::notify {

aggregate::ReportOptions AlertReportOptions(const aggregate::ReportOptions& of_message,
                                            const AlertLimits& limits) {
  aggregate::ReportOptions options;
  options.leave_out_unknown_users = of_message.leave_out_unknown_users;
  for (const std::string& user : of_message.ignored_users) {
    if (!limits.users.contains(user)) options.ignored_users.push_back(user);
  }
  return options;
}

aggregate::ReportOptions AlertCommandOptions(aggregate::ReportOptions options,
                                             const std::vector<PassedLimit>& passed) {
  options.by = {aggregate::Dimension::kUser, aggregate::Dimension::kCommand};
  for (const PassedLimit& limit : passed) {
    options.only_users.push_back(absl::StrCat(limit.mark.uid));
  }
  return options;
}

QueuedReport BuildAlert(const aggregate::Report& report, const LimitPeriod& checked,
                        const std::vector<PassedLimit>& passed, aggregate::Report commands,
                        const std::vector<Chat>& chats, MessageOptions options) {
  // The store may know commands by coarser times only. What they used within the period is not
  // known then.
  if (commands.period != report.period) commands.rows.clear();
  // The oldest is sent first, so the alert follows the report of the same run.
  options.now += absl::Nanoseconds(1);
  QueuedReport alert =
      BuildTextMessages(report.id, absl::StrCat("CPU alert of ", report.host),
                        RenderAlert(report, checked, passed, commands), chats, options);
  for (const PassedLimit& limit : passed) alert.alerts.push_back(limit.mark);
  return alert;
}

}  // namespace cpuagg::notify
