// ProgressBar: shows on the terminal how far the reading of inputs is, if it takes long.
//
//   acct::Progress progress;
//   std::optional<ProgressBar> bar;
//   if (console.ShowsProgress()) bar.emplace(names, acct::BytesToRead(paths), progress);
//   ...OpenSource(path, &progress)...
//   bar.reset();  // before anything else is said

#ifndef CPUAGG_TOOLS_TERMINAL_PROGRESS_BAR_H_
#define CPUAGG_TOOLS_TERMINAL_PROGRESS_BAR_H_

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "acct/io/progress.h"

namespace cpuagg::tools {

// Draws on standard error from a second after it was made until it is destroyed, and leaves nothing
// behind. Standard error is a terminal, and nobody else writes to it meanwhile.
class ProgressBar {
 public:
  // `inputs`, at least one, are the names of what `progress` counts, and `total_bytes` is what that
  // will come to, or zero if it is not known. `progress` outlives the bar.
  ProgressBar(std::vector<std::string> inputs, uint64_t total_bytes,
              const acct::Progress& progress);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

 private:
  void Run() const;

  const std::vector<std::string> inputs_;
  const uint64_t total_bytes_;
  const acct::Progress& progress_;
  absl::Notification done_;
  std::thread thread_;
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_TERMINAL_PROGRESS_BAR_H_
