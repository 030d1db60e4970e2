// Loads shared libraries on first use.
//
// Drawing and sending need some sixty shared libraries. Loading them takes longer than most runs of
// cpuagg, which neither draw nor send. So the libraries are opened at run time. Each has a header
// (cairo_library.h, curl_library.h) that declares pointers to its functions, with the library's own
// names, inside this namespace. Code that calls them reads as if the library were linked.

#ifndef CPUAGG_NOTIFY_SHARED_LIBRARY_H_
#define CPUAGG_NOTIFY_SHARED_LIBRARY_H_

#include <initializer_list>

#include "absl/status/status.h"

namespace cpuagg::notify {

// The name of a library function, and the address of the pointer to it.
struct LibraryFunction {
  const char* name;
  void* pointer;  // points to a pointer to a function
};

// Opens the library `file_name` for the rest of the process, and sets the pointers of `functions`.
// FailedPrecondition if the library or one of its functions is missing; the message names the
// `package` to install (Debian's, with Fedora's in brackets if the name differs). ResourceExhausted
// if memory or open files do not suffice, which may pass. After an error the pointers must not be
// used.
absl::Status LoadLibrary(const char* file_name, const char* package,
                         std::initializer_list<LibraryFunction> functions);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_SHARED_LIBRARY_H_
