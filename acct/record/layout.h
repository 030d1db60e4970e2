// The offsets, in bytes, of the fields of an accounting record: the four versions of struct acct
// and struct acct_v3 in linux/acct.h. docs/accounting_format.md describes each version.

#ifndef CPUAGG_ACCT_RECORD_LAYOUT_H_
#define CPUAGG_ACCT_RECORD_LAYOUT_H_

#include <cstddef>
#include <cstdint>

namespace cpuagg::acct {

// The length in bytes of a record of any version but 1.
inline constexpr size_t kRecordBytes = 64;

// The length of a packed record of version 1, which has no field for the tick rate. m68k, which
// wrote version 1, packs its records to this length. Other writers pad them to kRecordBytes.
inline constexpr size_t kPackedV1Bytes = 62;

// The first byte of every record: flags.
inline constexpr size_t kFlagOffset = 0;
// All flags that linux/acct.h names: AFORK, ASU, ACOMPAT, ACORE, AXSIG, AGROUP.
inline constexpr uint8_t kKnownFlags = 0x3f;

// The second byte of every record: its version, with kBigEndianBit set if a big-endian machine
// wrote it.
inline constexpr size_t kVersionOffset = 1;
inline constexpr uint8_t kBigEndianBit = 0x80;

// The length of ac_comm, without the terminating zero of versions 0 to 2.
inline constexpr size_t kCommandBytes = 16;

// The offset of a field that a version does not have.
inline constexpr uint8_t kAbsent = 0xff;

// Offsets of fields. Times are comp_t in ticks, unless the comment says otherwise.
struct Layout {
  uint8_t version;
  uint8_t uid16;         // u16, in addition to `uid`
  uint8_t gid16;         // u16, in addition to `gid`
  uint8_t tty;           // u16
  uint8_t exit_code;     // u32
  uint8_t uid;           // u32
  uint8_t gid;           // u32
  uint8_t pid;           // u32
  uint8_t ppid;          // u32
  uint8_t begin_time;    // u32, seconds since 1970
  uint8_t elapsed;       // comp_t; version 3: float32
  uint8_t elapsed_high;  // u8, followed by a u16: comp2_t
  uint8_t user_time;
  uint8_t system_time;
  uint8_t memory;  // comp_t, KiB
  uint8_t io;      // comp_t
  uint8_t blocks;  // comp_t
  uint8_t minor_faults;
  uint8_t major_faults;
  uint8_t swaps;
  uint8_t rate;     // u16, ticks a second
  uint8_t command;  // char[16], version 0 to 2: char[17]
};

inline constexpr Layout kVersion3 = {
    .version = 3,
    .uid16 = kAbsent,
    .gid16 = kAbsent,
    .tty = 2,
    .exit_code = 4,
    .uid = 8,
    .gid = 12,
    .pid = 16,
    .ppid = 20,
    .begin_time = 24,
    .elapsed = 28,
    .elapsed_high = kAbsent,
    .user_time = 32,
    .system_time = 34,
    .memory = 36,
    .io = 38,
    .blocks = 40,
    .minor_faults = 42,
    .major_faults = 44,
    .swaps = 46,
    .rate = kAbsent,
    .command = 48,
};

inline constexpr Layout kVersion2 = {
    .version = 2,
    .uid16 = 2,
    .gid16 = 4,
    .tty = 6,
    .exit_code = 32,
    .uid = 56,
    .gid = 60,
    .pid = kAbsent,
    .ppid = kAbsent,
    .begin_time = 8,
    .elapsed = 16,
    .elapsed_high = 53,
    .user_time = 12,
    .system_time = 14,
    .memory = 18,
    .io = 20,
    .blocks = 22,
    .minor_faults = 24,
    .major_faults = 26,
    .swaps = 28,
    .rate = 30,
    .command = 36,
};

// Version 2 without the tick rate.
inline constexpr Layout kVersion1 = [] {
  Layout layout = kVersion2;
  layout.version = 1;
  layout.rate = kAbsent;
  layout.exit_code = 30;
  layout.command = 34;
  layout.elapsed_high = 51;
  layout.uid = 54;
  layout.gid = 58;
  return layout;
}();

// Linux up to 2.6.7 wrote this version. The fields after the command were padding then, and so was
// the version byte. Therefore such a record does not show its byte order.
inline constexpr Layout kVersion0 = [] {
  Layout layout = kVersion2;
  layout.version = 0;
  layout.elapsed_high = kAbsent;
  return layout;
}();

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_RECORD_LAYOUT_H_
