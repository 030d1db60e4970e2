// Finds out why cron does not run a line of a crontab.

#ifndef CPUAGG_TOOLS_SYSTEM_CRONTAB_FAULTS_H_
#define CPUAGG_TOOLS_SYSTEM_CRONTAB_FAULTS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace cpuagg::tools::check {

// The number of fields of crontab(5) before the command; 0 for a script.
enum class CrontabForm : int { kScript = 0, kOfUser = 5, kOfSystem = 6 };

// Why cron never runs `line`, in words that can follow it: "there is no user nosuch". Empty if
// nothing prevents it. Accounts and programs are looked up below `root`, which is "" except in
// tests.
std::string WhyNeverRun(absl::string_view line, CrontabForm form, const std::string& root);

// Why cron ignores the crontab at `path`, whose content is `text`; empty if it does not. In a test
// with its own `root`, files may belong to the user who runs the test.
std::string WhyPassedOver(const std::string& path, absl::string_view text, CrontabForm form,
                          const std::string& root);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_SYSTEM_CRONTAB_FAULTS_H_
