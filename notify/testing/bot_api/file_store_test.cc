#include "notify/testing/bot_api/file_store.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "notify/testing/net/http_message.h"
#include "notify/testing/picture/test_png.h"

namespace cpuagg::notify::testing {
namespace {

Field Text(const std::string& value) { return {value, {}, ""}; }
Field Png(const std::string& bytes) { return {bytes, "chart.png", "image/png"}; }

TEST(FileStoreTest, APhotoHasSizesUpTo1280) {
  FileStore store;
  const absl::StatusOr<nlohmann::json> photo = store.Photo({{"photo", Png(MakePng(2560, 1440))}});
  ASSERT_TRUE(photo.ok()) << photo.status();
  ASSERT_EQ(photo->size(), 2u);
  EXPECT_EQ((*photo)[0]["width"], 320);
  EXPECT_EQ((*photo)[0]["height"], 180);
  EXPECT_EQ((*photo)[1]["width"], 1280);
  EXPECT_EQ((*photo)[1]["height"], 720);
  EXPECT_NE((*photo)[0]["file_id"], (*photo)[1]["file_id"]);

  const absl::StatusOr<nlohmann::json> small = store.Photo({{"photo", Png(MakePng(10, 5))}});
  ASSERT_TRUE(small.ok()) << small.status();
  ASSERT_EQ(small->size(), 1u);
  EXPECT_EQ((*small)[0]["width"], 10);
}

TEST(FileStoreTest, AFileIdSendsTheSameFileAgain) {
  FileStore store;
  const std::string png = MakePng(640, 480);
  const absl::StatusOr<nlohmann::json> first = store.Photo({{"photo", Png(png)}});
  ASSERT_TRUE(first.ok()) << first.status();
  for (const nlohmann::json& size : *first) {
    const absl::StatusOr<nlohmann::json> again = store.Photo({{"photo", Text(size["file_id"])}});
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(*again, *first);
  }
  EXPECT_EQ(*store.Photo({{"photo", Png(png)}}), *first);
  EXPECT_NE(*store.Photo({{"photo", Png(MakePng(640, 480, 1))}}), *first);

  const absl::StatusOr<nlohmann::json> document =
      store.Document({{"document", {"a,b\n", "users.csv", "text/csv"}}});
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ((*document)["file_name"], "users.csv");
  EXPECT_EQ((*document)["mime_type"], "text/csv");
  EXPECT_EQ((*document)["file_size"], 4);
  EXPECT_EQ(*store.Document({{"document", Text((*document)["file_id"])}}), *document);
  EXPECT_EQ(store.Photo({{"photo", Text((*document)["file_id"])}}).status(),
            absl::InvalidArgumentError("can't use file of type document as photo"));
}

TEST(FileStoreTest, AnAttachmentIsFoundByItsName) {
  FileStore store;
  EXPECT_TRUE(store.Photo({{"photo", Text("attach://f1")}, {"f1", Png(MakePng(1, 1))}}).ok());
  EXPECT_EQ(store.Photo({{"photo", Text("attach://f2")}, {"f1", Png(MakePng(1, 1))}}).status(),
            absl::InvalidArgumentError("there is no photo in the request"));
}

TEST(FileStoreTest, WhatIsNoPhotoIsRefused) {
  const std::string png = MakePng(3, 3);
  const std::string oversize(kMaxPhotoBytes + 1, 'x');
  const struct {
    Fields fields;
    std::string error;
  } cases[] = {
      {{}, "there is no photo in the request"},
      {{{"photo", Text("")}}, "there is no photo in the request"},
      {{{"document", Png(png)}}, "there is no photo in the request"},
      {{{"photo", Text(png)}}, "wrong file identifier/HTTP URL specified"},
      {{{"photo", Text("https://e.org/a.png")}}, "wrong file identifier/HTTP URL specified"},
      {{{"photo", Png("")}}, "file must be non-empty"},
      {{{"photo", Png("GIF89a")}}, "IMAGE_PROCESS_FAILED"},
      {{{"photo", Png(png.substr(0, png.size() - 1))}}, "IMAGE_PROCESS_FAILED"},
      // As large as a photo may be.
      {{{"photo", Png(oversize.substr(1))}}, "IMAGE_PROCESS_FAILED"},
      {{{"photo", Png(oversize)}},
       "file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes"},
  };
  for (const auto& c : cases) {
    FileStore store;
    EXPECT_EQ(store.Photo(c.fields).status(), absl::InvalidArgumentError(c.error));
  }
}

TEST(FileStoreTest, DimensionsAreLimited) {
  const struct {
    uint32_t width;
    uint32_t height;
    bool ok;
  } cases[] = {
      {1, 1, true},        {20, 1, true},      {21, 1, false},
      {1, 20, true},       {1, 21, false},     {9000, 1000, true},
      {9000, 1001, false}, {5000, 5000, true}, {5001, 5000, false},
  };
  for (const auto& c : cases) {
    FileStore store;
    const absl::Status status = store.Photo({{"photo", Png(MakePng(c.width, c.height))}}).status();
    EXPECT_EQ(status,
              c.ok ? absl::OkStatus() : absl::InvalidArgumentError("PHOTO_INVALID_DIMENSIONS"))
        << c.width << "x" << c.height;
  }
}

TEST(FileStoreTest, APictureThatIsCutOrChangedAtAnyByteIsRefused) {
  FileStore store;
  const std::string png = MakePng(20, 10);
  ASSERT_TRUE(store.Photo({{"photo", Png(png)}}).ok());
  for (size_t i = 0; i < png.size(); ++i) {
    std::string changed = png;
    changed[i] = static_cast<char>(changed[i] ^ 0x20);
    for (const std::string& damaged : {changed, png.substr(0, i), png + changed.substr(i)}) {
      EXPECT_FALSE(store.Photo({{"photo", Png(damaged)}}).ok()) << i << " " << damaged.size();
    }
  }
}

TEST(FileStoreTest, WhatIsNoDocumentIsRefused) {
  FileStore store;
  EXPECT_EQ(store.Document({}).status(),
            absl::InvalidArgumentError("there is no document in the request"));
  EXPECT_EQ(store.Document({{"document", {"", "a", ""}}}).status(),
            absl::InvalidArgumentError("file must be non-empty"));
  std::string bytes(kMaxDocumentBytes, 'x');
  EXPECT_TRUE(store.Document({{"document", {bytes, "a", ""}}}).ok());
  bytes += 'x';
  EXPECT_TRUE(absl::IsResourceExhausted(store.Document({{"document", {bytes, "a", ""}}}).status()));
}

}  // namespace
}  // namespace cpuagg::notify::testing
