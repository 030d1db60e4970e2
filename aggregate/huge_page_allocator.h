// HugePageAllocator: memory for containers that are read and written at random places. Once they
// are large, each access would miss the processor's table of small pages as well as its caches.

#ifndef CPUAGG_AGGREGATE_HUGE_PAGE_ALLOCATOR_H_
#define CPUAGG_AGGREGATE_HUGE_PAGE_ALLOCATOR_H_

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>

namespace cpuagg::aggregate {

template <typename T>
class HugePageAllocator {
 public:
  using value_type = T;

  HugePageAllocator() = default;
  template <typename Other>
  HugePageAllocator(const HugePageAllocator<Other>&) {}  // NOLINT(google-explicit-constructor)

  T* allocate(size_t count) {
    constexpr size_t kHugePage = size_t{2} << 20;
    if (count > std::numeric_limits<size_t>::max() / 2 / sizeof(T)) throw std::bad_alloc();
    const size_t bytes = count * sizeof(T);
    const bool is_large = bytes >= 2 * kHugePage;
    const size_t alignment = is_large ? kHugePage : std::max(alignof(T), alignof(max_align_t));
    // The size has to be a multiple of the alignment.
    const size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    void* const memory = std::aligned_alloc(alignment, rounded);
    if (memory == nullptr) throw std::bad_alloc();
    // Only for speed; where there are none, small pages do.
    if (is_large) (void)madvise(memory, rounded, MADV_HUGEPAGE);
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, size_t) { std::free(memory); }

  friend bool operator==(HugePageAllocator, HugePageAllocator) { return true; }
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_HUGE_PAGE_ALLOCATOR_H_
