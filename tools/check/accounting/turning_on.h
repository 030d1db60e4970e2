// What turns accounting on, with the programs of this machine.

#ifndef CPUAGG_TOOLS_CHECK_ACCOUNTING_TURNING_ON_H_
#define CPUAGG_TOOLS_CHECK_ACCOUNTING_TURNING_ON_H_

#include <string>

#include "tools/check/findings/finding.h"

namespace cpuagg::tools::check {

// What turns accounting on for a file and keeps it on, by what is there.
struct TurningOn {
  std::string accton;    // the path of the program; empty if it is not there
  std::string unit;      // of systemd, which turns it on at boot: "acct", "psacct"; empty for none
  std::string installs;  // "apt-get install acct", "dnf install psacct"
  std::string group;     // of those who read logs, and the service: "adm"; empty if there is none
  bool has_folder = true;  // the folder of the file is there
};
TurningOn FindTurningOn(const std::string& file);
// Adds them to `finding`. A file that is not there is made, as the packages of acct make it.
void AddMendsThatTurnOn(const std::string& file, const TurningOn& how, bool is_there,
                        Finding& finding);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_ACCOUNTING_TURNING_ON_H_
