#include "tools/send/limit_users.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "aggregate/report/unmatched.h"
#include "aggregate/store/store_report.h"
#include "notify/words/text.h"
#include "tools/report/report_request.h"

namespace cpuagg::tools {

namespace {

std::vector<std::string> UnknownUsers(const CommandContext& context, const std::string& key,
                                      std::vector<std::string> users,
                                      const aggregate::Period& period) {
  if (users.empty()) return {};
  ReportRequest request;
  request.period = period;
  request.options.only_users = std::move(users);
  const absl::StatusOr<aggregate::StoreReport> built = BuildStoreReport(context, request);
  if (!built.ok()) return {};
  std::vector<std::string> sentences;
  for (const aggregate::Unmatched& unmatched : built->report.unmatched) {
    if (unmatched.is_in_store || unmatched.has_account.value_or(true)) continue;
    sentences.push_back(absl::StrCat(
        key, ": there is no user '", notify::Printable(unmatched.asked), "'",
        unmatched.near_users.empty()
            ? ""
            : absl::StrCat("; did you mean ", notify::Printable(unmatched.near_users[0]), "?")));
  }
  return sentences;
}

}  // namespace

std::vector<std::string> UnknownLimitUsers(const CommandContext& context,
                                           const notify::AlertLimits& limits,
                                           const aggregate::Period& period) {
  std::vector<std::string> users;
  for (const auto& [user, limit] : limits.users) users.push_back(user);
  return UnknownUsers(context, "ALERT_CPU_HOURS", std::move(users), period);
}

std::vector<std::string> UnknownIgnoredUsers(const CommandContext& context,
                                             const aggregate::Period& period) {
  return UnknownUsers(context, "IGNORED_USERS", NamedIgnoredUsers(context), period);
}

}  // namespace cpuagg::tools
