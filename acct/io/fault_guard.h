// FaultGuard: makes it safe to read a memory map while another process may truncate the file.
//
// Reading a mapped page beyond the end of its file raises SIGBUS. A guarded range survives that:
// the signal handler puts zero pages in place of the lost ones and remembers that it did. The
// reader goes on to the end and then learns that what it read is worthless.
//
//   FaultGuard guard;
//   RETURN_IF_ERROR(guard.Watch(data, size));
//   ... read ...
//   if (guard.tripped()) the file was truncated meanwhile
//
// The handler belongs to the process, so it is the only global state here. A SIGBUS outside every
// guarded range goes to the previous handler.

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

  // Guards [data, data + size), a page-aligned private read-only mapping, until the guard is
  // destroyed, which must happen before the mapping is. ResourceExhausted if 64 ranges are already
  // guarded.
  absl::Status Watch(const void* data, size_t size);

  // Whether a page of the range has been lost since Watch(). Once true, stays true.
  bool tripped() const;

 private:
  int slot_ = -1;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_FAULT_GUARD_H_
