// OutputBuffer: collects output that comes in many small pieces, and prints it in large ones.

#ifndef CPUAGG_TOOLS_TERMINAL_OUTPUT_BUFFER_H_
#define CPUAGG_TOOLS_TERMINAL_OUTPUT_BUFFER_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "tools/terminal/console.h"

namespace cpuagg::tools {

class OutputBuffer {
 public:
  // `console` must outlive this object.
  explicit OutputBuffer(Console& console) : console_(console) {}

  // The text to print next; append to it.
  std::string& text() { return text_; }

  // Prints the text if it is long. Returns whether more output makes sense: false if printing has
  // failed.
  bool FlushIfLarge() {
    constexpr size_t kLarge = size_t{64} << 10;
    return text_.size() < kLarge || Flush().ok();
  }

  // Prints the rest. Returns the first error of all printing.
  absl::Status Flush() {
    if (status_.ok()) status_ = console_.Print(text_);
    text_.clear();
    return status_;
  }

 private:
  Console& console_;
  std::string text_;
  absl::Status status_;
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_TERMINAL_OUTPUT_BUFFER_H_
