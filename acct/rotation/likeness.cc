#include "acct/rotation/likeness.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "acct/io/file.h"
#include "acct/record/plausibility.h"
#include "acct/record/record_view.h"

namespace cpuagg::acct {
namespace {

// `head`, which consists of zeros and so identifies nothing, followed by the number of zeros at the
// beginning of the content and the first bytes after them.
absl::StatusOr<std::string> HeadWithZeros(std::string head, ByteSource& content) {
  uint64_t zeros = 0;
  std::string behind;
  while (behind.size() < Cursor::kMarkBytes) {
    const absl::StatusOr<absl::Span<const uint8_t>> block = content.Next();
    if (!block.ok()) return block.status();
    if (block->empty()) break;
    absl::string_view bytes(reinterpret_cast<const char*>(block->data()), block->size());
    if (behind.empty()) {
      const size_t skipped = std::min(bytes.find_first_not_of('\0'), bytes.size());
      zeros += skipped;
      bytes.remove_prefix(skipped);
    }
    absl::StrAppend(&behind, bytes.substr(0, Cursor::kMarkBytes - behind.size()));
  }
  return behind.empty() ? std::move(head) : absl::StrCat(head, zeros, behind);
}

}  // namespace

absl::StatusOr<std::string> HeadOf(const Generation& generation) {
  std::string head;
  if (generation.is_compressed) {
    const absl::StatusOr<std::unique_ptr<ByteSource>> content = generation.OpenContent();
    if (!content.ok()) return content.status();
    const absl::StatusOr<absl::Span<const uint8_t>> block = (*content)->Next();
    if (!block.ok()) return block.status();
    const absl::Span<const uint8_t> first = block->subspan(0, Cursor::kMarkBytes);
    head.assign(reinterpret_cast<const char*>(first.data()), first.size());
  } else {
    const absl::StatusOr<File> file = generation.Open();
    if (!file.ok()) return file.status();
    absl::StatusOr<std::string> first =
        file->ReadAt(0, std::min(generation.size, Cursor::kMarkBytes));
    if (!first.ok()) return first.status();
    head = *std::move(first);
  }
  if (head.size() < Cursor::kMarkBytes || !HasOnlyZeros(head)) return head;
  const absl::StatusOr<std::unique_ptr<ByteSource>> content = generation.OpenContent();
  if (!content.ok()) return content.status();
  return HeadWithZeros(std::move(head), **content);
}

bool HasOnlyZeros(absl::string_view bytes) {
  return bytes.find_first_not_of('\0') == absl::string_view::npos;
}

absl::string_view CommonBeginning(absl::string_view a, absl::string_view b) {
  const absl::string_view beginning = a.substr(0, std::min(a.size(), b.size()));
  return beginning == b.substr(0, beginning.size()) ? beginning : absl::string_view();
}

bool AreAlike(absl::string_view a, absl::string_view b) {
  return !HasOnlyZeros(CommonBeginning(a, b));
}

bool HaveOneFirst(absl::string_view a, absl::string_view b) {
  return AreAlike(a.substr(0, kLeastHeadBytes), b.substr(0, kLeastHeadBytes));
}

bool HasPid(absl::string_view head) {
  const std::optional<RecordView> record =
      RecordAt({reinterpret_cast<const uint8_t*>(head.data()), head.size()}, RecordFormat());
  return record.has_value() && record->pid().value_or(0) != 0;
}

absl::StatusOr<Reach> ReachOfPlain(const Generation& generation, const std::vector<Cursor>& cursors,
                                   const std::vector<size_t>& asked) {
  const absl::StatusOr<File> file = generation.Open();
  if (!file.ok()) return file.status();
  Reach reach{.length = generation.size};
  for (const size_t c : asked) {
    const Cursor& cursor = cursors[c];
    if (cursor.tail.size() > cursor.offset) {
      // A cursor comes from a file, so its fields may be inconsistent.
      reach.fits.push_back(Fit::kNone);
    } else if (generation.size < cursor.offset) {
      reach.fits.push_back(Fit::kShorter);
    } else {
      const absl::StatusOr<std::string> tail =
          file->ReadAt(cursor.offset - cursor.tail.size(), cursor.tail.size());
      if (!tail.ok()) return tail.status();
      reach.fits.push_back(*tail == cursor.tail ? Fit::kReaches : Fit::kNone);
    }
  }
  return reach;
}

absl::StatusOr<Reach> ReachOfContent(ByteSource& content, const std::vector<Cursor>& cursors,
                                     const std::vector<size_t>& asked, bool to_end) {
  std::vector<size_t> by_offset(asked.size());
  for (size_t i = 0; i < asked.size(); ++i) by_offset[i] = i;
  std::sort(by_offset.begin(), by_offset.end(), [&](size_t a, size_t b) {
    return cursors[asked[a]].offset < cursors[asked[b]].offset;
  });
  Reach reach{.fits = std::vector<Fit>(asked.size(), Fit::kShorter)};
  Fingerprint fingerprint;
  uint64_t position = 0;
  absl::Span<const uint8_t> rest;
  for (auto next = by_offset.begin();;) {
    if (next == by_offset.end() && !to_end) return reach;
    if (rest.empty()) {
      const absl::StatusOr<absl::Span<const uint8_t>> block = content.Next();
      if (!block.ok()) return block.status();
      rest = *block;
    }
    uint64_t length = rest.size();
    if (next != by_offset.end()) {
      length = std::min(length, cursors[asked[*next]].offset - position);
    }
    fingerprint.Add(rest.subspan(0, length));
    position += length;
    rest.remove_prefix(length);
    for (; next != by_offset.end() && cursors[asked[*next]].offset == position; ++next) {
      const Cursor& cursor = cursors[asked[*next]];
      const bool fits = cursor.tail.size() <= cursor.offset &&
                        absl::EndsWith(fingerprint.cursor().tail, cursor.tail);
      reach.fits[*next] = fits ? Fit::kReaches : Fit::kNone;
    }
    if (length == 0 && rest.empty()) {
      reach.length = position;
      return reach;
    }
  }
}

absl::StatusOr<uint64_t> CommonLength(ByteSource& a, ByteSource& b) {
  uint64_t length = 0;
  absl::Span<const uint8_t> of_a;
  absl::Span<const uint8_t> of_b;
  for (;;) {
    for (const auto& [source, rest] : {std::pair(&a, &of_a), std::pair(&b, &of_b)}) {
      if (!rest->empty()) continue;
      const absl::StatusOr<absl::Span<const uint8_t>> block = source->Next();
      if (!block.ok()) return block.status();
      *rest = *block;
    }
    const size_t shorter = std::min(of_a.size(), of_b.size());
    const auto differ = std::mismatch(of_a.begin(), of_a.begin() + shorter, of_b.begin());
    const auto equal = static_cast<size_t>(differ.first - of_a.begin());
    length += equal;
    if (shorter == 0 || equal < shorter) return length;
    of_a.remove_prefix(equal);
    of_b.remove_prefix(equal);
  }
}

}  // namespace cpuagg::acct
