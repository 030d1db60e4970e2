// The minimum time for reading a file, in two forms that look at one word of each record:
//
//   floor read 1 FILE     a read() loop into a buffer of 1 MiB
//   floor map 2 FILE      through a plain map of the file, here with two threads
//
// Prints the sum of the words, so that the compiler does not remove the loop.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>
#include <vector>

namespace {

constexpr size_t kRecordBytes = 64;
constexpr size_t kBufferBytes = size_t{1} << 20;

uint64_t SumOf(const uint8_t* bytes, size_t count) {
  uint64_t sum = 0;
  for (size_t i = 0; i + sizeof sum <= count; i += kRecordBytes) {
    uint64_t word;
    std::memcpy(&word, bytes + i, sizeof word);
    sum += word;
  }
  return sum;
}

uint64_t SumByReading(int fd, size_t begin, size_t end) {
  std::vector<uint8_t> buffer(kBufferBytes);
  uint64_t sum = 0;
  while (begin < end) {
    const ssize_t got =
        pread(fd, buffer.data(), std::min(buffer.size(), end - begin), static_cast<off_t>(begin));
    if (got <= 0) std::exit(1);
    sum += SumOf(buffer.data(), static_cast<size_t>(got));
    begin += static_cast<size_t>(got);
  }
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  const bool maps = argc == 4 && std::string_view(argv[1]) == "map";
  const size_t threads = argc == 4 ? std::strtoul(argv[2], nullptr, 10) : 0;
  const int fd = threads > 0 ? open(argv[3], O_RDONLY | O_CLOEXEC) : -1;
  struct stat info;
  if (fd < 0 || fstat(fd, &info) != 0 || info.st_size == 0) return 1;
  const auto size = static_cast<size_t>(info.st_size);
  const uint8_t* map = nullptr;
  if (maps) {
    void* const mapped = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (mapped == MAP_FAILED) return 1;
    map = static_cast<const uint8_t*>(mapped);
  }
  const auto place = [&](size_t part) {
    return part == threads ? size : size / threads * part / kBufferBytes * kBufferBytes;
  };
  std::vector<uint64_t> sums(threads);
  const auto sum = [&](size_t part) {
    const size_t begin = place(part);
    const size_t end = place(part + 1);
    sums[part] = maps ? SumOf(map + begin, end - begin) : SumByReading(fd, begin, end);
  };
  std::vector<std::thread> helpers;
  for (size_t part = 1; part < threads; ++part) helpers.emplace_back(sum, part);
  sum(0);
  for (std::thread& helper : helpers) helper.join();
  uint64_t total = 0;
  for (const uint64_t part : sums) total += part;
  std::printf("%ju\n", static_cast<uintmax_t>(total));
  return 0;
}
