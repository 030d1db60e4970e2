#include "aggregate/testing/rotating_file.h"

#include <sys/stat.h>
#include <zlib.h>

#include <chrono>
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

constexpr size_t kRecordBytes = 64;
// A record that lacks only its final zero becomes complete when a record without flags follows.
constexpr size_t kMostTornBytes = kRecordBytes - 2;

void Write(const std::string& path, absl::string_view content) {
  std::ofstream(path, std::ios::binary) << content;
}

void WriteCompressed(const std::string& path, absl::string_view content) {
  const gzFile file = gzopen(path.c_str(), "wb1");
  gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
  gzclose(file);
}

std::string Decompressed(const std::string& path) {
  const gzFile file = gzopen(path.c_str(), "rb");
  std::string content;
  char block[4096];
  for (int got; (got = gzread(file, block, sizeof block)) > 0;) {
    content.append(block, static_cast<size_t>(got));
  }
  gzclose(file);
  return content;
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
      {.name = "Year", .is_dated = true, .compressed_from = 1, .kept = 400},
      {.name = "Idle", .compressed_from = 1, .kept = 3, .rotates_empty = true},
      {.name = "OtherFolder", .is_dated = true, .compressed_from = 1, .kept = 5, .folder = "old"},
      {.name = "Linked", .first_number = 1, .compressed_from = 1, .kept = 5, .is_linked = true},
      {.name = "OddNames", .is_dated = true, .kept = 5, .prefix = ".saved-on-"},
  };
  return schemes;
}

const char* NameOf(Disturbance disturbance) {
  switch (disturbance) {
    case Disturbance::kCopy:
      return "somebody copies a generation";
    case Disturbance::kPartOfCopy:
      return "somebody begins to copy or unpack a generation";
    case Disturbance::kCompression:
      return "somebody begins to compress a generation";
    case Disturbance::kOtherName:
      return "a generation gets another name (hard link)";
    case Disturbance::kRemoveRemains:
      return "all copies are removed";
    case Disturbance::kJoin:
      return "the oldest two generations are joined";
    case Disturbance::kOtherFiles:
      return "a pipe, a folder and a note are next to the file";
    case Disturbance::kTornRecord:
      return "the disk is full, and has room for a part of a record";
  }
  return "";
}

RotatingFile::RotatingFile(std::string path, const RotationScheme& scheme)
    : path_(std::move(path)), scheme_(scheme) {
  if (*scheme_.folder != '\0') {
    std::filesystem::create_directories(std::filesystem::path(path_).parent_path() /
                                        scheme_.folder);
  }
  Reopen();
}

void RotatingFile::Append(absl::string_view record, uint64_t number) {
  Generation& open = is_at_rotated_ ? rotated_[0] : current_;
  // A record that was torn by a full disk stays short; the next one follows it.
  std::ofstream(open.path, std::ios::binary | std::ios::app) << record;
  open.records.push_back(number);
}

void RotatingFile::Reopen() {
  if (!std::filesystem::exists(path_)) std::ofstream(path_, std::ios::binary);
  current_.path = path_;
  is_at_rotated_ = false;
}

std::string RotatingFile::PathOf(const Generation& generation, size_t age) const {
  std::string base = path_;
  if (*scheme_.folder != '\0') {
    const std::filesystem::path path(path_);
    base = path.parent_path() / scheme_.folder / path.filename();
  }
  if (*scheme_.prefix != '\0') return absl::StrCat(base, scheme_.prefix, generation.date);
  return scheme_.is_dated ? absl::StrCat(base, "-", generation.date)
                          : absl::StrCat(base, ".", static_cast<int>(age) + scheme_.first_number);
}

void RotatingFile::Compress(Generation& generation, const std::string& target) const {
  // Like gzip: the new file exists before the old one is removed, and has its time.
  WriteCompressed(target, Content(generation.path));
  std::filesystem::last_write_time(target, std::filesystem::last_write_time(generation.path));
  std::filesystem::remove(generation.path);
  generation.path = target;
  generation.is_compressed = true;
}

std::vector<uint64_t> RotatingFile::Rotate() {
  if (is_at_rotated_ || (current_.records.empty() && !scheme_.rotates_empty)) return {};
  // Logrotate finishes what it has begun, and copies are removed some day.
  RemoveRemains();
  Generation rotated = {.path = path_, .date = ++last_date_, .is_torn = current_.is_torn};
  current_.is_torn = false;
  std::swap(rotated.records, current_.records);
  if (scheme_.copies_and_truncates) {
    rotated.path = path_ + ".copy";
    std::filesystem::copy_file(path_, rotated.path);
    std::filesystem::resize_file(path_, 0);
    // In this test the next truncation comes sooner than the next tick of the file system's clock.
    std::filesystem::last_write_time(
        path_, std::filesystem::file_time_type(std::chrono::seconds(++truncations_)));
  } else {
    is_at_rotated_ = true;
  }
  rotated_.insert(rotated_.begin(), std::move(rotated));
  // The oldest first, so that no name is in use.
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
    ++removals_;
    if (rotated_.empty()) is_at_rotated_ = false;
  }
  return gone;
}

