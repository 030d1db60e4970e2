// Files for tests of Recognise(), and what it says about them.

#ifndef CPUAGG_ACCT_ROTATION_KNOWN_FILES_H_
#define CPUAGG_ACCT_ROTATION_KNOWN_FILES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "acct/rotation/cursor.h"
#include "acct/rotation/read_plan.h"

namespace cpuagg::acct::testing {

// Records with the numbers from `from` on that are less than `to`. Each number has its own record.
std::string Numbered(int from, int to);

// Replaces the file by one with ".gz" after its name.
void Compress(const std::string& path);

// The cursor of a file that was read up to `offset`.
Cursor CursorOf(const std::string& path, uint64_t offset);

// The generations of the accounting file at `path`, the newest first.
std::vector<KnownGeneration> Known(const std::string& path, const std::vector<Cursor>& cursors);

// Whether the kernel may have written what nobody can read any more.
bool HasGap(const std::vector<Cursor>& cursors, const std::vector<KnownGeneration>& known);

}  // namespace cpuagg::acct::testing

#endif  // CPUAGG_ACCT_ROTATION_KNOWN_FILES_H_
