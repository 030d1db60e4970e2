#include "aggregate/testing/rotating_file.h"

#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <ios>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"

namespace cpuagg::aggregate::testing {
namespace {

std::string Content(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

}  // namespace

const std::vector<RotationScheme>& RotationSchemes() {
  static const std::vector<RotationScheme> schemes = {
      {.name = "Savelog", .compressed_from = 1, .kept = 7},
      {.name = "LogrotateNumbered", .first_number = 1, .kept = 5},
      {.name = "LogrotateCompressed", .first_number = 1, .compressed_from = 0, .kept = 5},
      {.name = "LogrotateDelayed", .first_number = 1, .compressed_from = 1, .kept = 5},
      {.name = "LogrotateDated", .is_dated = true, .kept = 5},
      {.name = "LogrotateDatedDelayed", .is_dated = true, .compressed_from = 1, .kept = 5},
      {.name = "CopyTruncate", .first_number = 1, .copies_and_truncates = true, .kept = 5},
      {.name = "CopyTruncateCompressed",
       .first_number = 1,
       .copies_and_truncates = true,
       .compressed_from = 0,
       .kept = 5},
      {.name = "OneKept", .compressed_from = -1, .kept = 1},
      {.name = "Truncated", .copies_and_truncates = true, .kept = 0},
  };
  return schemes;
}

RotatingFile::RotatingFile(std::string path, const RotationScheme& scheme)
    : path_(std::move(path)), scheme_(scheme) {
  Reopen();
}

void RotatingFile::Append(absl::string_view record, uint64_t number) {
  Generation& open = is_at_rotated_ ? rotated_[0] : current_;
  std::ofstream(open.path, std::ios::binary | std::ios::app) << record;
  open.records.push_back(number);
}

void RotatingFile::Reopen() {
  if (!std::filesystem::exists(path_)) std::ofstream(path_, std::ios::binary);
  current_.path = path_;
  is_at_rotated_ = false;
}

std::string RotatingFile::PathOf(const Generation& generation, size_t age) const {
  return scheme_.is_dated ? absl::StrCat(path_, "-", generation.date)
                          : absl::StrCat(path_, ".", static_cast<int>(age) + scheme_.first_number);
}

void RotatingFile::Compress(Generation& generation, const std::string& target) const {
  const std::string content = Content(generation.path);
  // As gzip does it: the new file is there before the old one goes.
  const gzFile file = gzopen(target.c_str(), "wb1");
  gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
  gzclose(file);
  std::filesystem::remove(generation.path);
  generation.path = target;
  generation.is_compressed = true;
}

std::vector<uint64_t> RotatingFile::Rotate() {
  if (is_at_rotated_ || current_.records.empty()) return {};
  Generation rotated = {.path = path_, .date = ++last_date_};
  std::swap(rotated.records, current_.records);
  if (scheme_.copies_and_truncates) {
    rotated.path = path_ + ".copy";
    std::filesystem::copy_file(path_, rotated.path);
    std::filesystem::resize_file(path_, 0);
  } else {
    is_at_rotated_ = true;
  }
  rotated_.insert(rotated_.begin(), std::move(rotated));
  // The oldest first, so that no name is taken.
  for (size_t age = rotated_.size(); age-- > 0;) {
    Generation& generation = rotated_[age];
    std::string target = PathOf(generation, age);
    if (generation.is_compressed) target += ".gz";
    if (target != generation.path) std::filesystem::rename(generation.path, target);
    generation.path = target;
    const bool is_due =
        scheme_.compressed_from >= 0 && age >= static_cast<size_t>(scheme_.compressed_from);
    if (!is_due || generation.is_compressed) continue;
    if (age == 0 && is_at_rotated_) Reopen();
    Compress(generation, target + ".gz");
  }
  std::vector<uint64_t> gone;
  while (rotated_.size() > scheme_.kept) {
    gone.insert(gone.end(), rotated_.back().records.begin(), rotated_.back().records.end());
    std::filesystem::remove(rotated_.back().path);
    rotated_.pop_back();
    if (rotated_.empty()) is_at_rotated_ = false;
  }
  return gone;
}

}  // namespace cpuagg::aggregate::testing
