// ProgressBar: shows on the terminal how much of the inputs has been read, if it takes long.
//
//   acct::Progress progress;
//   std::optional<ProgressBar> bar;
//   if (console.ShowsProgress()) bar.emplace(names, progress);
//   progress.Expect(acct::BytesToRead(paths));
//   ...OpenSource(path, &progress)...
//   bar.reset();  // before printing anything else

#ifndef CPUAGG_TOOLS_TERMINAL_PROGRESS_BAR_H_
#define CPUAGG_TOOLS_TERMINAL_PROGRESS_BAR_H_

#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "acct/io/progress.h"

namespace cpuagg::tools {

// Draws on standard error, from one second after construction until destruction, and erases itself
// then, or when a signal such as that of Ctrl-C ends the program. Standard error must be a
// terminal, and nothing else may write to it meanwhile. There is one bar at a time.
class ProgressBar {
 public:
  // `inputs`, at least one, are the names of the inputs that `progress` counts. It must outlive the
  // bar.
  ProgressBar(std::vector<std::string> inputs, const acct::Progress& progress);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

 private:
  void Run() const;

  const std::vector<std::string> inputs_;
  const acct::Progress& progress_;
  absl::Notification done_;
  std::vector<int> caught_;  // signals
  std::thread thread_;
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_TERMINAL_PROGRESS_BAR_H_
