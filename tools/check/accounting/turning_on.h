// Finds the commands that turn accounting on, with the programs of this machine.

#ifndef CPUAGG_TOOLS_CHECK_ACCOUNTING_TURNING_ON_H_
#define CPUAGG_TOOLS_CHECK_ACCOUNTING_TURNING_ON_H_

#include <string>

#include "tools/check/findings/finding.h"

namespace cpuagg::tools::check {

// The programs and units that turn accounting on for a file and keep it on.
struct TurningOn {
  std::string accton;    // the path of the program; empty if it is missing
  std::string unit;      // the systemd unit that turns it on at boot: "acct", "psacct"; empty if
                         // there is none
  std::string installs;  // "apt-get install acct", "dnf install psacct"
  std::string group;     // the group of users and services that read logs: "adm"; empty if there is
                         // none
  bool has_folder = true;    // the folder of the file exists
  bool may_be_copy = false;  // the file has records, and is not where this system has its own
};
// Looks for programs, units and groups below `root`, which is "" except in tests.
TurningOn FindTurningOn(const std::string& file, const std::string& root);

// Adds the commands to `finding`. If the file does not exist (`is_there`), they create it like the
// packages of acct do.
void AddMendsThatTurnOn(const std::string& file, const TurningOn& how, bool is_there,
                        Finding& finding);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_ACCOUNTING_TURNING_ON_H_
