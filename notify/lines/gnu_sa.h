// What GNU sa 6.6.4 prints, byte for byte, for people who must compare. All of its quirks live
// here
// and in notify/lines/sa_reading.h:
//
//   - it reads slots of 64 bytes and trusts the version byte of each: what is misaligned becomes
//     garbage, zeros become processes of root, version 4 is read as version 3, and version 5 and
//     what is no version are passed over;
//   - names are cut (to 8 bytes by -u, to 32 by -m), ids without a name are signed numbers, and
//     users whose names are equal in 32 bytes are one user to -m;
//   - "k mem" is the size in KiB divided by the page size in KiB: on most machines a quarter;
//   - io is divided by the tick rate, as if it were a time;
//   - elapsed time is taken from the 24-bit field in version 2 alone, and a sum that is no number
//     has the sign of the first such time in it;
//   - -m accumulates floating-point numbers record by record and rounds once at the end, so ties
//     are decided by the accumulated error, and its rows need not add up to its total.

#ifndef CPUAGG_NOTIFY_LINES_GNU_SA_H_
#define CPUAGG_NOTIFY_LINES_GNU_SA_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "acct/record/record_v3_view.h"
#include "acct/record/record_view.h"
#include "acct/record/units.h"
#include "aggregate/names/user_directory.h"
#include "notify/lines/id_table.h"

namespace cpuagg::notify {

// `sa -u`: a line for every record, in file order.
class SaUserLines {
 public:
  // `names` must outlive this object.
  explicit SaUserLines(aggregate::UserDirectory& names);

  // Adds the record's line to `text`. `Record` is a RecordV3View or a RecordView.
  template <typename Record>
  void Append(const Record& record, std::string& text);

 private:
  // The name's column.
  using NameCell = std::array<char, 16>;
  NameCell NameCellOf(acct::Uid uid) const;

  aggregate::UserDirectory& names_;
  int page_kib_bits_;  // the size of a page in KiB is a power of two, this one
  IdTable<NameCell> name_cells_;
};

// `sa -m -i`: a line for every name, below one for all.
class SaUserSummary {
 public:
  // `names` must outlive this object.
  explicit SaUserSummary(aggregate::UserDirectory& names);

  // In file order: floating-point sums depend on it.
  void Add(const acct::RecordView& record);
  // Adds the records that [begin, end) begins with and that regular ones follow, as a sink of a
  // RecordScanner does, and returns how many bytes those were.
  size_t AddRegular(const uint8_t* begin, const uint8_t* end);

  bool empty() const { return all_.calls == 0; }
  // The lines. Names that are equal in all that sa sorts by are ordered by name; sa leaves their
  // order to its hash table.
  std::string Render() const;

 private:
  struct Sums {
    int64_t calls = 0;
    double user_seconds = 0;
    double system_seconds = 0;
    double memory = 0;
    double io = 0;
    double elapsed_seconds = 0;

    // Those of one process.
    static Sums Of(const acct::RecordView& record, double page_kib);
    static Sums OfRegular(acct::RecordV3View record, double page_kib);
    void Add(const Sums& process);
    std::string Line(const std::string& name) const;
  };

  Sums* SumsOf(acct::Uid uid);

  aggregate::UserDirectory& names_;
  double page_kib_;
  Sums all_;
  std::map<std::string, Sums> users_;  // by the first 32 bytes of the name
  IdTable<Sums*> users_by_uid_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_LINES_GNU_SA_H_
