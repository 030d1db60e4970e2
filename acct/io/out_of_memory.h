// EndOutOfMemory(): what `new` does if memory runs out, for memory that others allocate.

#ifndef CPUAGG_ACCT_IO_OUT_OF_MEMORY_H_
#define CPUAGG_ACCT_IO_OUT_OF_MEMORY_H_

#include <new>

namespace cpuagg::acct {

// Calls the new-handler, which ends the program, and throws std::bad_alloc if there is none.
[[noreturn]] inline void EndOutOfMemory() {
  if (const std::new_handler handler = std::get_new_handler(); handler != nullptr) handler();
  throw std::bad_alloc();
}

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_OUT_OF_MEMORY_H_
