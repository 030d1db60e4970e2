#include "notify/shared_library.h"

#include <dlfcn.h>

#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace cpuagg::notify {
namespace {

// Whether the dynamic linker's error may pass, such as a lack of memory. Only its words tell: it
// does not set errno (glibc, elf/dl-load.c).
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
    // The error begins with the name of the file at fault, which may be another library that this
    // one needs.
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
    // POSIX guarantees that a pointer to a function has the representation of the void* from
    // dlsym().
    std::memcpy(function.pointer, &found, sizeof found);
  }
  return absl::OkStatus();
}

}  // namespace cpuagg::notify
