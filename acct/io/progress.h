// Progress: how much of the inputs has been read, for another thread to display.
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

// Several threads may call its functions at once.
class Progress {
 public:
  // Counts another input, which has just been opened.
  void BeginInput() { inputs_.fetch_add(1, std::memory_order_relaxed); }
  // Counts `bytes` more bytes of the input's file as read. For a compressed file these are
  // compressed bytes.
  void Advance(uint64_t bytes) { bytes_.fetch_add(bytes, std::memory_order_relaxed); }
  // Says that `bytes` more bytes will be read.
  void Expect(uint64_t bytes) { expected_.fetch_add(bytes, std::memory_order_relaxed); }

  // The number of inputs begun, and the bytes read from all of them.
  size_t inputs() const { return inputs_.load(std::memory_order_relaxed); }
  uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  // The bytes that have been or will be read; zero if unknown.
  uint64_t expected() const { return expected_.load(std::memory_order_relaxed); }

 private:
  std::atomic<size_t> inputs_{0};
  std::atomic<uint64_t> bytes_{0};
  std::atomic<uint64_t> expected_{0};
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_PROGRESS_H_
