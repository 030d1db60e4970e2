#include "notify/shared_library.h"

#include <dlfcn.h>

#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace cpuagg::notify {

absl::Status LoadLibrary(const char* file_name, const char* package,
                         std::initializer_list<LibraryFunction> functions) {
  const auto missing = [&] {
    absl::string_view why = dlerror();
    // It begins with the file that is at fault, which may be another one that the library needs.
    absl::ConsumePrefix(&why, absl::StrCat(file_name, ": "));
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
