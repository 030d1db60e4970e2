// What mends a setting: there where it was set, and nothing else. A value that somebody has written
// is taken out only where nothing is lost by that; what would be a guess is a sentence.

#ifndef CPUAGG_TOOLS_CHECK_SETTINGS_CONFIGURATION_MENDS_H_
#define CPUAGG_TOOLS_CHECK_SETTINGS_CONFIGURATION_MENDS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tools/check/findings/finding.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools::check {

// The configuration of the units.
inline constexpr char kConfigurationOfHost[] = "/etc/cpuagg/cpuagg.env";

// `sed` that does `action` ("d", "s/A/B/") to the lines of the configuration `file` that set `key`,
// and to no other. `key` is of letters, digits and underscores. It takes off the byte-order mark
// that the file may begin with, behind which it would not find the first line.
std::string SedOfKey(absl::string_view key, absl::string_view action, const std::string& file);

// Adds to `finding` what mends the setting that `status`, an error that begins with a key, is
// about.
void AddMendOfValue(const CommandContext& context, const absl::Status& status, Finding& finding);

// Adds to `finding` what there is to do about `warning`, one of Config::Load().
void AddMendOfWarning(absl::string_view warning, Finding& finding);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_SETTINGS_CONFIGURATION_MENDS_H_
