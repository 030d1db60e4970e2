#include "acct/rotation/cursor.h"

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "acct/io/file.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::TempDir;

std::string Content(size_t bytes) {
  std::string content;
  for (size_t i = 0; i < bytes; ++i) content += static_cast<char>(i % 251);
  return content;
}

absl::Span<const uint8_t> BytesOf(absl::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

Cursor CursorOf(const TempDir& dir, const std::string& content, uint64_t offset) {
  const absl::StatusOr<File> file = File::OpenForReading(dir.Write("file", content));
  EXPECT_TRUE(file.ok()) << file.status();
  absl::StatusOr<Cursor> cursor = CursorAt(*file, offset);
  EXPECT_TRUE(cursor.ok()) << cursor.status();
  return *cursor;
}

TEST(CursorTest, KeepsTheBytesOfBothEnds) {
  const TempDir dir;
  const std::string content = Content(1000);
  const Cursor cursor = CursorOf(dir, content, 640);
  EXPECT_EQ(cursor.offset, 640u);
  EXPECT_EQ(cursor.head, content.substr(0, 256));
  EXPECT_EQ(cursor.tail, content.substr(640 - 256, 256));
}

TEST(CursorTest, AFileThatBecameShorterIsAnError) {
  const TempDir dir;
  const absl::StatusOr<File> file = File::OpenForReading(dir.Write("file", Content(640)));
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(CursorAt(*file, 1000).status().code(), absl::StatusCode::kDataLoss);
}

// For all block sizes and all torn lengths.
TEST(CursorTest, MarksAreThoseOfTheFile) {
  const TempDir dir;
  for (const size_t bytes : {1, 63, 64, 128, 255, 256, 300, 320, 321, 640, 5000}) {
    const std::string content = Content(bytes);
    for (const size_t block : {1, 7, 64, 256, 10'000}) {
      Fingerprint fingerprint;
      for (size_t at = 0; at < bytes; at += block) {
        fingerprint.Add(BytesOf(absl::string_view(content).substr(at, block)));
      }
      for (const size_t torn : {0, 1, 40, 63}) {
        if (torn > bytes) continue;
        const Cursor expected = CursorOf(dir, content, bytes - torn);
        const Cursor cursor = fingerprint.cursor(torn);
        EXPECT_EQ(cursor.offset, expected.offset) << bytes << " " << block << " " << torn;
        EXPECT_EQ(cursor.head, expected.head) << bytes << " " << block << " " << torn;
        EXPECT_EQ(cursor.tail, expected.tail) << bytes << " " << block << " " << torn;
      }
    }
  }
}

TEST(CursorTest, OfWhatIsCompleteARecordOfEachEndIsKept) {
  Cursor cursor = {.offset = 640, .head = Content(256), .tail = Content(256)};
  cursor.TrimMarks();
  EXPECT_EQ(cursor.head, Content(256).substr(0, 64));
  EXPECT_EQ(cursor.tail, Content(256).substr(192));
  const Cursor once = cursor;
  cursor.TrimMarks();
  EXPECT_EQ(cursor, once);
}

// Zeros tell no file from another, so that more than a record has to be kept.
TEST(CursorTest, ABeginningOfZerosIsKeptWhole) {
  for (const size_t zeros : {63, 64, 200, 256}) {
    const std::string head = std::string(zeros, '\0') + std::string(256 - zeros, 'a');
    Cursor cursor = {.offset = 640, .head = head, .tail = Content(256)};
    cursor.TrimMarks();
    EXPECT_EQ(cursor.head, zeros < 64 ? head.substr(0, 64) : head) << zeros;
    EXPECT_EQ(cursor.tail, Content(256).substr(192)) << zeros;
  }
}

}  // namespace
}  // namespace cpuagg::acct
