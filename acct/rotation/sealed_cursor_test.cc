#include "acct/rotation/sealed_cursor.h"

#include <zlib.h>

#include <algorithm>
#include <string>

#include "absl/status/statusor.h"
#include "acct/rotation/cursor.h"
#include "acct/rotation/rotation.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

std::string Records(int count) {
  std::string records;
  for (int i = 0; i < count; ++i) {
    records +=
        testing::RecordBuilder().Uid(1).BeginTime(1'700'000'000 + static_cast<uint32_t>(i)).Bytes();
  }
  return records;
}

Generation GenerationIn(const testing::TempDir& dir) {
  const absl::StatusOr<GenerationListing> listing =
      ListGenerations({.path = dir.Path("pacct")}, {});
  EXPECT_TRUE(listing.ok()) << listing.status();
  return listing->generations.at(0);
}

void ExpectEndOf(const std::string& content, const Generation& generation) {
  const absl::StatusOr<Cursor> cursor = CursorAtEnd(generation);
  ASSERT_TRUE(cursor.ok()) << cursor.status();
  const size_t torn = content.size() % 64;
  const std::string whole = content.substr(0, content.size() - torn);
  EXPECT_EQ(cursor->offset, whole.size());
  EXPECT_EQ(cursor->trailing_bytes, torn);
  EXPECT_EQ(cursor->head, whole.substr(0, 256));
  EXPECT_EQ(cursor->tail, whole.substr(whole.size() - std::min<size_t>(whole.size(), 256)));
  EXPECT_EQ(cursor->inode, generation.inode);
  EXPECT_EQ(cursor->device, generation.device);
  EXPECT_EQ(cursor->sealed_bytes, generation.size) << "of the file, compressed or not";
  EXPECT_EQ(cursor->sealed_nanos, generation.modified_nanos);
}

TEST(SealedCursorTest, TheEndIsBehindTheLastWholeRecord) {
  for (const std::string& content : {Records(9), Records(9) + "torn", Records(1), std::string()}) {
    SCOPED_TRACE(content.size());
    const testing::TempDir dir;
    dir.Write("pacct", content);
    ExpectEndOf(content, GenerationIn(dir));
  }
}

TEST(SealedCursorTest, TheEndOfACompressedFileIsThatOfItsContent) {
  for (const std::string& content : {Records(9), Records(9) + "torn", Records(9000)}) {
    SCOPED_TRACE(content.size());
    const testing::TempDir dir;
    const std::string path = dir.Path("pacct");
    gzFile file = gzopen(path.c_str(), "wb");
    ASSERT_EQ(gzwrite(file, content.data(), static_cast<unsigned>(content.size())),
              static_cast<int>(content.size()));
    ASSERT_EQ(gzclose(file), Z_OK);
    ExpectEndOf(content, GenerationIn(dir));
  }
}

}  // namespace
}  // namespace cpuagg::acct
