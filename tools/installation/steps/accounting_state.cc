#include "tools/installation/steps/accounting_state.h"

#include <filesystem>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/kernel/accounting_probe.h"

namespace cpuagg::tools {

std::string AccountingPath(const CommandContext& command) {
  return std::filesystem::absolute(command.AccountingFile()).lexically_normal().string();
}

bool IsWrittenTo(const std::string& path) {
  return acct::GrowsWhenAProcessEnds(path).value_or(false);
}

bool WillBeWrittenTo(const std::string& path, bool expected) {
  for (int tries = 0; tries < 5; ++tries) {
    if (tries > 0) absl::SleepFor(absl::Milliseconds(500));
    if (IsWrittenTo(path) == expected) return true;
  }
  return false;
}

std::string FindOtherFile(const CommandContext& command, const std::string& file) {
  for (const std::string& other :
       {std::string("/var/log/account/pacct"), std::string("/var/account/pacct"),
        std::string("/var/log/pacct"), std::string("/run/pacct_source"), AccountingPath(command)}) {
    if (other != file && IsWrittenTo(other)) return other;
  }
  return "";
}

}  // namespace cpuagg::tools
