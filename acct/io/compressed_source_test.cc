#include "acct/io/compressed_source.h"

#include <zlib.h>

#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "acct/io/decompressor.h"
#include "acct/io/file.h"
#include "acct/io/progress.h"
#include "acct/io/sequential_file.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::TempDir;

// A gzip member.
std::string Member(absl::string_view content) {
  constexpr int kGzip = 16;
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + kGzip, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

struct Unpacked {
  std::string content;
  std::string damage;
};

Unpacked Unpack(const std::string& bytes) {
  const TempDir dir;
  absl::StatusOr<File> file = File::OpenForReading(dir.Write("pacct.gz", bytes));
  EXPECT_TRUE(file.ok()) << file.status();
  CompressedSource source(SequentialFile(*std::move(file)), DecompressorFor(bytes));
  Unpacked unpacked;
  for (;;) {
    const absl::StatusOr<absl::Span<const uint8_t>> block = source.Next();
    EXPECT_TRUE(block.ok()) << block.status();
    if (!block.ok() || block->empty()) break;
    unpacked.content.append(block->begin(), block->end());
  }
  unpacked.damage = source.damage();
  return unpacked;
}

TEST(CompressedSourceTest, MembersAreReadOneAfterAnotherWhateverZerosAreBetween) {
  for (const size_t zeros : {0, 1, 512}) {
    const std::string padding(zeros, '\0');
    const Unpacked unpacked = Unpack(Member("one") + padding + Member("two") + padding);
    EXPECT_EQ(unpacked.content, "onetwo") << zeros;
    EXPECT_EQ(unpacked.damage, "") << zeros;
  }
}

TEST(CompressedSourceTest, AMemberMayBeginAtTheEndOfOnePieceOfTheFile) {
  constexpr size_t kPieceBytes = size_t{256} << 10;
  const std::string one = Member("one");
  for (size_t before = 0; before <= kMagicBytes; ++before) {
    const std::string zeros(kPieceBytes - one.size() - before, '\0');
    const Unpacked unpacked = Unpack(one + zeros + Member("two"));
    EXPECT_EQ(unpacked.content, "onetwo") << before;
    EXPECT_EQ(unpacked.damage, "") << before;
  }
}

// Reports look at the beginning of each of many files before they read them.
TEST(CompressedSourceTest, TheFirstBlockIsShortAndTheOthersGoOnBehindIt) {
  std::string content;
  for (uint64_t i = 0; content.size() < 3'000'000; ++i) content += std::to_string(i * i);
  const TempDir dir;
  absl::StatusOr<File> file = File::OpenForReading(dir.Write("pacct.gz", Member(content)));
  ASSERT_TRUE(file.ok()) << file.status();
  Progress progress;
  CompressedSource source(SequentialFile(*std::move(file), &progress), DecompressorFor("\x1f\x8b"));
  std::string unpacked;
  for (bool is_first = true;; is_first = false) {
    const absl::StatusOr<absl::Span<const uint8_t>> block = source.Next();
    ASSERT_TRUE(block.ok()) << block.status();
    if (block->empty()) break;
    if (is_first) {
      EXPECT_LE(block->size(), size_t{64} << 10);
      EXPECT_EQ(block->size() % 64, 0u);
      EXPECT_LE(progress.bytes(), uint64_t{64} << 10);
    }
    unpacked.append(block->begin(), block->end());
  }
  EXPECT_TRUE(unpacked == content);
  EXPECT_EQ(source.damage(), "");
}

TEST(CompressedSourceTest, WhereSomethingElseFollowsIsSaid) {
  const std::string padded = Member("one") + std::string(512, '\0');
  const Unpacked unpacked = Unpack(padded + "something else");
  EXPECT_EQ(unpacked.content, "one");
  EXPECT_EQ(unpacked.damage, "the gzip data is followed by something else at offset " +
                                 std::to_string(padded.size()) + " of the compressed file");
}

}  // namespace
}  // namespace cpuagg::acct
