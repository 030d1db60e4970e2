// Finds the commands that fix a setting. They change only the place where it was set. They remove a
// value that somebody wrote only if nothing is lost. If a fix would be a guess, the advice is a
// sentence instead.

#ifndef CPUAGG_TOOLS_CHECK_SETTINGS_CONFIGURATION_MENDS_H_
#define CPUAGG_TOOLS_CHECK_SETTINGS_CONFIGURATION_MENDS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tools/check/findings/finding.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools::check {

// The configuration file of the units.
inline constexpr char kConfigurationOfHost[] = "/etc/cpuagg/cpuagg.env";

// A `sed` command that applies `action` ("d", "s/A/B/") to the lines of the configuration `file`
// that set `key`, and to no others. `key` consists of letters, digits and underscores. The command
// also removes a byte-order mark at the beginning of the file, because otherwise it would not match
// the first line.
std::string SedOfKey(absl::string_view key, absl::string_view action, const std::string& file);

// Adds to `finding` the fix for the setting that caused `status`, an error that begins with a key.
void AddMendOfValue(const CommandContext& context, const absl::Status& status, Finding& finding);

// Adds to `finding` the fix for `warning`, a warning of Config::Load().
void AddMendOfWarning(absl::string_view warning, Finding& finding);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_SETTINGS_CONFIGURATION_MENDS_H_
