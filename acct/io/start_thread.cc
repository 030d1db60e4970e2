#include "acct/io/start_thread.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <utility>
#include <vector>

namespace cpuagg::acct {

std::thread StartThread(std::function<void()> work) {
  try {
    return std::thread(std::move(work));
  } catch (const std::system_error&) {
    return std::thread();
  }
}

void ForEachInParallel(size_t count, size_t threads, const std::function<void(size_t)>& work) {
  std::atomic<size_t> next{0};
  const auto run = [&] {
    for (size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::thread> helpers;
  for (size_t n = 1; n < std::min(threads, count); ++n) {
    std::thread helper = StartThread(run);
    if (!helper.joinable()) break;
    helpers.push_back(std::move(helper));
  }
  run();
  for (std::thread& helper : helpers) helper.join();
}

}  // namespace cpuagg::acct
