#include "notify/lines/record_stream.h"

#include "acct/record/byte_order.h"
#include "acct/record/exit_code.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/record_view.h"
#include "acct/record/units.h"
#include "aggregate/usage/grouping.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/util/delimited_message_util.h"
#include "notify/lines/accounting_record.pb.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

// A text of protobuf is UTF-8.
std::string Text(absl::string_view bytes) {
  return IsUtf8(bytes) ? std::string(bytes) : Printable(bytes);
}

template <typename Id>
std::optional<std::string> NameOf(aggregate::UserDirectory& names, Id id) {
  const std::optional<std::string> name = names.NameOf(id).value_or(std::nullopt);
  if (!name.has_value()) return std::nullopt;
  return Text(*name);
}

}  // namespace

RecordStream::RecordStream(aggregate::UserDirectory& names)
    : names_(names), message_(std::make_unique<AccountingRecord>()) {}

RecordStream::~RecordStream() = default;

template <typename Record>
void RecordStream::Append(const Record& record, uint64_t offset, absl::string_view file,
                          std::string& bytes) {
  AccountingRecord& message = *message_;
  message.Clear();
  if (file != file_) file_ = std::string(file);
  message.set_file(Text(file_));
  message.set_offset(offset);
  message.set_version(record.version());
  message.set_is_big_endian(record.byte_order() == acct::ByteOrder::kBig);

  message.set_flags(record.flags());
  const acct::Uid uid = record.uid();
  message.set_uid(uid.value());
  const std::optional<std::string>& user =
      users_.Get(uid.value(), [&] { return NameOf(names_, uid); });
  if (user.has_value()) message.set_user(*user);
  const acct::Gid gid = record.gid();
  message.set_gid(gid.value());
  const std::optional<std::string>& group =
      groups_.Get(gid.value(), [&] { return NameOf(names_, gid); });
  if (group.has_value()) message.set_group(*group);
  if (const std::optional<uint32_t> pid = record.pid(); pid.has_value()) message.set_pid(*pid);
  if (const std::optional<uint32_t> ppid = record.ppid(); ppid.has_value()) message.set_ppid(*ppid);
  message.set_tty(record.tty());
  message.set_command(aggregate::CommandText(aggregate::CommandBitsOf(record.raw_command())));
  message.set_exit_status(acct::StatusOf(record.exit_code()));
  message.set_signal(acct::SignalOf(record.exit_code()));

  message.set_begin_seconds(record.begin_time());
  message.set_end_hundredths(record.end_hundredths());
  message.set_ticks_per_second(record.rate());
  if (record.has_valid_elapsed()) message.set_elapsed_ticks(record.elapsed_ticks());
  message.set_user_ticks(record.user_ticks());
  message.set_system_ticks(record.system_ticks());

  message.set_memory_kib(record.memory_kib());
  message.set_io(record.io());
  message.set_blocks(record.blocks());
  message.set_minor_faults(record.minor_faults());
  message.set_major_faults(record.major_faults());
  message.set_swaps(record.swaps());

  google::protobuf::io::StringOutputStream output(&bytes);
  google::protobuf::io::CodedOutputStream coded(&output);
  google::protobuf::util::SerializeDelimitedToCodedStream(message, &coded);
}

template void RecordStream::Append(const acct::RecordView& record, uint64_t offset,
                                   absl::string_view file, std::string& bytes);
template void RecordStream::Append(const acct::RecordV3View& record, uint64_t offset,
                                   absl::string_view file, std::string& bytes);

}  // namespace cpuagg::notify
