#include "benchmarks/history_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <random>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "acct/io/file.h"

namespace cpuagg::benchmarks {
namespace {

constexpr uint64_t kRecordBytes = 64;

// linux/acct.h, encode_comp_t(): 13 bits and a power of eight.
uint16_t EncodeCompT(uint64_t value) {
  uint32_t exponent = 0;
  while (value >= 8192) {
    value >>= 3;
    ++exponent;
  }
  return static_cast<uint16_t>(exponent << 13 | value);
}

class Records {
 public:
  explicit Records(const HistoryShape& shape) : shape_(shape) {}

  // struct acct_v3 of linux/acct.h.
  void AppendNext(std::string& bytes) {
    const size_t at = bytes.size();
    bytes.resize(at + kRecordBytes);
    char* const p = bytes.data() + at;
    const auto put = [p](size_t offset, auto value) { memcpy(p + offset, &value, sizeof value); };
    const uint64_t chance = random_();
    constexpr uint8_t kVersion = 3;
    put(0, static_cast<uint8_t>(chance % 4));  // AFORK, ASU
    put(1, kVersion);
    put(8, NextUid());
    put(12, uint32_t{100});
    put(16, static_cast<uint32_t>(2 + number_ % 4'000'000));
    put(20, uint32_t{1});
    constexpr uint32_t kFirst = 1'760'000'000;
    put(24, static_cast<uint32_t>(kFirst + number_ / 50));
    put(28, static_cast<float>(chance >> 8 & 0xffff));
    put(32, EncodeCompT(Skewed(500)));
    put(34, EncodeCompT(Skewed(50)));
    put(36, EncodeCompT(1000 + (chance >> 24 & 0x3ffff)));
    put(42, EncodeCompT(50 + (chance >> 44 & 0x7fff)));
    put(44, EncodeCompT(chance >> 60));
    const std::string command = absl::StrCat("command", random_() % shape_.commands);
    std::copy_n(command.begin(), std::min<size_t>(command.size(), 15), p + 48);
    ++number_;
  }

 private:
  uint32_t NextUid() {
    constexpr uint32_t kFirst = 1000;
    if (shape_.uids == UidPattern::kDistinct) return static_cast<uint32_t>(kFirst + number_);
    const auto user = static_cast<uint32_t>(random_() % shape_.users);
    // The largest step that keeps the uids distinct: they differ only in their highest bits.
    if (shape_.uids == UidPattern::kColliding) return user << std::countl_zero(shape_.users);
    return kFirst + user;
  }

  // Most processes are short, a few long.
  uint64_t Skewed(uint64_t mean) {
    const uint64_t chance = random_();
    const uint64_t scale = (chance & 0xff) == 0 ? 100 : (chance & 0xf) == 0 ? 10 : 1;
    return (chance >> 8) % (mean / 4 * scale);
  }

  const HistoryShape& shape_;
  std::mt19937_64 random_{1};
  uint64_t number_ = 0;
};

}  // namespace

absl::Status WriteHistory(const std::string& path, const HistoryShape& shape) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return acct::ErrnoStatus(errno, path, "create");
  const absl::Cleanup close_it = [fd] { close(fd); };
  Records records(shape);
  std::string bytes;
  for (uint64_t i = 0; i < shape.records; ++i) {
    records.AppendNext(bytes);
    if (bytes.size() < shape.bytes_per_write && i + 1 < shape.records) continue;
    for (size_t written = 0; written < bytes.size();) {
      const ssize_t count = write(fd, bytes.data() + written, bytes.size() - written);
      if (count < 0) return acct::ErrnoStatus(errno, path, "write");
      written += static_cast<size_t>(count);
    }
    bytes.clear();
  }
  return absl::OkStatus();
}

}  // namespace cpuagg::benchmarks
