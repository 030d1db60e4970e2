#include "tools/report/unmatched_users.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "aggregate/names/user_directory.h"

namespace cpuagg::tools {
namespace {

using aggregate::Unmatched;

// Short, because only a detail of a note depends on the answer.
constexpr absl::Duration kPatience = absl::Seconds(2);

std::optional<bool> HasAccount(aggregate::UserDirectory& names, const std::string& name) {
  uint32_t id;
  // Compares ids like a report does: "01001" is not an id.
  const bool is_id = absl::SimpleAtoi(name, &id) && name == absl::StrCat(id);
  const aggregate::NameAnswer answer =
      is_id ? names.NameOf(acct::Uid(id)) : names.AccountNamed(name);
  if (!answer.ok()) return std::nullopt;
  return answer->has_value();
}

}  // namespace

void FindAccounts(const CommandContext& context, std::vector<Unmatched>& unmatched) {
  if (std::all_of(unmatched.begin(), unmatched.end(),
                  [](const Unmatched& each) { return each.kind == Unmatched::Kind::kCommand; })) {
    return;
  }
  const absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> names =
      context.UserNames(kPatience);
  for (Unmatched& each : unmatched) {
    if (each.kind != Unmatched::Kind::kCommand && !each.is_in_store && names.ok()) {
      each.has_account = HasAccount(**names, each.asked);
    }
  }
  std::erase_if(unmatched, [](const Unmatched& each) {
    return (each.kind == Unmatched::Kind::kIgnoredUser ||
            each.kind == Unmatched::Kind::kListedUser) &&
           (each.is_in_store || each.has_account.value_or(true));
  });
}

}  // namespace cpuagg::tools
