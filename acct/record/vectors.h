// Vectors of 8 and 16 bytes, for loops over records: of SSE2, NEON and others. Operators work on
// all of their numbers.

#ifndef CPUAGG_ACCT_RECORD_VECTORS_H_
#define CPUAGG_ACCT_RECORD_VECTORS_H_

#include <cstdint>
#include <cstring>

#include "absl/base/attributes.h"

namespace cpuagg::acct {

// A language extension of gcc and clang.
using Int4 = int32_t __attribute__((vector_size(16)));
using Word4 = uint32_t __attribute__((vector_size(16)));
using Float4 = float __attribute__((vector_size(16)));
using Short8 = uint16_t __attribute__((vector_size(16)));
using Short4 = uint16_t __attribute__((vector_size(8)));

// From any address.
template <typename Vector>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline Vector LoadVector(const void* from) {
  Vector vector;
  std::memcpy(&vector, from, sizeof vector);
  return vector;
}

// All bits that a number of the vector has.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline uint32_t AnyBits(Word4 vector) {
  return vector[0] | vector[1] | vector[2] | vector[3];
}

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_RECORD_VECTORS_H_
