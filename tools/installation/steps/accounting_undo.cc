#include "tools/installation/steps/accounting_undo.h"

#include <unistd.h>

#include <cerrno>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "acct/io/file.h"
#include "acct/kernel/accounting_pause.h"
#include "tools/installation/context/system_facts.h"
#include "tools/installation/steps/accounting_state.h"

namespace cpuagg::tools {
namespace {

// Turns accounting off for `file`, to which the kernel writes.
absl::Status TurnOff(SetupContext& context, const std::string& file, const std::string& unit) {
  if (IsRunBySystemd() && !unit.empty()) context.Run("systemctl", {"stop", unit}).IgnoreError();
  if (IsWrittenTo(file)) {
    context.dialogue.Say("  $ accton off");
    if (::acct(nullptr) != 0) return acct::ErrnoStatus(errno, file, "turn accounting off for");
  }
  if (!WillBeWrittenTo(file, false)) {
    return absl::FailedPreconditionError(absl::StrCat(file, ": the kernel still writes to it"));
  }
  context.dialogue.Done("accounting is off");
  return absl::OkStatus();
}

// Explains the state if no records come to `file`. False if accounting may still be on for that
// file.
bool SaysWhatIsOn(SetupContext& context, const std::string& file) {
  const std::string other = FindOtherFile(context.command, file);
  if (!other.empty()) {
    context.dialogue.Note(absl::StrCat("accounting stays on: the kernel writes to ", other,
                                       ", and no longer to ", file,
                                       ", for which setup turned it on. accton off turns it off"));
    return true;
  }
  const absl::StatusOr<acct::FreeSpace> space = acct::FreeSpaceOf(file);
  if (space.ok() && space->may_be_paused()) {
    context.Leave(absl::StrCat(
        file, ": cannot find out whether the kernel writes to it while its disk has less than ",
        space->goes_on_at / 100,
        "% free: make room and run cpuagg setup --undo again, or turn accounting off at once with "
        "accton off"));
    return false;
  }
  context.dialogue.Note(absl::StrCat(
      "no records come to ", file,
      " any more, for which setup turned accounting on: there is nothing to turn off. If it is on "
      "for another file, it stays on; accton off turns it off"));
  return true;
}

}  // namespace

absl::Status TurnAccountingOff(SetupContext& context) {
  SetupRecord& record = context.record;
  if (!record.has_accounting()) {
    context.dialogue.Done("accounting stays as it is: there is nothing left to take back there");
    return absl::OkStatus();
  }
  const std::string file = record.accounting_file;
  const std::string unit = record.accounting_unit;
  const bool is_on = !file.empty() && IsWrittenTo(file);
  const bool has_unit = !unit.empty() && !FindUnit(unit).empty();
  if (is_on || has_unit) {
    const absl::StatusOr<bool> agreed = context.dialogue.Confirm(
        is_on ? "Turn process accounting off, which setup turned on?"
              : absl::StrCat("Disable ", unit, ", which setup enabled for the next boots?"));
    if (!agreed.ok()) return agreed.status();
    if (!*agreed) {
      context.dialogue.Note(absl::StrCat(is_on ? "accounting stays on; accton off turns it off"
                                               : absl::StrCat(unit, " stays enabled"),
                                         ", and cpuagg setup --undo asks again"));
      return absl::OkStatus();
    }
  }
  const absl::Status disabled =
      has_unit ? context.Run("systemctl", {"disable", unit}) : absl::OkStatus();
  if (disabled.ok()) {
    record.accounting_unit.clear();
  } else {
    context.Leave(absl::StrCat(disabled.message(), "; ", unit,
                               " turns accounting on at the next boots. Fix that, and run cpuagg "
                               "setup --undo again"));
  }
  if (is_on) {
    if (absl::Status status = TurnOff(context, file, unit); !status.ok()) return status;
    record.accounting_file.clear();
  } else if (file.empty() || SaysWhatIsOn(context, file)) {
    record.accounting_file.clear();
  }
  return absl::OkStatus();
}

}  // namespace cpuagg::tools
