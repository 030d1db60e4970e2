#include "notify/testing/bot_api/file_store.h"

#include <png.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "notify/testing/net/http_message.h"

namespace cpuagg::notify::testing {
namespace {

// The longest sides that the server scales a photo down to, of those sizes that matter here.
constexpr uint32_t kPhotoSides[] = {320, 1280};

// The server says what kind a file_id is in its first characters; so do these.
std::string MakeFileId(absl::string_view prefix, const std::string& content, uint32_t variant) {
  return absl::StrFormat("%s%016xQ%u", prefix, std::hash<std::string>()(content), variant);
}

struct PngSize {
  uint32_t width;
  uint32_t height;
};

nlohmann::json PhotoSize(const std::string& content, PngSize size, uint32_t longest_side) {
  const uint64_t longest = std::max(size.width, size.height);
  const uint64_t limit = std::min<uint64_t>(longest, longest_side);
  const auto scaled = [longest, limit](uint32_t side) {
    return std::max<uint64_t>(1, side * limit / longest);
  };
  return {{"file_id", MakeFileId("AgACAgIAAxkDAAI", content, longest_side)},
          {"file_unique_id", MakeFileId("AQAD", content, longest_side)},
          {"file_size", std::max<uint64_t>(1, content.size() * limit / longest)},
          {"width", scaled(size.width)},
          {"height", scaled(size.height)}};
}

absl::Status CheckDimensions(PngSize size) {
  const uint64_t longer = std::max(size.width, size.height);
  const uint64_t shorter = std::min(size.width, size.height);
  if (longer + shorter > kMaxPhotoWidthPlusHeight || longer > kMaxPhotoRatio * shorter) {
    return absl::InvalidArgumentError("PHOTO_INVALID_DIMENSIONS");
  }
  return absl::OkStatus();
}

// Nothing unless libpng can decode all of `content`, and nothing comes after it: libpng itself
// stops where it has the last pixel. What is too large for a photo is not decoded.
std::optional<PngSize> DecodePng(const std::string& content) {
  constexpr absl::string_view kEnd("\0\0\0\0IEND\xAE\x42\x60\x82", 12);
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  png_image_begin_read_from_memory(&image, content.data(), content.size());
  image.format = PNG_FORMAT_GRAY;
  const PngSize size = {image.width, image.height};
  if (CheckDimensions(size).ok()) {
    std::vector<png_byte> pixels(size_t{size.width} * size.height);
    png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr);
  }
  const bool is_whole = image.warning_or_error == 0 &&
                        absl::string_view(content).find(kEnd) == content.size() - kEnd.size();
  png_image_free(&image);
  return is_whole ? std::make_optional(size) : std::nullopt;
}

}  // namespace

absl::StatusOr<const Field*> FileStore::FindUpload(const Fields& fields, absl::string_view kind,
                                                   std::string& file_id) const {
  const Field* field = FindField(fields, kind);
  if (field != nullptr && !field->is_file()) {
    absl::string_view reference = field->value;
    if (absl::ConsumePrefix(&reference, "attach://")) {
      field = FindField(fields, reference);
    } else if (!reference.empty()) {
      file_id = field->value;
      return nullptr;
    }
  }
  if (field == nullptr || !field->is_file()) {
    return absl::InvalidArgumentError(absl::StrCat("there is no ", kind, " in the request"));
  }
  if (field->value.empty()) return absl::InvalidArgumentError("file must be non-empty");
  return field;
}

absl::StatusOr<nlohmann::json> FileStore::FindStored(absl::string_view kind,
                                                     const std::string& file_id) const {
  const auto found = by_file_id_.find(file_id);
  if (found == by_file_id_.end()) {
    return absl::InvalidArgumentError("wrong file identifier/HTTP URL specified");
  }
  const Stored& stored = found->second;
  if (stored.kind != kind) {
    return absl::InvalidArgumentError(
        absl::StrCat("can't use file of type ", stored.kind, " as ", kind));
  }
  return stored.json;
}

absl::StatusOr<nlohmann::json> FileStore::Photo(const Fields& fields) {
  std::string file_id;
  const absl::StatusOr<const Field*> upload = FindUpload(fields, "photo", file_id);
  if (!upload.ok()) return upload.status();
  if (*upload == nullptr) return FindStored("photo", file_id);
  const std::string& content = (*upload)->value;
  if (content.size() > kMaxPhotoBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "file of size ", content.size(), " bytes is too big for a photo; the maximum size is ",
        kMaxPhotoBytes, " bytes"));
  }
  const std::optional<PngSize> size = DecodePng(content);
  if (!size.has_value()) return absl::InvalidArgumentError("IMAGE_PROCESS_FAILED");
  if (absl::Status status = CheckDimensions(*size); !status.ok()) return status;

  nlohmann::json sizes = nlohmann::json::array();
  const uint32_t longest = std::max(size->width, size->height);
  for (const uint32_t side : kPhotoSides) {
    sizes.push_back(PhotoSize(content, *size, side));
    if (longest <= side) break;
  }
  for (const nlohmann::json& one : sizes) by_file_id_[one["file_id"]] = {"photo", sizes};
  return sizes;
}

absl::StatusOr<nlohmann::json> FileStore::Document(const Fields& fields) {
  std::string file_id;
  const absl::StatusOr<const Field*> upload = FindUpload(fields, "document", file_id);
  if (!upload.ok()) return upload.status();
  if (*upload == nullptr) return FindStored("document", file_id);
  const Field& file = **upload;
  if (file.value.size() > kMaxDocumentBytes) return absl::ResourceExhaustedError("");
  nlohmann::json document = {{"file_id", MakeFileId("BQACAgIAAxkDAAI", file.value, 0)},
                             {"file_unique_id", MakeFileId("AgAD", file.value, 0)},
                             {"file_name", *file.filename},
                             {"file_size", file.value.size()}};
  if (!file.content_type.empty()) document["mime_type"] = file.content_type;
  by_file_id_[document["file_id"]] = {"document", document};
  return document;
}

}  // namespace cpuagg::notify::testing
