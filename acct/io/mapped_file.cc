#include "acct/io/mapped_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"

namespace cpuagg::acct {

absl::StatusOr<std::unique_ptr<MappedFile>> MappedFile::Map(File file, uint64_t begin,
                                                            uint64_t end) {
  auto mapped = std::unique_ptr<MappedFile>(new MappedFile(std::move(file), end));
  if (begin == end) return mapped;  // mmap rejects an empty range
  const auto page_bytes = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  const uint64_t map_begin = begin / page_bytes * page_bytes;
  const uint64_t map_bytes = end - map_begin;
  void* const map = mmap(nullptr, map_bytes, PROT_READ, MAP_PRIVATE, mapped->file_.fd(),
                         static_cast<off_t>(map_begin));
  if (map == MAP_FAILED) return ErrnoStatus(errno, mapped->file_.path(), "map into memory");
  mapped->mapping_.data = map;
  mapped->mapping_.bytes = map_bytes;
  mapped->bytes_ =
      absl::MakeConstSpan(static_cast<const uint8_t*>(map) + (begin - map_begin), end - begin);
  // Only a hint; reading works without it.
  (void)madvise(map, map_bytes, MADV_SEQUENTIAL);
  if (absl::Status status = mapped->guard_.Watch(map, map_bytes); !status.ok()) return status;
  return mapped;
}

MappedFile::Mapping::~Mapping() {
  if (data != nullptr) munmap(data, bytes);
}

absl::Status MappedFile::CheckNotTruncated() const {
  const absl::StatusOr<struct stat> info = file_.Stat();
  if (!info.ok()) return info.status();
  // The last page of a truncated file reads as zeros without a signal, so check the length too.
  const auto length = static_cast<uint64_t>(info->st_size);
  if (length >= end_ && !guard_.tripped()) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat(file_.path(), ": truncated by another process while it was read (from ", end_,
                   " to ", length, " bytes); nothing of it was counted, run again"));
}

}  // namespace cpuagg::acct
