#include "notify/testing/picture/png_header.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "notify/testing/picture/test_png.h"

namespace cpuagg::notify::testing {
namespace {

const std::string& Signature() {
  static const std::string* const kSignature = new std::string("\x89PNG\r\n\x1a\n");
  return *kSignature;
}

absl::StatusOr<PngSize> Read(const std::string& bytes) {
  return ReadPngSize(
      absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()));
}

TEST(PngHeaderTest, ReadsTheSizeOfAPicture) {
  for (const PngSize size : {PngSize{1, 1}, PngSize{1280, 720}, PngSize{3, 70000}}) {
    const absl::StatusOr<PngSize> read = Read(MakePng(size.width, size.height));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, size);
  }
}

TEST(PngHeaderTest, APictureCutAtAnyByteIsRefused) {
  const std::string png = MakePng(20, 10);
  for (size_t size = 0; size < png.size(); ++size) {
    EXPECT_TRUE(absl::IsDataLoss(Read(png.substr(0, size)).status())) << size;
  }
}

TEST(PngHeaderTest, AChangeOfAnyByteIsNoticed) {
  const std::string png = MakePng(20, 10);
  for (size_t i = 0; i < png.size(); ++i) {
    std::string changed = png;
    changed[i] = static_cast<char>(changed[i] ^ 0x20);
    EXPECT_TRUE(absl::IsDataLoss(Read(changed).status())) << i;
  }
}

TEST(PngHeaderTest, ChunksInTheWrongPlaceAreRefused) {
  const std::string header = MakePngChunk("IHDR", std::string("\0\0\0\1\0\0\0\1\b\0\0\0\0", 13));
  const std::string data = MakePngChunk("IDAT", "x");
  const std::string end = MakePngChunk("IEND", "");
  ASSERT_TRUE(Read(Signature() + header + data + end).ok());
  const struct {
    std::string what;
    std::string png;
  } cases[] = {
      {"bytes after IEND", Signature() + header + data + end + "\r\n"},
      {"no IEND", Signature() + header + data},
      {"no IDAT", Signature() + header + end},
      {"empty IDAT", Signature() + header + MakePngChunk("IDAT", "") + end},
      {"IHDR twice", Signature() + header + header + data + end},
      {"IHDR late", Signature() + data + header + end},
      {"short IHDR", Signature() + MakePngChunk("IHDR", "xxxx") + data + end},
      {"zero width", Signature() + MakePngChunk("IHDR", std::string(13, '\0')) + data + end},
      {"JPEG", "\xFF\xD8\xFF\xE0 JFIF"},
      {"text", "hello"},
  };
  for (const auto& c : cases) EXPECT_TRUE(absl::IsDataLoss(Read(c.png).status())) << c.what;
}

TEST(PngHeaderTest, UnknownChunksAreSkipped) {
  std::string png = MakePng(2, 2);
  png.insert(png.size() - 12, MakePngChunk("tEXt", "Software\0cairo"));
  EXPECT_TRUE(Read(png).ok());
}

}  // namespace
}  // namespace cpuagg::notify::testing
