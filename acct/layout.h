// Where the fields of an accounting record stand (struct acct_v3 of linux/acct.h), in bytes.
// docs/accounting_format.md describes each of them.

#ifndef CPUAGG_ACCT_LAYOUT_H_
#define CPUAGG_ACCT_LAYOUT_H_

#include <cstddef>
#include <cstdint>

namespace cpuagg::acct {

// The length of a record of version 3 in bytes; a file is nothing but records.
inline constexpr size_t kRecordBytes = 64;

// The second byte of every record: its version, with kBigEndianBit set if a big-endian machine
// wrote it.
inline constexpr size_t kVersionOffset = 1;
inline constexpr uint8_t kBigEndianBit = 0x80;
inline constexpr uint8_t kVersion3 = 3;

// Every flag that linux/acct.h names: AFORK, ASU, ACOMPAT, ACORE, AXSIG, AGROUP.
inline constexpr uint8_t kKnownFlags = 0x3f;

namespace v3 {
inline constexpr size_t kFlag = 0;          // u8
inline constexpr size_t kUid = 8;           // u32
inline constexpr size_t kBeginTime = 24;    // u32, seconds since 1970
inline constexpr size_t kElapsed = 28;      // float32, ticks
inline constexpr size_t kUserTime = 32;     // comp_t, ticks
inline constexpr size_t kSystemTime = 34;   // comp_t, ticks
inline constexpr size_t kMemory = 36;       // comp_t, KiB
inline constexpr size_t kIo = 38;           // comp_t
inline constexpr size_t kMinorFaults = 42;  // comp_t
inline constexpr size_t kMajorFaults = 44;  // comp_t
inline constexpr size_t kCommand = 48;      // char[16]
inline constexpr size_t kCommandBytes = 16;
}  // namespace v3

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_LAYOUT_H_
