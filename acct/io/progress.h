// Progress: how far the reading of inputs has come, for another thread to look at.
//
//   acct::Progress progress;
//   absl::StatusOr<std::unique_ptr<ByteSource>> source = acct::OpenSource(path, &progress);
//   ...
//   progress.bytes()  // at any time, on any thread

#ifndef CPUAGG_ACCT_IO_PROGRESS_H_
#define CPUAGG_ACCT_IO_PROGRESS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace cpuagg::acct {

// Its functions may be called by several threads at once.
class Progress {
 public:
  // Another input is opened.
  void BeginInput() { inputs_.fetch_add(1, std::memory_order_relaxed); }
  // `bytes` more of the input's file have been read: of what is compressed, compressed bytes.
  void Advance(uint64_t bytes) { bytes_.fetch_add(bytes, std::memory_order_relaxed); }

  // How many inputs have begun, and the bytes that were read of all of them.
  size_t inputs() const { return inputs_.load(std::memory_order_relaxed); }
  uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  std::atomic<size_t> inputs_{0};
  std::atomic<uint64_t> bytes_{0};
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_PROGRESS_H_
