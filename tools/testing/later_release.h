// Changes files of the store and the outbox to what a later release may write.
//
//   file = OfNextVersion(file);       // which this release refuses
//   file = WithUnknownFields(file);   // which this release ignores

#ifndef CPUAGG_TOOLS_TESTING_LATER_RELEASE_H_
#define CPUAGG_TOOLS_TESTING_LATER_RELEASE_H_

#include <cstdint>
#include <string>

namespace cpuagg::tools::testing {

// All functions take the bytes of a whole file with checksums: a snapshot, a queued report, or the
// outbox's state. They update the checksums.

uint32_t FormatVersionOf(const std::string& file);

// The same file in the next format version.
std::string OfNextVersion(const std::string& file);

// The same file with an unknown field in each of its parts.
std::string WithUnknownFields(const std::string& file);

}  // namespace cpuagg::tools::testing

#endif  // CPUAGG_TOOLS_TESTING_LATER_RELEASE_H_
