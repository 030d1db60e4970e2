// Functions that GCC's static libraries need from a newer glibc than that of RHEL 9 and Ubuntu
// 22.04 (2.34, 2.35), for the portable program, which is linked with them. Defined here, so that
// the program does not need them from a shared library.

#include <dlfcn.h>
#include <link.h>
#include <sys/random.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

struct Search {
  uintptr_t address;
  dl_find_object* result;
};

// Returns 1, which ends the search, if the object described by `info` contains the address.
int FindIn(dl_phdr_info* info, size_t /*size*/, void* data) {
  const Search& search = *static_cast<Search*>(data);
  bool is_found = false;
  uintptr_t exception_frames = 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    const uintptr_t begin = info->dlpi_addr + segment.p_vaddr;
    if (segment.p_type == PT_GNU_EH_FRAME) exception_frames = begin;
    if (segment.p_type == PT_LOAD && search.address - begin < segment.p_memsz) is_found = true;
  }
  if (!is_found || exception_frames == 0) return 0;
  *search.result = {};
  search.result->dlfo_eh_frame =
      reinterpret_cast<void*>(exception_frames);  // NOLINT(performance-no-int-to-ptr)
  return 1;
}

}  // namespace

// From glibc 2.35, for libgcc, which uses it to find the frames of exceptions and reads only
// `dlfo_eh_frame`. Returns 0 if `address` belongs to an object, -1 if not. The name is reserved,
// but libgcc requires it.
extern "C" __attribute__((visibility("hidden"))) int _dl_find_object(
    void* address, dl_find_object* result) noexcept {
  Search search = {.address = reinterpret_cast<uintptr_t>(address), .result = result};
  return dl_iterate_phdr(FindIn, &search) == 1 ? 0 : -1;
}

// From glibc 2.36, for std::random_device. As there, the program ends if the machine has no random
// numbers.
extern "C" __attribute__((visibility("hidden"))) uint32_t arc4random() noexcept {
  uint32_t number = 0;
  if (getrandom(&number, sizeof number, 0) != ssize_t{sizeof number}) std::abort();
  return number;
}
