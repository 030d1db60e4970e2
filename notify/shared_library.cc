#include "notify/shared_library.h"

#include <dlfcn.h>

#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace cpuagg::notify {
namespace {

// Whether the dynamic linker's complaint is of what may be there the next time. It tells by words
// alone, and leaves errno as it was (glibc, elf/dl-load.c).
bool IsShortage(absl::string_view complaint) {
  for (const absl::string_view words : {"failed to map segment", "cannot allocate", "out of memory",
                                        "Cannot allocate memory", "Too many open files"}) {
    if (absl::StrContains(complaint, words)) return true;
  }
  return false;
}

}  // namespace

absl::Status LoadLibrary(const char* file_name, const char* package,
                         std::initializer_list<LibraryFunction> functions) {
  const auto missing = [&] {
    absl::string_view why = dlerror();
    // It begins with the file that is at fault, which may be another one that the library needs.
    absl::ConsumePrefix(&why, absl::StrCat(file_name, ": "));
    if (IsShortage(why)) {
      return absl::ResourceExhaustedError(
          absl::StrCat("cannot load ", file_name, ": ", why,
                       "; there is not enough memory, or too many files are open"));
    }
    return absl::FailedPreconditionError(
        absl::StrCat("cannot load ", file_name, ": ", why, "; install the package ", package));
  };
  void* const library = dlopen(file_name, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return missing();
  for (const LibraryFunction& function : functions) {
    void* const found = dlsym(library, function.name);
    if (found == nullptr) return missing();
    // As POSIX has it: a pointer to a function has the representation of the void* from dlsym().
    std::memcpy(function.pointer, &found, sizeof found);
  }
  return absl::OkStatus();
}

}  // namespace cpuagg::notify
