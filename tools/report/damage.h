// Reports which parts of an input could not be read.

#ifndef CPUAGG_TOOLS_REPORT_DAMAGE_H_
#define CPUAGG_TOOLS_REPORT_DAMAGE_H_

#include <vector>

#include "acct/scan/byte_account.h"
#include "tools/terminal/console.h"

namespace cpuagg::tools {

// Warns of skipped regions, at most a few per input, of torn records at the end, and of records
// that several inputs have. Returns whether there was damage; duplicate records are not damage.
bool WarnOfDamage(const std::vector<acct::ByteAccount>& inputs, Console& console);

// Warns of what waits at the end of files that may grow (aggregate/collect/new_records.h). Returns
// whether some of it is damaged unless more follows.
bool WarnOfHeld(const std::vector<acct::ByteAccount>& held, Console& console);

// Warns if standard input is among `inputs`, had no byte, and is not a file. Returns whether.
bool WarnOfEmptyInput(const std::vector<acct::ByteAccount>& inputs, Console& console);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_DAMAGE_H_
