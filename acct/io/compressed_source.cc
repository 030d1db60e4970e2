#include "acct/io/compressed_source.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace cpuagg::acct {
namespace {

constexpr size_t kInputBytes = size_t{256} << 10;
constexpr size_t kBlockBytes = size_t{1} << 20;
// Up to the end of the first block.
constexpr size_t kFirstInputBytes = size_t{8} << 10;
constexpr size_t kFirstBlockBytes = size_t{16} << 10;

}  // namespace

CompressedSource::CompressedSource(SequentialFile file, std::unique_ptr<Decompressor> decompressor)
    : file_(std::move(file)),
      decompressor_(std::move(decompressor)),
      compressed_(kFirstInputBytes) {}

absl::Status CompressedSource::Refill() {
  if (!input_.empty()) return absl::OkStatus();
  if (block_.size() > kFirstBlockBytes) compressed_.resize(kInputBytes);
  const absl::StatusOr<size_t> got = file_.Read(absl::MakeSpan(compressed_));
  if (!got.ok()) return got.status();
  input_ = absl::MakeConstSpan(compressed_.data(), *got);
  return absl::OkStatus();
}

void CompressedSource::EndEarly(absl::string_view why) {
  ended_ = true;
  damage_ = absl::StrCat("the ", decompressor_->name(), " data ", why, " at offset ", consumed_,
                         " of the compressed file");
}

absl::StatusOr<bool> CompressedSource::AnotherMemberBegins() {
  for (;;) {
    if (absl::Status status = Refill(); !status.ok()) return status;
    if (input_.empty()) return false;
    // Tapes and block devices pad with zeros; gzip and xz skip them as well.
    const auto first = std::find_if(input_.begin(), input_.end(), [](uint8_t c) { return c != 0; });
    const auto zeros = static_cast<size_t>(first - input_.begin());
    consumed_ += zeros;
    input_.remove_prefix(zeros);
    if (input_.empty()) continue;
    // The beginning of a member may be split between two reads.
    if (input_.size() < kMagicBytes) {
      const size_t had = input_.size();
      std::memmove(compressed_.data(), input_.data(), had);
      const absl::StatusOr<size_t> got =
          file_.Read(absl::MakeSpan(compressed_.data() + had, compressed_.size() - had));
      if (!got.ok()) return got.status();
      input_ = absl::MakeConstSpan(compressed_.data(), had + *got);
    }
    const absl::string_view head(reinterpret_cast<const char*>(input_.data()),
                                 std::min(input_.size(), kMagicBytes));
    const std::unique_ptr<Decompressor> next = DecompressorFor(head);
    if (next != nullptr && next->name() == decompressor_->name()) return true;
    EndEarly("is followed by something else");
    return false;
  }
}

absl::StatusOr<absl::Span<const uint8_t>> CompressedSource::Next() {
  block_.resize(block_.empty() ? kFirstBlockBytes : kBlockBytes);
  size_t filled = 0;
  while (!ended_ && filled < block_.size()) {
    if (between_members_) {
      const absl::StatusOr<bool> another = AnotherMemberBegins();
      if (!another.ok()) return another.status();
      ended_ = !*another;
      between_members_ = false;
      continue;
    }
    if (absl::Status status = Refill(); !status.ok()) return status;
    const bool at_end_of_file = input_.empty();
    const absl::StatusOr<Decompressor::Step> step =
        decompressor_->Decompress(input_, absl::MakeSpan(block_).subspan(filled));
    if (!step.ok()) {
      EndEarly(absl::IsDataLoss(step.status())
                   ? absl::StrCat("is damaged (", step.status().message(), ")")
                   : absl::StrCat("cannot be read (", step.status().message(), ")"));
      break;
    }
    filled += step->produced;
    consumed_ += step->consumed;
    input_.remove_prefix(step->consumed);
    between_members_ = step->member_complete;
    // The file is at its end, and the decompressor holds no more output.
    if (at_end_of_file && step->produced == 0 && !step->member_complete) EndEarly("is cut off");
  }
  return absl::MakeConstSpan(block_.data(), filled);
}

}  // namespace cpuagg::acct
