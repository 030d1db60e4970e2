#include "tools/terminal/progress_bar.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
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

// Whether there is a line to erase.
std::atomic<bool> is_shown = false;

constexpr int kEndingSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

// Calls only what a signal handler may. The signal is no longer caught, and ends the program.
void EraseAndEnd(int signal) {
  constexpr absl::string_view kErase = "\r\x1b[K";
  if (is_shown) (void)!write(STDERR_FILENO, kErase.data(), kErase.size());
  raise(signal);
}

// In one write, so that the line does not flicker. Ignores errors, since they cannot be shown.
void Show(absl::string_view line) {
  if (InBackground()) return;
  is_shown = !line.empty();
  const std::string bytes = absl::StrCat("\r", line, kEraseToEndOfLine);
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, bytes.data(), bytes.size());
}

}  // namespace

ProgressBar::ProgressBar(std::vector<std::string> inputs, const acct::Progress& progress)
    : inputs_(std::move(inputs)), progress_(progress) {
  for (const int signal : kEndingSignals) {
    struct sigaction before;
    // Whoever ignores or catches a signal has a reason.
    if (sigaction(signal, nullptr, &before) != 0 || before.sa_handler != SIG_DFL) continue;
    struct sigaction erase = {};
    erase.sa_handler = EraseAndEnd;
    erase.sa_flags = SA_RESETHAND;
    if (sigaction(signal, &erase, nullptr) == 0) caught_.push_back(signal);
  }
  thread_ = acct::StartThread([this] { Run(); });
}

ProgressBar::~ProgressBar() {
  done_.Notify();
  if (thread_.joinable()) thread_.join();
  for (const int signal : caught_) ::signal(signal, SIG_DFL);
}

void ProgressBar::Run() const {
  const auto begin = std::chrono::steady_clock::now();
  if (done_.WaitForNotificationWithTimeout(kPatience)) return;
  do {
    const size_t begun = std::clamp<size_t>(progress_.inputs(), 1, inputs_.size());
    const ProgressState state = {
        .input = inputs_[begun - 1],
        .bytes = progress_.bytes(),
        .total_bytes = progress_.expected(),
        .elapsed = absl::FromChrono(std::chrono::steady_clock::now() - begin)};
    Show(RenderProgress(state, TerminalColumns(STDERR_FILENO)));
  } while (!done_.WaitForNotificationWithTimeout(kInterval));
  Show("");
}

}  // namespace cpuagg::tools
