// FaultGuard: lets a memory map be read although another process may truncate the file under it.
//
// Reading a page of a map that has lost its file raises SIGBUS. A guarded range survives that: the
// signal handler puts zero pages in place of the lost ones and remembers that it did, so the reader
// goes on to the end and then learns that what it read is worthless.
//
//   FaultGuard guard;
//   RETURN_IF_ERROR(guard.Watch(data, size));
//   ... read ...
//   if (guard.tripped()) the file was truncated meanwhile
//
// The handler belongs to the process, so it is the one piece of global state here; a SIGBUS outside
// every guarded range goes to whoever had the signal before.

#ifndef CPUAGG_ACCT_IO_FAULT_GUARD_H_
#define CPUAGG_ACCT_IO_FAULT_GUARD_H_

#include <cstddef>

#include "absl/status/status.h"

namespace cpuagg::acct {

class FaultGuard {
 public:
  FaultGuard() = default;
  ~FaultGuard();
  FaultGuard(const FaultGuard&) = delete;
  FaultGuard& operator=(const FaultGuard&) = delete;

  // Guards [data, data + size), a page-aligned private read-only mapping, until the guard dies,
  // which must be before the mapping does. ResourceExhausted if 64 ranges are guarded already.
  absl::Status Watch(const void* data, size_t size);

  // Whether a page of the range has been lost since Watch(). Never goes back to false.
  bool tripped() const;

 private:
  int slot_ = -1;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_FAULT_GUARD_H_
