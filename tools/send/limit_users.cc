#include "tools/send/limit_users.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "aggregate/report/unmatched.h"
#include "aggregate/store/store_report.h"
#include "notify/words/text.h"
#include "tools/report/report_request.h"

namespace cpuagg::tools {

std::vector<std::string> UnknownLimitUsers(const CommandContext& context,
                                           const notify::AlertLimits& limits,
                                           const aggregate::Period& period) {
  if (limits.users.empty()) return {};
  ReportRequest request;
  request.period = period;
  for (const auto& [user, limit] : limits.users) request.options.only_users.push_back(user);
  const absl::StatusOr<aggregate::StoreReport> built = BuildStoreReport(context, request);
  if (!built.ok()) return {};
  std::vector<std::string> sentences;
  for (const aggregate::Unmatched& unmatched : built->report.unmatched) {
    if (unmatched.is_in_store || unmatched.has_account.value_or(true)) continue;
    sentences.push_back(absl::StrCat(
        "ALERT_CPU_HOURS: there is no user '", notify::Printable(unmatched.asked), "'",
        unmatched.near_users.empty()
            ? ""
            : absl::StrCat("; did you mean ", notify::Printable(unmatched.near_users[0]), "?")));
  }
  return sentences;
}

}  // namespace cpuagg::tools
