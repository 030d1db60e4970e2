#include "tools/terminal/progress_bar.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/io/start_thread.h"
#include "tools/terminal/progress_line.h"
#include "tools/terminal/terminal_columns.h"

namespace cpuagg::tools {
namespace {

// Shorter jobs need no bar.
constexpr absl::Duration kPatience = absl::Seconds(1);
constexpr absl::Duration kInterval = absl::Milliseconds(125);

constexpr absl::string_view kEraseToEndOfLine = "\x1b[K";

// A background job would overwrite the user's input, or be stopped.
bool InBackground() {
  const pid_t foreground = tcgetpgrp(STDERR_FILENO);
  return foreground >= 0 && foreground != getpgrp();
}

// In one write, so that the line does not flicker. Ignores errors, since they cannot be shown.
void Show(absl::string_view line) {
  if (InBackground()) return;
  const std::string bytes = absl::StrCat("\r", line, kEraseToEndOfLine);
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, bytes.data(), bytes.size());
}

}  // namespace

ProgressBar::ProgressBar(std::vector<std::string> inputs, uint64_t total_bytes,
                         const acct::Progress& progress)
    : inputs_(std::move(inputs)), total_bytes_(total_bytes), progress_(progress) {
  thread_ = acct::StartThread([this] { Run(); });
}

ProgressBar::~ProgressBar() {
  done_.Notify();
  if (thread_.joinable()) thread_.join();
}

void ProgressBar::Run() const {
  const auto begin = std::chrono::steady_clock::now();
  if (done_.WaitForNotificationWithTimeout(kPatience)) return;
  do {
    const size_t begun = std::clamp<size_t>(progress_.inputs(), 1, inputs_.size());
    const ProgressState state = {
        .input = inputs_[begun - 1],
        .bytes = progress_.bytes(),
        .total_bytes = total_bytes_,
        .elapsed = absl::FromChrono(std::chrono::steady_clock::now() - begin)};
    Show(RenderProgress(state, TerminalColumns(STDERR_FILENO)));
  } while (!done_.WaitForNotificationWithTimeout(kInterval));
  Show("");
}

}  // namespace cpuagg::tools
