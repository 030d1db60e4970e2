// Why cron does not do what a line of a crontab says.

#ifndef CPUAGG_TOOLS_SYSTEM_CRONTAB_FAULTS_H_
#define CPUAGG_TOOLS_SYSTEM_CRONTAB_FAULTS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace cpuagg::tools::check {

// Of the fields of crontab(5) before the command, how many there are; 0 of a script.
enum class CrontabForm : int { kScript = 0, kOfUser = 5, kOfSystem = 6 };

// Why cron never runs `line`, in words that follow it: "there is no user nosuch". Empty if nothing
// speaks against it. Accounts and programs are looked for below `root`, which is "" but in tests.
std::string WhyNeverRun(absl::string_view line, CrontabForm form, const std::string& root);

// Why cron passes over the crontab at `path`, whose content is `text`; empty if it does not. Those
// of `root` belong to whoever runs a test.
std::string WhyPassedOver(const std::string& path, absl::string_view text, CrontabForm form,
                          const std::string& root);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_SYSTEM_CRONTAB_FAULTS_H_
