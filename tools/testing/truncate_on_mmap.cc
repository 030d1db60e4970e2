// A preloaded library that truncates the file named in TRUNCATE_ON_MMAP to 100 bytes as soon as the
// program has mapped it: the worst that another process can do. It moves the file to
// MOVE_ON_MMAP_TO instead, if that is set, as a rotation does.

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

bool IsTheFile(int fd, const char* path) {
  struct stat opened;
  struct stat named;
  return fstat(fd, &opened) == 0 && stat(path, &named) == 0 && opened.st_ino == named.st_ino &&
         opened.st_dev == named.st_dev;
}

}  // namespace

extern "C" void* mmap(void* address, size_t length, int protection, int flags, int fd,
                      off_t offset) noexcept {
  using Mmap = void* (*)(void*, size_t, int, int, int, off_t);
  static const Mmap next = reinterpret_cast<Mmap>(dlsym(RTLD_NEXT, "mmap"));
  void* const mapped = next(address, length, protection, flags, fd, offset);
  const char* const path = getenv("TRUNCATE_ON_MMAP");
  if (fd < 0 || path == nullptr || !IsTheFile(fd, path)) return mapped;
  const char* const other = getenv("MOVE_ON_MMAP_TO");
  if ((other != nullptr ? rename(path, other) : truncate(path, 100)) != 0) abort();
  return mapped;
}
