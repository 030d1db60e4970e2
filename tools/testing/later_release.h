// Files of the store and the outbox as a later release may write them.
//
//   file = OfNextVersion(file);       // which this release refuses
//   file = WithUnknownFields(file);   // which it passes over

#ifndef CPUAGG_TOOLS_TESTING_LATER_RELEASE_H_
#define CPUAGG_TOOLS_TESTING_LATER_RELEASE_H_

#include <cstdint>
#include <string>

namespace cpuagg::tools::testing {

// All take the bytes of a whole file that ends or begins with its checksums: a snapshot, a queued
// report, or what the outbox remembers. Checksums are made to fit.

uint32_t FormatVersionOf(const std::string& file);

// The same in the format version after its own.
std::string OfNextVersion(const std::string& file);

// With a field that no message has, in each of its parts.
std::string WithUnknownFields(const std::string& file);

}  // namespace cpuagg::tools::testing

#endif  // CPUAGG_TOOLS_TESTING_LATER_RELEASE_H_
