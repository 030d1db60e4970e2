// Finds out whether a file is another one than an accounting file, by its beginning and its end.

#ifndef CPUAGG_ACCT_SCAN_OTHER_FILE_H_
#define CPUAGG_ACCT_SCAN_OTHER_FILE_H_

#include <string>

namespace cpuagg::acct {

// Whether the regular file at `path` has bytes, and neither the first nor the last of them are
// records. The kernel should not write to such a file, and nobody should be told to let it. False
// for a file that cannot be read, and for less than a record that may be the beginning of one.
bool HoldsNoRecord(const std::string& path);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_SCAN_OTHER_FILE_H_
