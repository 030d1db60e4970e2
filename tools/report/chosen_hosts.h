// Chooses hosts of a report by --host.

#ifndef CPUAGG_TOOLS_REPORT_CHOSEN_HOSTS_H_
#define CPUAGG_TOOLS_REPORT_CHOSEN_HOSTS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace cpuagg::tools {

// Which of `hosts` are named in `asked`, separated by commas: their indices in rising order; all of
// them if nothing is asked. InvalidArgument if a name is not among them.
absl::StatusOr<std::vector<size_t>> ChosenHosts(const std::optional<std::string>& asked,
                                                const std::vector<std::string>& hosts);

// "a, b, c and 197 others".
std::string FirstOf(const std::vector<std::string>& names);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_CHOSEN_HOSTS_H_
