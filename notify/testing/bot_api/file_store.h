// FileStore: the photos and documents that a bot has uploaded, and can send again by file_id.
//
// Limits: core.telegram.org/bots/api#sendphoto, #senddocument and #sending-files.

#ifndef CPUAGG_NOTIFY_TESTING_BOT_API_FILE_STORE_H_
#define CPUAGG_NOTIFY_TESTING_BOT_API_FILE_STORE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "notify/testing/net/http_message.h"

namespace cpuagg::notify::testing {

inline constexpr size_t kMaxPhotoBytes = size_t{10} << 20;
inline constexpr size_t kMaxDocumentBytes = size_t{50} << 20;
inline constexpr uint64_t kMaxPhotoWidthPlusHeight = 10000;
inline constexpr uint64_t kMaxPhotoRatio = 20;

// Thread-compatible.
class FileStore {
 public:
  // The part of a Message that shows the photo in field "photo" of `fields`: an array of PhotoSize,
  // the largest last. The field is an upload, "attach://" and the name of one, or a file_id from an
  // earlier result. Only PNG pictures are supported; nothing is downloaded from URLs. The same
  // bytes always get the same file_id.
  //
  // InvalidArgument with the server's words, such as "there is no photo in the request", "file must
  // be non-empty", "PHOTO_INVALID_DIMENSIONS" or "IMAGE_PROCESS_FAILED".
  absl::StatusOr<nlohmann::json> Photo(const Fields& fields);

  // The same for field "document" and a Document. ResourceExhausted past kMaxDocumentBytes.
  absl::StatusOr<nlohmann::json> Document(const Fields& fields);

 private:
  struct Stored {
    std::string kind;  // "photo" or "document"
    nlohmann::json json;
  };

  // The upload in field `kind`; null if it is a file_id, which is then stored in `file_id`.
  absl::StatusOr<const Field*> FindUpload(const Fields& fields, absl::string_view kind,
                                          std::string& file_id) const;
  absl::StatusOr<nlohmann::json> FindStored(absl::string_view kind,
                                            const std::string& file_id) const;

  std::map<std::string, Stored> by_file_id_;
};

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_BOT_API_FILE_STORE_H_
