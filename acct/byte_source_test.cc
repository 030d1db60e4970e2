#include "acct/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::TempDir;

absl::StatusOr<std::string> ReadAll(ByteSource& source) {
  std::string all;
  bool last = false;
  for (;;) {
    absl::StatusOr<absl::Span<const uint8_t>> block = source.Next();
    if (!block.ok()) return block.status();
    if (block->empty()) return all;
    EXPECT_FALSE(last) << "a block came after one that was not a multiple of 64";
    last = block->size() % 64 != 0;
    all.append(block->begin(), block->end());
  }
}

absl::StatusOr<std::string> ReadPath(const std::string& path) {
  absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenByteSource(path);
  if (!source.ok()) return source.status();
  return ReadAll(**source);
}

TEST(ByteSourceTest, GivesTheWholeOfARegularFile) {
  const TempDir dir;
  const std::string content(100'001, 'a');
  EXPECT_EQ(*ReadPath(dir.Write("file", content)), content);
  EXPECT_EQ(*ReadPath(dir.Write("empty", "")), "");
}

TEST(ByteSourceTest, GivesTheWholeOfAPipeInAlignedBlocks) {
  const TempDir dir;
  const std::string path = dir.Path("fifo");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  std::string content;
  for (int i = 0; i < 3'000'007; ++i) content.push_back(static_cast<char>(i % 251));
  std::thread writer([&] { dir.Append("fifo", content); });
  const absl::StatusOr<std::string> got = ReadPath(path);
  writer.join();
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_TRUE(*got == content);
}

TEST(ByteSourceTest, AFileTruncatedWhileReadIsDataLoss) {
  const TempDir dir;
  const std::string path = dir.Write("file", std::string(1 << 16, 'x'));
  absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenByteSource(path);
  ASSERT_TRUE(source.ok());
  ASSERT_TRUE((*source)->Next().ok());
  ASSERT_EQ(truncate(path.c_str(), 100), 0);
  EXPECT_EQ((*source)->Next().status().code(), absl::StatusCode::kDataLoss);
}

TEST(ByteSourceTest, ErrorsNameThePathAndTheWayOut) {
  const TempDir dir;
  struct Case {
    std::string path;
    absl::StatusCode code;
    std::string says;
  };
  const Case cases[] = {
      {dir.Path("none"), absl::StatusCode::kNotFound, "No such file"},
      {dir.path(), absl::StatusCode::kInvalidArgument, "is a directory"},
      {dir.Write("a.gz", "\x1f\x8b\x08rest"), absl::StatusCode::kInvalidArgument, "zcat"},
      {dir.Write("a.xz",
                 "\xfd"
                 "7zXZ rest"),
       absl::StatusCode::kInvalidArgument, "xzcat"},
      {dir.Write("a.zst", "\x28\xb5\x2f\xfdrest"), absl::StatusCode::kInvalidArgument, "zstdcat"},
      {dir.Write("a.bz2", "BZh9rest"), absl::StatusCode::kInvalidArgument, "bzcat"},
  };
  for (const Case& c : cases) {
    const absl::Status status = ReadPath(c.path).status();
    EXPECT_EQ(status.code(), c.code) << status;
    EXPECT_NE(status.message().find(c.path), std::string::npos) << status;
    EXPECT_NE(status.message().find(c.says), std::string::npos) << status;
  }
}

}  // namespace
}  // namespace cpuagg::acct
