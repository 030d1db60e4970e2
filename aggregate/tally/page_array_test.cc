#include "aggregate/tally/page_array.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

TEST(PageArrayTest, KeepsItsElementsWhileItGrows) {
  PageArray<uint64_t> array;
  // 16 MiB, so that the pages are moved many times.
  constexpr size_t kCount = size_t{2} << 20;
  for (size_t i = 0; i < kCount; ++i) {
    uint64_t& element = array.Append();
    ASSERT_EQ(element, 0u);
    element = i * i;
  }
  ASSERT_EQ(array.size(), kCount);
  for (size_t i = 0; i < kCount; ++i) ASSERT_EQ(array[i], i * i);
}

TEST(PageArrayTest, OfASizeIsZeros) {
  const PageArray<uint64_t> array(100'000);
  EXPECT_EQ(array.end() - array.begin(), 100'000);
  for (const uint64_t element : array) ASSERT_EQ(element, 0u);
}

// The heap gives memory again that has been used.
TEST(PageArrayTest, ASmallOneIsZerosAndBeginsAtALineOfTheCache) {
  for (int round = 0; round < 3; ++round) {
    for (const size_t size : {1, 500, 1000, 8191, 8192, 8193}) {
      PageArray<uint64_t> array(size);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(array.data()) % 64, 0u);
      for (size_t i = 0; i < size; ++i) {
        ASSERT_EQ(array[i], 0u) << size;
        array[i] = ~uint64_t{0};
      }
      for (int i = 0; i < 2000; ++i) ASSERT_EQ(array.Append(), 0u) << size;
      for (size_t i = 0; i < size; ++i) ASSERT_EQ(array[i], ~uint64_t{0}) << size;
    }
  }
}

TEST(PageArrayTest, MovingLeavesNothingBehind) {
  PageArray<uint64_t> from;
  from.Append() = 7;
  PageArray<uint64_t> to(std::move(from));
  ASSERT_EQ(to.size(), 1u);
  EXPECT_EQ(to[0], 7u);
  PageArray<uint64_t> other;
  other.Append() = 1;
  other = std::move(to);
  ASSERT_EQ(other.size(), 1u);
  EXPECT_EQ(other[0], 7u);
}

}  // namespace
}  // namespace cpuagg::aggregate
