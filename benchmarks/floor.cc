// The minimum time for reading a file: a plain read() loop that accesses every word. Prints their
// sum, so that the compiler does not remove the loop.

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>

int main(int argc, char** argv) {
  alignas(64) static std::array<uint64_t, (256 << 10) / sizeof(uint64_t)> words;
  const int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0) return 1;
  uint64_t sum = 0;
  ssize_t bytes;
  while ((bytes = read(fd, words.data(), sizeof words)) > 0) {
    const size_t count = static_cast<size_t>(bytes) / sizeof(uint64_t);
    for (size_t i = 0; i < count; ++i) sum += words[i];
  }
  std::printf("%ju\n", static_cast<uintmax_t>(sum));
  return bytes == 0 ? 0 : 1;
}