void RotatingFile::RemoveRemains() {
  for (const std::string& path : remains_) std::filesystem::remove(path);
  remains_.clear();
}

// Appends the second oldest generation to the oldest, like an admin who tidies up.
void RotatingFile::JoinOldest() {
  if (rotated_.size() < 3) return;
  RemoveRemains();
  Generation& oldest = rotated_[rotated_.size() - 1];
  Generation& next = rotated_[rotated_.size() - 2];
  if (oldest.is_torn || next.is_torn || next.records.size() < 2 || oldest.records.empty()) return;
  const std::string content = next.is_compressed ? Decompressed(next.path) : Content(next.path);
  if (oldest.is_compressed) {
    WriteCompressed(oldest.path, Decompressed(oldest.path) + content);
  } else {
    std::ofstream(oldest.path, std::ios::binary | std::ios::app) << content;
  }
  std::filesystem::remove(next.path);
  oldest.records.insert(oldest.records.end(), next.records.begin(), next.records.end());
  rotated_.erase(rotated_.end() - 2);
}

std::vector<uint64_t> RotatingFile::CutOff(std::mt19937_64& random) {
  std::vector<uint64_t>& records = current_.records;
  if (is_at_rotated_ || current_.is_torn || records.size() < 2) return {};
  const auto below = [&](size_t limit) { return static_cast<size_t>(random() % limit); };
  const size_t kept = 1 + below(records.size() - 1);
  const std::string content = Content(path_);
  const size_t end = content.size() - (records.size() - kept) * kRecordBytes;
  std::string left = content.substr(0, end);
  switch (below(3)) {
    case 0:
      left += content.substr(end, 1 + below(kMostTornBytes));
      current_.is_torn = true;
      break;
    case 1:
      left.append(kRecordBytes * (1 + below(4)), '\0');
      break;
    default:
      break;
  }
  // Truncates in place.
  std::ofstream(path_, std::ios::binary | std::ios::trunc) << left;
  std::vector<uint64_t> gone(records.begin() + static_cast<ptrdiff_t>(kept), records.end());
  records.resize(kept);
  return gone;
}

void RotatingFile::Disturb(Disturbance what, std::mt19937_64& random, bool is_read) {
  const auto below = [&](size_t limit) { return static_cast<size_t>(random() % limit); };
  std::vector<const Generation*> generations = {&current_};
  for (const Generation& generation : rotated_) generations.push_back(&generation);
  const Generation& chosen = *generations[below(generations.size())];
  const std::string remain = absl::StrCat(path_, ".copy-", ++remains_made_);
  const auto exists = [](const std::string& path) { return std::filesystem::exists(path); };
  switch (what) {
    case Disturbance::kCopy:
      if (!exists(chosen.path)) return;
      std::filesystem::copy_file(chosen.path, remain);
      remains_.push_back(remain);
      return;
    case Disturbance::kPartOfCopy: {
      if (!exists(chosen.path)) return;
      const std::string content =
          chosen.is_compressed ? Decompressed(chosen.path) : Content(chosen.path);
      Write(remain, absl::string_view(content).substr(0, below(content.size() + 1)));
      remains_.push_back(remain);
      return;
    }
    case Disturbance::kCompression: {
      if (!exists(chosen.path) || chosen.is_compressed || exists(chosen.path + ".gz")) return;
      WriteCompressed(remain, Content(chosen.path));
      const std::string content = Content(remain);
      std::filesystem::remove(remain);
      Write(chosen.path + ".gz", absl::string_view(content).substr(0, below(content.size() + 1)));
      remains_.push_back(chosen.path + ".gz");
      return;
    }
    case Disturbance::kOtherName:
      if (!exists(chosen.path)) return;
      std::filesystem::create_hard_link(chosen.path, remain);
      remains_.push_back(remain);
      return;
    case Disturbance::kRemoveRemains:
      RemoveRemains();
      return;
    case Disturbance::kJoin:
      if (!is_at_rotated_ && !is_read) JoinOldest();
      return;
    case Disturbance::kOtherFiles:
      Write(absl::StrCat(path_, ".note"), "rotated by hand, see the log of the machine\n");
      std::filesystem::create_directories(absl::StrCat(path_, ".9999"));
      mkfifo(absl::StrCat(path_, ".9998").c_str(), 0600);
      return;
    case Disturbance::kTornRecord: {
      if (is_at_rotated_ || current_.is_torn || !exists(current_.path)) return;
      const std::string content = Content(current_.path);
      if (content.size() < kRecordBytes) return;
      std::ofstream(current_.path, std::ios::binary | std::ios::app)
          << absl::string_view(content).substr(0, 1 + below(kMostTornBytes));
      current_.is_torn = true;
      return;
    }
  }
}

}  // namespace cpuagg::aggregate::testing
