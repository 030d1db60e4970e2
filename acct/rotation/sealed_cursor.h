// Cursors by which a generation is known the next time without being read.

#ifndef CPUAGG_ACCT_ROTATION_SEALED_CURSOR_H_
#define CPUAGG_ACCT_ROTATION_SEALED_CURSOR_H_

#include "absl/status/statusor.h"
#include "acct/rotation/cursor.h"
#include "acct/rotation/rotation.h"

namespace cpuagg::acct {

// Says in `cursor` that `generation` has been read to its end: as long as the file, its length and
// its time are the same there is nothing new in it.
void Seal(const Generation& generation, Cursor& cursor);

// The sealed cursor for the last whole record of a generation that holds nothing new. Reads all of
// it if it is compressed. Aborted if it was replaced meanwhile.
absl::StatusOr<Cursor> CursorAtEnd(const Generation& generation);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_ROTATION_SEALED_CURSOR_H_
