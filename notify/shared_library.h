// Libraries that are loaded when they are first needed.
//
// Drawing and sending need some sixty shared libraries, and loading them takes longer than most
// runs of cpuagg take in all, which neither draw nor send. So the libraries are opened at run time:
// each has a header (cairo_library.h, curl_library.h) in which the library's own names stand,
// within this namespace, for pointers to its functions. Code that calls them reads as if they were
// linked.

#ifndef CPUAGG_NOTIFY_SHARED_LIBRARY_H_
#define CPUAGG_NOTIFY_SHARED_LIBRARY_H_

#include <initializer_list>

#include "absl/status/status.h"

namespace cpuagg::notify {

// A function of a library: its name, and where the pointer to it is kept.
struct LibraryFunction {
  const char* name;
  void* pointer;  // to a pointer to a function
};

// Opens the library called `file_name` for as long as the process lives, and sets the pointers of
// `functions`. FailedPrecondition, naming the `package` to install (Debian's, and Fedora's in
// brackets where it is called otherwise), if there is no such
// library or one of its functions is missing; ResourceExhausted if memory or open files do not
// suffice, which may pass. The pointers must not be used then.
absl::Status LoadLibrary(const char* file_name, const char* package,
                         std::initializer_list<LibraryFunction> functions);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_SHARED_LIBRARY_H_
