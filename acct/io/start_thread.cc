#include "acct/io/start_thread.h"

#include <system_error>
#include <utility>

namespace cpuagg::acct {

std::thread StartThread(std::function<void()> work) {
  try {
    return std::thread(std::move(work));
  } catch (const std::system_error&) {
    return std::thread();
  }
}

}  // namespace cpuagg::acct
