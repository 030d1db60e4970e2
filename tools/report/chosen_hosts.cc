#include "tools/report/chosen_hosts.h"

#include <algorithm>
#include <numeric>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "notify/words/labels.h"
#include "notify/words/text.h"
#include "tools/config/config.h"
#include "tools/config/nearest_name.h"

namespace cpuagg::tools {

absl::StatusOr<std::vector<size_t>> ChosenHosts(const std::optional<std::string>& asked,
                                                const std::vector<std::string>& hosts) {
  std::vector<size_t> chosen(hosts.size());
  std::iota(chosen.begin(), chosen.end(), size_t{0});
  if (!asked.has_value()) return chosen;
  const std::vector<std::string> names = SplitList(*asked);
  for (const std::string& name : names) {
    if (std::find(hosts.begin(), hosts.end(), name) != hosts.end()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("--host: '", notify::Printable(name),
                     "' is not one of the hosts that are read: ", FirstOf(hosts),
                     DidYouMean(name, std::vector<absl::string_view>(hosts.begin(), hosts.end()))));
  }
  if (names.empty())
    return absl::InvalidArgumentError("--host: names no host; leave it out for all");
  std::erase_if(chosen, [&](size_t i) {
    return std::find(names.begin(), names.end(), hosts[i]) == names.end();
  });
  return chosen;
}

std::string FirstOf(const std::vector<std::string>& names) {
  constexpr size_t kMost = 5;
  std::vector<std::string> shown;
  for (const std::string& name : names) {
    if (shown.size() < kMost) shown.push_back(notify::Printable(name));
  }
  const size_t others = names.size() - shown.size();
  if (others > 0) shown.push_back(notify::Pluralize(others, "other"));
  return notify::Enumerated(shown);
}

}  // namespace cpuagg::tools
