// PageArray: an array of zeros that grows at its end, for large tables.
//
// A large one has memory pages of its own. Growing remaps them without copying, so it never uses
// much more memory than its elements. A small one is on the heap: a report of many small files
// makes and frees many of those.

#ifndef CPUAGG_AGGREGATE_TALLY_PAGE_ARRAY_H_
#define CPUAGG_AGGREGATE_TALLY_PAGE_ARRAY_H_

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <type_traits>
#include <utility>

#include "absl/base/attributes.h"
#include "acct/io/out_of_memory.h"

namespace cpuagg::aggregate {

template <typename T>
class PageArray {
 public:
  // All bytes zero must be a valid element.
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

  PageArray() = default;
  // If memory runs out, calls the new-handler, and throws std::bad_alloc if there is none.
  explicit PageArray(size_t size) : size_(size) {
    Grow(size);
    // Populates all pages at once. A page that is read before it is written would be allocated
    // twice, and the second time the processors of all threads would have to be notified. Fails on
    // Linux before 5.14.
    if (has_pages()) (void)madvise(data_, size * sizeof(T), MADV_POPULATE_WRITE);
  }
  PageArray(PageArray&& other) noexcept { *this = std::move(other); }
  PageArray& operator=(PageArray&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ~PageArray() { Free(); }

  // Appends an element of zeros. The others may move.
  T& Append() {
    if (size_ == capacity_) Grow(size_ + 1);
    return data_[size_++];
  }

  ABSL_ATTRIBUTE_ALWAYS_INLINE T& operator[](size_t i) { return data_[i]; }
  ABSL_ATTRIBUTE_ALWAYS_INLINE const T& operator[](size_t i) const { return data_[i]; }
  size_t size() const { return size_; }
  T* data() { return data_; }  // null as long as the array is empty
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }

 private:
  static constexpr size_t kFirstBytes = size_t{4} << 10;
  static constexpr size_t kLeastPagesBytes = size_t{64} << 10;
  static_assert(kFirstBytes % alignof(T) == 0);

  bool has_pages() const { return capacity_ * sizeof(T) >= kLeastPagesBytes; }
  void Free() {
    if (has_pages()) {
      munmap(data_, capacity_ * sizeof(T));
    } else {
      std::free(data_);
    }
  }

  ABSL_ATTRIBUTE_NOINLINE void Grow(size_t needed) {
    size_t bytes = capacity_ == 0 ? kFirstBytes : capacity_ * sizeof(T) * 2;
    while (bytes < needed * sizeof(T)) bytes *= 2;
    void* const pages = has_pages() ? Moved(bytes) : Copied(bytes);
    if (pages == MAP_FAILED) acct::EndOutOfMemory();
    // With random accesses, each would miss the TLB for small pages as well as the caches. Only for
    // speed: if there are no large pages, small ones are used.
    constexpr size_t kLargeBytes = size_t{4} << 20;
    if (bytes >= kLargeBytes) (void)madvise(pages, bytes, MADV_HUGEPAGE);
    data_ = static_cast<T*>(pages);
    capacity_ = bytes / sizeof(T);
  }

  // MAP_FAILED if memory runs out.
  static void* New(size_t bytes) {
    if (bytes < kLeastPagesBytes) {
      // Their lines are those of the cache.
      void* const data = std::aligned_alloc(64, bytes);
      return data == nullptr ? MAP_FAILED : std::memset(data, 0, bytes);
    }
    return mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  }

  void* Copied(size_t bytes) {
    void* const data = New(bytes);
    if (data == MAP_FAILED || data_ == nullptr) return data;
    std::memcpy(data, data_, size_ * sizeof(T));
    Free();
    return data;
  }

  void* Moved(size_t bytes) {
#if defined(__SANITIZE_THREAD__)
    // ThreadSanitizer does not see that mremap() releases addresses, and believes that the next
    // thread that uses them shares them.
    return Copied(bytes);
#else
    return mremap(data_, capacity_ * sizeof(T), bytes, MREMAP_MAYMOVE);
#endif
  }

  T* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_TALLY_PAGE_ARRAY_H_
